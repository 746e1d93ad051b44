"""A broken stream is an error, never a transcript, and text that was already emitted is not emitted again."""

from __future__ import annotations

import gzip
import itertools
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3.exceptions
from loopback import Fault, Reply, json_reply
from test_remote_secrets import SECRET, assert_hidden
from test_remote_streams import HELLO, STREAM, endless, streamed, the_text, zipped
from test_remote_streams_dialects import delta, done, wire

from anyscribe.audio import probe
from anyscribe.engines.remote import Endpoint, RemoteEngine
from anyscribe.engines.remote.replies import EmptyReplyError
from anyscribe.errors import (
    AccessDeniedError,
    FormatRefusedError,
    OutputError,
    RequestRefusedError,
    ServerError,
    UnavailableError,
    UnreadableReplyError,
)
from anyscribe.events import Delta, Event, Retrying, Sent, Trace
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from asking import Asker
    from loopback import LoopbackServer

pytest_plugins = ["asking"]


def failing(*first: bytes) -> Iterator[bytes]:
    """Yield chunks, then break the connection."""
    yield from first
    raise ConnectionAbortedError


# The ways in which a stream can end before its text does, after any chunks.
CUTS: dict[str, Callable[[Sequence[bytes]], Reply]] = {
    "its end is missing": streamed,
    "the connection ends": lambda chunks: streamed(failing(*chunks)),
    "the last chunk is missing": lambda chunks: streamed(chunks, fault=Fault.CUT),
    "an old server leaves": lambda chunks: streamed(chunks, http10=True),
    "it is shorter than promised": lambda chunks: Reply(body=b"".join(chunks), content_type=STREAM, fault=Fault.CUT),
    "half an event": lambda chunks: streamed([*chunks, HELLO[-1][:-20]]),
    "half a character": lambda chunks: streamed([*chunks, 'data: {"type": "transcript.text.delta": "ü'.encode()[:-1]]),
    "half of the mark": lambda chunks: streamed([*chunks, b"data: [DO"]),
    "damage": lambda chunks: streamed(
        itertools.chain(zipped(chunks), [b"no gzip"]), headers={"Content-Encoding": "gzip"}
    ),
    "half of it is missing": lambda chunks: streamed(
        [gzip.compress(b"".join([*chunks, *HELLO[-1:]]))[:-12]], headers={"Content-Encoding": "gzip"}
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_stream_that_is_cut_off(ask: Asker, server: LoopbackServer, name: str) -> None:
    """After emitted text, a cut is an error that says how much arrived, without a retry."""
    server.answer(CUTS[name](HELLO[:2]), json_reply({"text": "no"}))
    asked = ask(server.url, stream=True)
    assert isinstance(asked.error, UnavailableError)
    assert asked.deltas == ["Hello", " you"]
    assert (asked.waits, len(server.requests)) == ([], 1)
    assert f"the stream from 127.0.0.1:{server.port} was cut off after 9 characters" in str(asked.error.message)
    assert "the text so far is incomplete" in str(asked.error)


@pytest.mark.parametrize("name", CUTS)
def test_a_stream_that_is_cut_off_before_its_text(ask: Asker, server: LoopbackServer, name: str) -> None:
    """Before any emitted text, a cut is retried, and the text is emitted once."""
    server.answer(CUTS[name]([b": hello\n\n"]), streamed(HELLO))
    asked = ask(server.url, stream=True)
    assert the_text(asked) == "Hello you"
    assert asked.deltas == ["Hello", " you"]
    (retrying,) = asked.said(Retrying)
    assert "cut off before any text" in retrying.reason


@pytest.mark.parametrize("content_type", [STREAM, "application/json", "text/plain"])
def test_a_connection_that_is_reset(ask: Asker, server: LoopbackServer, content_type: str) -> None:
    """A connection reset during a reply of any kind leaves a partial reply."""
    body = wire(delta("Hello")) if content_type == STREAM else b'{"text": "Hel'

    def torn() -> Iterator[bytes]:
        yield body
        for connection in list(server._connections):  # noqa: SLF001 - the only way during a reply
            server.reset(connection)

    server.answer(streamed(torn(), content_type, fault=Fault.CUT, chunk_delay_s=0.05), json_reply({"text": "again"}))
    asked = ask(server.url, stream=True)
    if content_type == STREAM:
        assert "cut off after 5 characters" in str(asked.error)
        assert asked.deltas == ["Hello"]
    else:
        assert (asked.error, asked.deltas) == (None, ["again"])
        assert "was cut off" in asked.said(Retrying)[0].reason


def test_what_was_not_told_can_be_asked_for_again(ask: Asker, server: LoopbackServer) -> None:
    """If no stream was requested, a cut stream emits no text and is retried."""
    server.answer(streamed(HELLO[:2]), json_reply({"text": "Hello you"}))
    asked = ask(server.url)
    assert asked.answer is not None
    assert (asked.answer.transcript.text, asked.deltas, len(server.requests)) == ("Hello you", [], 2)


@pytest.mark.parametrize("told", [0, 2])
def test_a_stream_that_falls_silent(ask: Asker, server: LoopbackServer, told: int) -> None:
    """A pause longer than the read timeout is a cut, too."""
    pause = threading.Event()

    def falls_silent() -> Iterator[bytes]:
        yield from [b": hello\n\n", *HELLO[:told]]
        pause.wait(10)

    server.answer(streamed(falls_silent()), json_reply({"text": "again"}))
    began = time.monotonic()
    asked = ask(server.url, stream=True, read_seconds=0.3)
    pause.set()
    assert time.monotonic() - began < 5
    if told:
        assert isinstance(asked.error, UnavailableError)
        assert "nothing arrived for 0.3 s" in str(asked.error)
        assert "timeout sets" in str(asked.error.remedy)
        assert (asked.deltas, len(server.requests)) == (["Hello", " you"], 1)
    else:
        assert (asked.deltas, len(server.requests)) == (["again"], 2)


QUOTA = {"message": "x", "type": "insufficient_quota", "code": "insufficient_quota"}
# For each: what the server reports, the error, whether it is temporary.
REPORTED: dict[str, tuple[object, type[ServerError], bool]] = {
    "a status": ({"error": {"message": "x", "code": 503}}, UnavailableError, True),
    "a status as text": ({"error": {"message": "x", "code": "400"}}, RequestRefusedError, False),
    "vLLM": ({"error": {"message": "x", "type": "BadRequestError", "code": 400}}, RequestRefusedError, False),
    "no key": ({"error": {"message": "x", "code": 401}}, AccessDeniedError, False),
    "a bad key": (
        {"error": {"message": "x", "type": "invalid_request_error", "code": "invalid_api_key"}},
        AccessDeniedError,
        False,
    ),
    "no credit": ({"error": {"message": "x", "code": 402}}, AccessDeniedError, False),
    "no quota": ({"error": QUOTA}, AccessDeniedError, False),
    "no quota, and a status": ({"error": {**QUOTA, "code": 429}}, AccessDeniedError, False),
    "too many": ({"error": {"message": "x", "code": "429"}}, UnavailableError, True),
    "OpenAI's request": ({"error": {"message": "x", "type": "invalid_request_error"}}, RequestRefusedError, False),
    "OpenAI's server": (("error", {"error": {"message": "x", "type": "server_error"}}), UnavailableError, True),
    "a code that is no status": ({"error": {"message": "x", "code": 1503}}, UnavailableError, True),
    "another code that is none": ({"error": {"message": "x", "code": 7}}, UnavailableError, True),
    "a text": (("error", "x"), UnavailableError, True),
    "FastAPI": ({"detail": "x"}, UnavailableError, True),
    "a format": ({"error": {"message": "x", "code": 400, "param": "response_format"}}, FormatRefusedError, False),
}


@pytest.mark.parametrize("name", REPORTED)
def test_an_error_before_the_text(ask: Asker, server: LoopbackServer, name: str) -> None:
    """An error that arrives as an event is the same error as in a reply."""
    event, kind, passing = REPORTED[name]
    server.answer(streamed([wire(event), wire("[DONE]")], headers={"x-request-id": "req_7"}))
    asked = ask(server.url, stream=True, retries=1)
    assert type(asked.error) is kind
    assert "x" in str(asked.error.message)
    assert asked.error.request_id == "req_7"
    assert len(server.requests) == 1 + passing


@pytest.mark.parametrize("name", REPORTED)
def test_an_error_amid_the_text(ask: Asker, server: LoopbackServer, name: str) -> None:
    """After emitted text, no error is retried, neither in the same nor in another format."""
    event, kind, _ = REPORTED[name]
    server.answer(streamed([*HELLO[:2], wire(event), *HELLO]))
    asked = ask(server.url, stream=True)
    assert type(asked.error) is (RequestRefusedError if kind is FormatRefusedError else kind)
    assert (asked.deltas, asked.waits, len(server.requests)) == (["Hello", " you"], [], 1)


def test_an_error_that_passes_is_asked_about_again(ask: Asker, server: LoopbackServer) -> None:
    """A temporary error is retried as long as no text was emitted."""
    server.answer(streamed([wire({"error": {"message": "overloaded", "code": 503}})]), streamed(HELLO))
    asked = ask(server.url, stream=True)
    assert (the_text(asked), asked.deltas, len(asked.waits)) == ("Hello you", ["Hello", " you"], 1)


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([*HELLO[:1], b"data: Oops <b>it</b> broke\n\n"], "begins: Oops <b>it</b> broke)"),
        ([b'data: {"text": "a"}\n\n', wire("[DONE]")], 'begins: {"text": "a"})'),
        ([b"data: " + b"x" * 1000 + b"\n\n"], "x…)"),
    ],
)
def test_a_stream_that_cannot_be_read(ask: Asker, server: LoopbackServer, chunks: list[bytes], message: str) -> None:
    """Broken data is an error that shows it, without a retry."""
    server.answer(streamed(chunks, headers={"x-request-id": "req_7"}))
    asked = ask(server.url, stream=True)
    assert isinstance(asked.error, UnreadableReplyError)
    assert message in str(asked.error.message)
    assert f"content type {STREAM}" in str(asked.error.message)
    assert (asked.error.status, asked.error.request_id) == (200, "req_7")
    assert len(asked.error.message) < 450
    assert (asked.waits, len(server.requests)) == ([], 1)


def test_a_stream_without_bounds_is_left(ask: Asker, server: LoopbackServer) -> None:
    """Neither one event nor all of them together may fill the memory."""
    megabytes = itertools.chain([b"data: "], itertools.repeat(b"x" * (1 << 20)))
    server.answer(streamed(zipped(megabytes), headers={"Content-Encoding": "gzip"}))
    assert "longer than 33,554,432 bytes" in str(ask(server.url, stream=True).error)


def test_the_key_is_not_in_what_a_stream_says(ask: Asker, server: LoopbackServer) -> None:
    """A key repeated in a stream is shown nowhere but in the text."""
    broken = b"data: " + b"x" * 180 + SECRET.encode() + b"\n\n"
    escaped = b'data: {"error": "%b"}\n\n' % SECRET.replace("/", "\\/").encode()
    for chunks in (
        [wire({"error": {"message": f"bad key {SECRET}", "code": 401, "param": SECRET}})],
        [wire(("error", "x" * 182 + SECRET))],
        [wire({"error": "x" * 482 + SECRET})],
        [escaped],
        [broken],
        [wire(delta(SECRET)), broken],
        [wire(done(None, segments=SECRET), done(SECRET))],
    ):
        server.answer(streamed(chunks, f"text/event-stream; {SECRET}", headers={"x-request-id": SECRET}))
        asked = ask(server.url, stream=True, key=SECRET, retries=0)
        assert asked.error is not None
        assert_hidden(f"{asked.error} {asked.error.message} {asked.error.remedy}")
        assert_hidden("\n".join(event.message for event in asked.said(Trace)))


class StopError(BaseException):
    """Raised by a callback; not an Exception."""


RAISED = [
    OSError("disk full"),
    ConnectionResetError(104, "reset"),
    BrokenPipeError(32, "pipe"),
    TimeoutError("late"),
    UnicodeError("no text"),
    ValueError("x"),
    requests.exceptions.ChunkedEncodingError("cut"),
    urllib3.exceptions.ProtocolError("cut"),
    OutputError("cannot write"),
    UnavailableError("x"),
    EmptyReplyError("x"),
    StopIteration("x"),
    KeyboardInterrupt(),
    StopError(),
]


@pytest.mark.parametrize("kind", [Sent, Trace, Delta, Retrying])
@pytest.mark.parametrize("raised", RAISED, ids=lambda raised: type(raised).__name__)
def test_who_listens_may_end_it(ask: Asker, server: LoopbackServer, raised: BaseException, kind: type[Event]) -> None:
    """What a callback raises propagates unchanged, without a retry, and the connection is closed."""
    watched = endless(*HELLO[:2])
    first = streamed([b": hello\n\n"]) if kind is Retrying else streamed(watched)
    server.answer(first, streamed(HELLO))

    def listen(event: Event) -> None:
        if isinstance(event, kind):
            raise raised

    try:
        caught: BaseException | None = ask(server.url, stream=True, listen=listen).error
    except BaseException as error:  # noqa: BLE001 - any of them
        caught = error
    assert caught is raised
    assert len(server.requests) <= 1
    if kind is Delta:
        assert watched.is_over.wait(10)
        assert not server.closing.is_set()


def test_who_left_can_come_back(ask: Asker, server: LoopbackServer, media: Path) -> None:
    """After a cancelled request, the same engine transcribes the next recording."""
    assert ask  # removes the proxies
    server.answer(streamed(endless(*HELLO[:2])), streamed(HELLO))
    engine = RemoteEngine(Endpoint(server.url), connect_seconds=30, read_seconds=30, retries=0)
    request = TranscriptionRequest(ResponseFormat.TEXT, stream=True)

    def listen(event: Event) -> None:
        if isinstance(event, Delta):
            raise StopError

    with pytest.raises(StopError):
        engine.transcribe(request, probe(media / "hello.ogg"), listen)
    answer = engine.transcribe(request, probe(media / "hello.ogg"), lambda _: None)
    assert answer.transcript.text == "Hello you"
