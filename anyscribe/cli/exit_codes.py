"""What the process says when it ends."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from anyscribe import errors

if TYPE_CHECKING:
    from anyscribe.batch.run import Report


class ExitCode(IntEnum):
    """The process's exit codes, as the README lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SOME_FAILED = 3
    DENIED = 4
    UNAVAILABLE = 5
    NOT_AUDIO = 6
    DOUBTED = 7
    INTERRUPTED = 130
    TERMINATED = 143


_CODES: dict[type[errors.AnyscribeError], ExitCode] = {
    errors.UsageError: ExitCode.USAGE,
    errors.MissingExtraError: ExitCode.USAGE,
    errors.AudioError: ExitCode.NOT_AUDIO,
    errors.AccessDeniedError: ExitCode.DENIED,
    errors.UnavailableError: ExitCode.UNAVAILABLE,
    errors.AnyscribeError: ExitCode.FAILED,
}


def code_of(error: errors.AnyscribeError) -> ExitCode:
    """Find the exit code of an error: that of its class, or of the nearest one above it."""
    return next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)


def code_of_run(report: Report, *, strict: bool = False) -> ExitCode:
    """Find the exit code of a run.

    Args:
        report: What became of each recording.
        strict: Whether a transcript that does not look whole counts.

    Returns:
        0 where all were done, or 7 where it counts that one of them does not look whole; 3 where some were done, the
        reason's code where none was and all for one reason, else 1.
    """
    codes = {code_of(error) for _, error in report.failed}
    if not codes:
        return ExitCode.DOUBTED if strict and report.doubted else ExitCode.DONE
    if report.done:
        return ExitCode.SOME_FAILED
    return codes.pop() if len(codes) == 1 else ExitCode.FAILED
