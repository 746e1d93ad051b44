"""Temporary errors are retried after the wait that the server asks for; other errors are not."""

from __future__ import annotations

import email.utils
import hashlib
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import tenacity
from failures import the_error
from loopback import Fault, Reply, json_reply

from anyscribe.engines.remote.retry_after import plain_wait, read_wait
from anyscribe.engines.remote.retrying import usual_wait
from anyscribe.errors import UnavailableError
from anyscribe.events import Retrying, Sent

if TYPE_CHECKING:
    from pathlib import Path

    from asking import Asker
    from loopback import LoopbackServer
    from programs import Program

pytest_plugins = ["asking"]

HELLO = json_reply({"text": "hello"})
AT_ONCE = {"retry-after-ms": "1"}
PASSING = {
    "408": Reply(408),
    "409": Reply(409),
    "429": Reply(429, b'{"error": {"message": "slow down", "type": "rate_limit_exceeded"}}'),
    "500": Reply(500, b"oops", "text/plain"),
    "503": Reply(503, b"", None),
    "closed without an answer": Reply(fault=Fault.CLOSE),
    "reset": Reply(fault=Fault.RESET),
    "reset during the upload": Reply(read_bytes=5_000, fault=Fault.RESET),
    "closed during the upload": Reply(read_bytes=5_000, fault=Fault.CLOSE),
    "a reply cut off": Reply(body=b'{"text": "hel', fault=Fault.CUT),
    "a text cut off": Reply(body=b"hel", content_type="text/plain", fault=Fault.CUT),
    "chunks cut off": Reply(chunks=[b'{"text": "hel', b'lo"}'], fault=Fault.CUT),
    "a damaged reply": Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_tried_again(ask: Asker, server: LoopbackServer, media: Path, name: str) -> None:
    """After a temporary error the whole body is sent again, and the next reply is the result."""
    server.answer(PASSING[name], PASSING[name], HELLO)
    asked = ask(server.url)
    assert asked.error is None
    assert asked.answer is not None
    assert asked.answer.transcript.text == "hello"
    assert len(server.requests) == 3
    last = server.requests[-1]
    assert last.complete
    assert last.part("file").sha256 == hashlib.sha256((media / "hello.ogg").read_bytes()).hexdigest()
    assert [event.attempt for event in asked.said(Retrying)] == [1, 2]
    assert 0.25 <= asked.waits[0] <= 0.5 <= asked.waits[1] <= 1
    sent = asked.said(Sent)
    assert sent[-1].done_bytes == sent[-1].total_bytes == last.length


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_what_is_wrong_is_not_tried_again(ask: Asker, server: LoopbackServer, status: int) -> None:
    """A permanent refusal is not retried."""
    server.answer(json_reply({"error": {"message": "no"}}, status), HELLO)
    asked = ask(server.url)
    assert asked.error is not None
    assert (asked.waits, len(server.requests)) == ([], 1)


def test_an_empty_account_is_not_asked_again(ask: Asker, server: LoopbackServer) -> None:
    """A 429 that means an empty account is not temporary."""
    server.answer(json_reply({"error": {"message": "no", "code": "insufficient_quota"}}, 429, headers=AT_ONCE), HELLO)
    assert ask(server.url).waits == []


def test_the_attempts_end(ask: Asker, server: LoopbackServer) -> None:
    """After the last retry the last refusal is the error; without retries, the first."""
    server.answer(Reply(503, b"loading", "text/plain"))
    asked = ask(server.url, retries=2)
    assert isinstance(asked.error, UnavailableError)
    assert "503" in str(asked.error.message)
    assert "loading" in str(asked.error.message)
    assert (len(asked.waits), len(server.requests)) == (2, 3)
    assert (ask(server.url, retries=0).waits, len(server.requests)) == ([], 4)


NOW = datetime(2026, 10, 21, 7, 28, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("headers", "wait_seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": " 0.25 "}, 0.25),
        ({"retry-after": ".5"}, 0.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "12.5", "retry-after": "60"}, 0.0125),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 -0000"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 09:28:30 +0200"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 GMT"}, 0),
        ({"retry-after": "Wed, 99 Oct 2026"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1" * 400}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_waits_are_read(headers: dict[str, str], wait_seconds: float | None) -> None:
    """Milliseconds override seconds, seconds may be fractional or a date, and unreadable values are ignored."""
    assert read_wait(headers, NOW) == wait_seconds


def test_own_waits_grow() -> None:
    """Without a wait from the server, waits double from 0.5 to 8 seconds, minus a random share of up to half."""
    for attempt, longest in [*enumerate([0.5, 1, 2, 4, 8, 8, 8], start=1), (10_000, 8)]:
        state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
        state.attempt_number = attempt
        waits = {usual_wait(state) for _ in range(50)}
        assert longest / 2 <= min(waits) < max(waits) <= longest


def test_waits_are_spoken() -> None:
    """A wait is shown in a readable unit and rounded up."""
    spoken = [plain_wait(seconds) for seconds in (121, 121.2, 179, 180, 181, 3600, 10800, 86400)]
    assert spoken == ["121 s", "122 s", "179 s", "3 minutes", "4 minutes", "60 minutes", "3 hours", "24 hours"]


@pytest.mark.parametrize(
    ("headers", "wait_seconds"),
    [({"Retry-After": "1.5"}, 1.5), ({"Retry-After": "120"}, 120), ({"Retry-After-Ms": "7"}, 0.007)],
)
def test_waits_are_kept(ask: Asker, server: LoopbackServer, headers: dict[str, str], wait_seconds: float) -> None:
    """The engine waits exactly as long as the server asks."""
    server.answer(Reply(429, b"", headers=headers), HELLO)
    asked = ask(server.url)
    assert (asked.error, asked.waits) == (None, [wait_seconds])


def test_a_date_is_waited_for(ask: Asker, server: LoopbackServer) -> None:
    """A date is converted to a wait from now."""
    date = email.utils.formatdate(time.time() + 60, usegmt=True)
    server.answer(Reply(503, b"", headers={"Retry-After": date}), HELLO)
    (wait_seconds,) = ask(server.url).waits
    assert 30 < wait_seconds <= 60


@pytest.mark.parametrize(("after", "when"), [("121", "121 s"), ("1800", "30 minutes")])
def test_a_long_wait_ends_the_attempts(ask: Asker, server: LoopbackServer, after: str, when: str) -> None:
    """A wait of more than two minutes ends the attempts, and the error says when to retry."""
    server.answer(Reply(429, b"limit reached", "text/plain", {"Retry-After": after}), HELLO)
    asked = ask(server.url)
    assert isinstance(asked.error, UnavailableError)
    assert "limit reached" in str(asked.error.message)
    assert when in str(asked.error.remedy)
    assert (asked.waits, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(("status", "said", "requests"), [(400, "true", 2), (503, "false", 1)])
def test_the_server_may_decide(ask: Asker, server: LoopbackServer, status: int, said: str, requests: int) -> None:
    """x-should-retry overrides the status."""
    server.answer(Reply(status, b"", headers={"x-should-retry": said}), HELLO)
    ask(server.url)
    assert len(server.requests) == requests


def test_the_program_tries_again(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A temporary refusal is reported and waited for, and the run succeeds."""
    server.answer(Reply(429, b"slow\x1b[1m down", "text/plain", AT_ONCE), Reply(fault=Fault.CLOSE), HELLO)
    run = anyscribe(media / "hello.ogg", base_url=server.url)
    assert (run.code, run.text, len(server.requests)) == (0, "hello\n", 3)
    assert [line for line in run.err_lines if "retrying in" in line] == run.err_lines
    assert re.search(r"429: slow\\x1b\[1m down; .*\n.*closed the connection without an answer; ", run.err)


def test_the_program_gives_up(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A server that keeps refusing ends the run with exit code 5 after the allowed number of retries."""
    server.answer(Reply(502, b"<h1>Bad Gateway</h1>", "text/html", AT_ONCE))
    error = the_error(anyscribe(media / "hello.ogg", "--retries", "2", base_url=server.url), 5)
    assert "502: Bad Gateway" in error
    assert len(server.requests) == 3
    the_error(anyscribe(media / "hello.ogg", base_url=server.url, env={"ANYSCRIBE_RETRIES": "0"}), 5)
    assert len(server.requests) == 4
