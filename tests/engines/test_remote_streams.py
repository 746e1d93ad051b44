"""A streamed reply is emitted as it arrives, and any other reply is emitted whole."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from loopback import Reply, json_reply
from test_remote_streams_dialects import CASES, delta, done, wire

from anyscribe.engines.remote import Endpoint, RemoteEngine
from anyscribe.engines.remote.error_replies import Sender, read_refusal
from anyscribe.errors import FieldError, FormatRefusedError, RequestRefusedError, ServerError, UsageError
from anyscribe.events import Delta, Trace
from anyscribe.request import Granularity, ResponseFormat, TranscriptionRequest
from anyscribe.result import Result, ServerRendering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from asking import Asked, Asker
    from loopback import LoopbackServer

pytest_plugins = ["asking"]

STREAM = "text/event-stream; charset=utf-8"
HELLO = [wire(delta("Hello")), wire(delta(" you")), wire(done("Hello you"))]


def streamed(chunks: Iterable[bytes], content_type: str = STREAM, **options: Any) -> Reply:
    """Return a streamed reply; each chunk is sent when it is produced."""
    return Reply(content_type=content_type, chunks=chunks, **options)  # type: ignore[arg-type] # only iterated


def test_who_reads_no_stream_loads_nothing_for_it() -> None:
    """Modules that only streams need are imported with the first stream."""
    module = "anyscribe.engines.remote.transcript_stream"
    code = f"import sys, anyscribe.engines.remote; print({module!r} in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


class Watched:
    """Chunks of a stream, and the time at which the server stopped sending: at their end or when the client left.

    Args:
        chunks: The chunks.
        pause_s: The wait in seconds before each chunk.
    """

    def __init__(self, chunks: Iterable[bytes], pause_s: float = 0.0) -> None:
        self._chunks = chunks
        self._pause_s = pause_s
        self.sent_s: list[float] = []
        self.is_over = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._chunks:
                time.sleep(self._pause_s)
                self.sent_s.append(time.monotonic())
                yield chunk
        finally:
            self.is_over.set()


def endless(*first: bytes) -> Watched:
    """Return a stream of these chunks, followed by endless comments."""
    return Watched(itertools.chain(first, itertools.repeat(b": keep-alive\n\n")), pause_s=0.01)


def the_text(asked: Asked) -> str:
    """Return the text of the result."""
    assert asked.answer is not None, asked.error
    assert asked.answer.rendering is None
    return asked.answer.transcript.text


@pytest.mark.parametrize("name", CASES)
def test_every_dialect_is_told_as_it_comes(ask: Asker, server: LoopbackServer, name: str) -> None:
    """A stream in any dialect becomes its transcript, and its deltas are emitted."""
    case = CASES[name]
    server.answer(streamed([case.body[:20], case.body[20:]]))
    asked = ask(server.url, stream=True)
    assert asked.answer is not None
    assert asked.answer == Result(case.transcript)
    assert asked.deltas == case.told
    (request,) = server.requests
    assert request.fields["stream"] == ["true"]


def zipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress chunks so that each can be decompressed when it arrives."""
    packer = zlib.compressobj(wbits=31)
    for chunk in chunks:
        yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    ("end", "options"),
    [
        (b"\n\n", {}),
        (b"\r\r", {}),
        (b"\r\n\r\n", {"http10": True}),
        (b"\n\n", {"headers": {"Content-Encoding": "gzip"}}),
        (b"\n\n", {"headers": {"Content-Encoding": "gzip"}, "http10": True}),
        (b"\n\n", {"content_type": "text/plain"}),
        (b"\n\n", {"content_type": "application/json", "http10": True}),
    ],
)
def test_a_piece_is_told_at_once(ask: Asker, server: LoopbackServer, end: bytes, options: dict[str, Any]) -> None:
    """Each delta is emitted within a few milliseconds of being sent, for every transfer encoding."""
    body = [wire(delta(f" {number}")).replace(b"\n\n", end) for number in range(20)] + [wire(done(""))]
    watched = Watched(zipped(body) if "headers" in options else body, pause_s=0.02)
    server.answer(streamed(watched, **options))
    told_s: list[float] = []
    asked = ask(
        server.url, stream=True, listen=lambda event: told_s.append(time.monotonic()) if type(event) is Delta else None
    )
    assert the_text(asked) == " ".join(map(str, range(20)))
    waits_s = sorted(told - sent for sent, told in zip(watched.sent_s, told_s, strict=False))
    assert len(waits_s) == 20
    assert waits_s[10] < 0.02, waits_s
    assert waits_s[0] >= 0


def test_the_end_of_the_text_is_the_end(ask: Asker, server: LoopbackServer) -> None:
    """After the end of the text the client closes the connection without waiting for the server."""
    watched = endless(*HELLO)
    server.answer(streamed(watched))
    assert the_text(ask(server.url, stream=True)) == "Hello you"
    assert watched.is_over.wait(10)
    assert not server.closing.is_set()


def test_a_stream_that_was_not_requested(ask: Asker, server: LoopbackServer) -> None:
    """An unrequested stream becomes the transcript, without deltas."""
    server.answer(streamed(HELLO))
    asked = ask(server.url)
    assert (the_text(asked), asked.deltas) == ("Hello you", [])


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/event-stream", "", "text/html"])
def test_a_stream_by_any_name(ask: Asker, server: LoopbackServer, content_type: str) -> None:
    """A stream is detected by its shape, for any content type."""
    server.answer(streamed(HELLO, content_type))
    asked = ask(server.url, stream=True)
    assert (the_text(asked), asked.deltas) == ("Hello you", ["Hello", " you"])


def test_a_stream_that_was_collected(ask: Asker, server: LoopbackServer) -> None:
    """A whole stream wrapped in JSON by a gateway is read."""
    server.answer(json_reply({"text": b"".join(HELLO).decode()}))
    asked = ask(server.url, stream=True)
    assert (the_text(asked), asked.deltas) == ("Hello you", ["Hello", " you"])
    server.answer(json_reply({"text": HELLO[0].decode()}))
    assert "cut off" in str(ask(server.url, stream=True).error)


SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello you\n"


@pytest.mark.parametrize(
    ("body", "content_type", "wire_format"),
    [
        (b'{"text": "Hello you"}', "application/json", "json"),
        (b'{"text": "Hello you"}', "text/event-stream", "json"),
        (b"Hello you\n", "text/plain", "text"),
        (SRT, "text/plain", "srt"),
        (b'{"text": "Hello you", "segments": []}', "application/json", "verbose_json"),
    ],
)
def test_a_whole_reply_is_told_whole(
    ask: Asker, server: LoopbackServer, body: bytes, content_type: str, wire_format: str
) -> None:
    """A reply from a server that ignores the stream field is read normally and emitted as one delta."""
    for http10 in (False, True):
        server.answer(Reply(body=body, content_type=content_type, http10=http10))
        asked = ask(server.url, stream=True)
        assert asked.answer is not None
        assert asked.answer.transcript.text == "Hello you"
        assert asked.answer.rendering == ServerRendering(ResponseFormat(wire_format), body)
        assert asked.deltas == ["Hello you"]
        assert ask(server.url).deltas == []


def test_silence_is_not_told(ask: Asker, server: LoopbackServer) -> None:
    """An empty transcript emits no delta."""
    server.answer(json_reply({"text": ""}), streamed([wire(done(""))]))
    assert [ask(server.url, stream=True).events.count(Delta("")) for _ in range(2)] == [0, 0]


def test_a_stream_can_be_watched(ask: Asker, server: LoopbackServer) -> None:
    """The trace reports the start of a stream, its content type and its number of events."""
    server.answer(streamed(HELLO), streamed([HELLO[0]]))
    *_, begins, ends = [event.message for event in ask(server.url, stream=True).said(Trace)]
    assert (begins, ends) == (f"< a stream begins ({STREAM})", "< the stream is complete after 3 events")
    *_, last = [event.message for event in ask(server.url, stream=True).said(Trace)]
    assert last.startswith("! the stream ends after 1 events: the stream from 127.0.0.1:")


TIMED = [ResponseFormat.SRT, ResponseFormat.VTT, ResponseFormat.VERBOSE_JSON]


def check(response_format: ResponseFormat, *granularities: Granularity, stream: bool | None = True) -> Sequence[str]:
    """Check whether a request can be answered."""
    engine = RemoteEngine(Endpoint("http://127.0.0.1/v1"), connect_seconds=1, read_seconds=1, retries=0)
    return engine.check(TranscriptionRequest(response_format, timestamp_granularities=granularities, stream=stream))


@pytest.mark.parametrize("response_format", TIMED)
def test_a_stream_has_no_times_unless_the_user_knows_better(response_format: ResponseFormat) -> None:
    """Formats that need times are refused for a stream without times, with what to do instead."""
    with pytest.raises(UsageError, match="stream: a server streams text without times") as caught:
        check(response_format)
    assert "leave out stream" in str(caught.value.remedy)
    assert "timestamp_granularities segment" in str(caught.value.remedy)
    assert check(response_format, Granularity.SEGMENT) == ()
    for stream in (None, False):
        assert check(response_format, Granularity.WORD, stream=stream) == ()


@pytest.mark.parametrize("response_format", TIMED)
@pytest.mark.parametrize("others", [(), (Granularity.SEGMENT,)])
def test_no_stream_has_the_times_of_words(response_format: ResponseFormat, others: tuple[Granularity, ...]) -> None:
    """Word times in a stream are refused under the name of the field that requests them."""
    with pytest.raises(FieldError) as caught:
        check(response_format, *others, Granularity.WORD)
    assert (caught.value.option, caught.value.value) == ("timestamp_granularities", "word")


@pytest.mark.parametrize("response_format", [ResponseFormat.JSON, ResponseFormat.TEXT])
def test_text_can_be_streamed(response_format: ResponseFormat) -> None:
    """Formats without times can be streamed."""
    assert check(response_format) == ()
    assert check(response_format, Granularity.WORD) == ()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("verbose_json format doesn't support streaming case", FormatRefusedError),
        ("verbose_json format doesn\u2019t support streaming case", FormatRefusedError),
        ("this model does not support streaming", RequestRefusedError),
    ],
)
def test_a_format_that_is_not_streamed_is_told_apart(message: str, kind: type[ServerError]) -> None:
    """A server like vLLM refuses a format only in its message; another format may work."""
    body = json.dumps({"error": {"message": message, "type": "BadRequestError", "param": None, "code": 400}}).encode()
    assert type(read_refusal(400, {}, body, Sender("K"), now=0).error) is kind
