"""The process's exit codes."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from anyscribe import errors
from anyscribe.stopping import Terminated

if TYPE_CHECKING:
    from anyscribe.batch.job_runner import Report


class ExitCode(IntEnum):
    """The process's exit codes; `MEANINGS` explains them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SOME_FAILED = 3
    DENIED = 4
    UNAVAILABLE = 5
    NOT_AUDIO = 6
    INCOMPLETE = 7
    FINDINGS = 8
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: Final = {
    ExitCode.DONE: "Every input is done.",
    ExitCode.FAILED: "Failed.",
    ExitCode.USAGE: "The command line is wrong; nothing was sent.",
    ExitCode.SOME_FAILED: "Some inputs are done and some failed; the last lines name those that failed.",
    ExitCode.DENIED: "Not allowed, or out of credit (401, 402, 403, insufficient quota).",
    ExitCode.UNAVAILABLE: "The server could not be reached or kept refusing (network, 429, 5xx) after the retries.",
    ExitCode.NOT_AUDIO: "The input cannot be read as audio.",
    ExitCode.INCOMPLETE: "With --strict: every input is done, but a transcript looks incomplete.",
    ExitCode.FINDINGS: "anyscribe lint has found something, or has left it.",
    ExitCode.INTERRUPTED: "Interrupted by Ctrl-C; what was finished is kept.",
    ExitCode.TERMINATED: "Ended by a signal (SIGTERM, SIGHUP); what was finished is kept.",
}

_CODES: dict[type[BaseException], ExitCode] = {
    errors.UsageError: ExitCode.USAGE,
    errors.MissingExtraError: ExitCode.USAGE,
    errors.DiarizerUnavailableError: ExitCode.USAGE,
    errors.AudioError: ExitCode.NOT_AUDIO,
    errors.AccessDeniedError: ExitCode.DENIED,
    errors.UnavailableError: ExitCode.UNAVAILABLE,
    errors.ClusterError: ExitCode.UNAVAILABLE,
    errors.ClosedPipeError: ExitCode.DONE,
    KeyboardInterrupt: ExitCode.INTERRUPTED,
    Terminated: ExitCode.TERMINATED,
    BaseException: ExitCode.FAILED,
}


def code_of(error: BaseException) -> ExitCode:
    """Return the exit code of an error, or of what else ends a run: that of its class, or of the nearest one above it.

    Args:
        error: The error.
    """
    return next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)


def code_of_run(report: Report, *, strict: bool = False) -> ExitCode:
    """Return the exit code of a run.

    Args:
        report: How each recording ended.
        strict: Whether a transcript that looks incomplete counts.

    Returns:
        0 if all were done, or 7 if one of them looks incomplete and that counts; 3 if some were done, the reason's code
        if none was and all for one reason, otherwise 1.
    """
    codes = {code_of(error) for _, error in report.failed}
    if not codes:
        return ExitCode.INCOMPLETE if strict and report.incomplete else ExitCode.DONE
    if report.done or report.there:
        return ExitCode.SOME_FAILED
    return codes.pop() if len(codes) == 1 else ExitCode.FAILED
