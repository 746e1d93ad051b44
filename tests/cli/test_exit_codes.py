"""The exit code tells how a run ended, according to the table of the command line."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from loopback import Fault, Reply, json_reply

from anyscribe import errors
from anyscribe.batch.job_runner import Report
from anyscribe.cli.exit_codes import ExitCode, code_of, code_of_run

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

GOOD = json_reply({"text": "hello"})
BAD_REQUEST = json_reply({"error": {"message": "no"}}, 400)
DENIED = json_reply({"error": {"message": "no"}}, 401)
BROKEN = json_reply({"error": {"message": "no"}}, 500)


@pytest.mark.parametrize(
    ("reply", "arguments", "code"),
    [
        (GOOD, ["a.ogg"], 0),
        (GOOD, ["a.ogg", "b.ogg"], 0),
        (BAD_REQUEST, ["a.ogg"], 1),
        (BAD_REQUEST, ["a.ogg", "b.ogg"], 1),
        (Reply(body=b"<html>", content_type="text/html"), ["a.ogg"], 1),
        (GOOD, ["a.ogg", "--format", "pdf"], 2),
        (GOOD, ["a.ogg", "--no-such-flag"], 2),
        (GOOD, ["a.ogg", "--jobs", "0"], 2),
        (GOOD, ["a.ogg", "gone.ogg"], 3),
        (DENIED, ["a.ogg"], 4),
        (DENIED, ["a.ogg", "b.ogg"], 4),
        (BROKEN, ["a.ogg", "--retries", "0"], 5),
        (BROKEN, ["a.ogg", "b.ogg", "--retries", "0"], 5),
        (json_reply({"error": {"message": "slow down"}}, 429), ["a.ogg", "--retries", "0"], 5),
        (Reply(fault=Fault.CLOSE), ["a.ogg", "--retries", "0"], 5),
        (GOOD, ["gone.ogg"], 6),
        (GOOD, ["gone.ogg", "lost.ogg"], 6),
        (BROKEN, ["a.ogg", "gone.ogg", "--retries", "0"], 1),
    ],
)
def test_exit_code(anyscribe: Program, server: LoopbackServer, reply: Reply, arguments: list[str], code: int):
    """One failure gives its own code, several of one kind that kind's, several kinds give 1, and partial success 3."""
    place(anyscribe.cwd, "a.ogg", "b.ogg")
    server.answer(reply)
    run = anyscribe(*arguments, base_url=server.url)
    assert run.code == code
    assert (code == 0) == ("error: " not in run.err)
    assert code != 2 or server.requests == []


def test_unreachable_server(anyscribe: Program, tmp_path: Path):
    """A server that cannot be reached gives code 5."""
    place(tmp_path, "a.ogg")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert anyscribe("a.ogg", "--retries", "0", base_url=f"http://127.0.0.1:{port}/v1").code == 5


def test_everything_kept_is_success(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If all results exist already, nothing is left to do, which is 0; if one failed, some are done, which is 3."""
    place(tmp_path, "a.ogg", "b.ogg")
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    assert anyscribe(".", base_url=server.url).code == 0
    assert anyscribe(".", "gone.ogg", base_url=server.url).code == 3
    assert server.requests == []


def test_every_error_has_a_code():
    """Each error class has the code of its nearest ancestor in the table."""
    codes = {
        errors.AnyscribeError: 1,
        errors.UsageError: 2,
        errors.AudioError: 6,
        errors.OutputError: 1,
        errors.FullDiskError: 1,
        errors.BudgetError: 1,
        errors.ClusterError: 5,
        errors.EngineError: 1,
        errors.AlignerUnavailableError: 1,
        errors.DiarizerUnavailableError: 2,
        errors.ModelUnavailableError: 1,
        errors.ServerError: 1,
        errors.RequestRefusedError: 1,
        errors.FormatRefusedError: 1,
        errors.UnknownModelError: 1,
        errors.TooLargeError: 1,
        errors.AccessDeniedError: 4,
        errors.UnavailableError: 5,
        errors.UnreadableReplyError: 1,
    }
    assert {kind: int(code_of(kind("what"))) for kind in codes} == codes
    assert code_of(errors.MissingExtraError("what", extra="local")) is ExitCode.USAGE
    assert code_of(errors.FieldError("model", "m", "what")) is ExitCode.USAGE
    assert code_of(errors.DefectError(ValueError("what"))) is ExitCode.FAILED
    others = {errors.MissingExtraError, errors.OptionError, errors.FieldError, errors.DefectError}
    assert {*codes, *others} == set(all_kinds(errors.AnyscribeError))


def all_kinds(kind: type[errors.AnyscribeError]) -> list[type[errors.AnyscribeError]]:
    """Return an error class and all its subclasses, except those that never leave their module."""
    below = [inner for child in kind.__subclasses__() for inner in all_kinds(child)]
    return [one for one in (kind, *below) if one.__module__ == errors.__name__]


def test_untried_recordings_do_not_hide_the_reason():
    """A run that was stopped by a denial, such as a lack of credit, ends with that error's code."""
    report = Report(failed=[(None, errors.AccessDeniedError("no"))], untried=[None])  # type: ignore[list-item] # only counted
    assert code_of_run(report) is ExitCode.DENIED
