"""What a client gets from an engine: its text as it comes, and its failures without internal details."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from served import events_of, field, form, recording, serving_here, until

from anyscribe.engines import BUILT_IN
from anyscribe.errors import AudioError, DefectError, EngineError, FieldError
from anyscribe.events import Delta, Transcribed
from anyscribe.result import Result
from anyscribe.server.event_stream import send_stream
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from served import ServedHere

    from anyscribe.engines import Capabilities
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest

MODEL = field("model", "small")
STREAM = field("stream", "true")


class Engine:
    """An engine that performs given steps.

    Args:
        steps: The steps, in order.
    """

    address = None

    def __init__(self, *steps: Callable[[Emit], None]) -> None:
        self._steps = steps
        self.requests: list[TranscriptionRequest] = []
        self.files: list[AudioSource] = []

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Refuse the language `xx`."""
        if request.language == "xx":
            raise FieldError("model", request.model or "", "it does not know the language")
        return ()

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return full capabilities: all formats, every container, any length."""
        return BUILT_IN

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Perform the steps."""
        self.requests.append(request)
        self.files.append(audio)
        for step in self._steps:
            step(emit)
        return Result(Transcript("one two", duration_ms=2000))


@contextlib.contextmanager
def asked(
    server: ServedHere, *parts: tuple[bytes, bytes], timeout_s: float = 60
) -> Iterator[http.client.HTTPConnection]:
    """Send a form with a recording; the connection stays open until the context ends."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout_s)
    with contextlib.closing(connection):
        headers = {"Content-Type": "multipart/form-data; boundary=XX"}
        connection.request("POST", "/v1/audio/transcriptions", form(*parts, recording()), headers)
        yield connection


def answer(server: ServedHere, *parts: tuple[bytes, bytes]) -> tuple[int, str]:
    """Send a form with a recording, and return the status and the body."""
    with asked(server, *parts) as connection, connection.getresponse() as reply:
        return reply.status, reply.read().decode()


@contextlib.contextmanager
def running(engine: Engine) -> Iterator[ServedHere]:
    """Serve with an engine."""
    with serving_here(engine, {"small": "/srv/secret/model", "tiny.en": "tiny.en"}, queue=1) as served:
        yield served
        until(lambda: served.service.under_way == 0)
        assert served.leftovers() == []


def fails(error: BaseException) -> Callable[[Emit], None]:
    """Return a step that fails."""

    def step(emit: Emit) -> None:
        del emit
        raise error

    return step


def says(text: str) -> Callable[[Emit], None]:
    """Return a step that emits a piece of the text."""
    return lambda emit: emit(Delta(text))


def hears(seconds: int) -> Callable[[Emit], None]:
    """Return a step that emits how much has been transcribed."""
    return lambda emit: emit(Transcribed(seconds * 1000, 0))


def test_engine_gets_what_was_asked():
    """The engine is asked for the model behind the name, with the fields of the form."""
    engine = Engine(hears(2))
    with running(engine) as server:
        status, body = answer(
            server,
            MODEL,
            field("prompt", "x"),
            field("temperature", "0.30"),
            field("language", "de"),
            field("hotwords", "y"),
        )
    assert (status, json.loads(body)) == (200, {"text": "one two"})
    (request,) = engine.requests
    assert (request.model, request.prompt, request.temperature, request.language, request.fields) == (
        "/srv/secret/model",
        "x",
        "0.30",
        "de",
        (("hotwords", "y"),),
    )
    assert engine.files[0].filename == "a.wav"
    assert "2.0 s of audio" in server.journal.traces[0]


@pytest.mark.parametrize("error", [EngineError("broke at /srv/secret", remedy="see /srv/secret"), EngineError("")])
def test_engine_that_fails(error: Exception):
    """A failure of the engine is a server error, with its details in the log and not in the reply."""
    with running(Engine(fails(error))) as server:
        for more in ((), (STREAM,)):
            status, body = answer(server, MODEL, *more)
            assert (status, json.loads(body)["error"]["type"]) == (500, "server_error")
            assert "secret" not in body
    assert server.journal.failures == [error] * 2


@pytest.mark.parametrize("error", [ValueError("secret"), MemoryError(), OSError(5, "secret"), KeyError("x")])
def test_defect(error: Exception):
    """Any other exception is a defect, whose details the client does not get."""
    with running(Engine(fails(error))) as server:
        status, body = answer(server, MODEL)
        assert (status, json.loads(body)["error"]["type"]) == (500, "server_error")
        assert "secret" not in body
    (failure,) = server.journal.failures
    assert isinstance(failure, DefectError)
    assert failure.__cause__ is error


def test_sound_that_breaks_off():
    """Audio that turns out to be unreadable only midway is still the client's error."""
    with running(Engine(hears(1), fails(AudioError("it ends")))) as server:
        status, body = answer(server, MODEL)
    assert (status, json.loads(body)["error"]["param"]) == (400, "file")
    assert server.journal.failures == []


def test_where_a_model_lies_is_not_told():
    """A refusal about the model names it as the client does."""
    with running(Engine()) as server:
        status, body = answer(server, MODEL, field("language", "xx"))
    assert (status, json.loads(body)["error"]["message"]) == (400, "model small: it does not know the language")


@pytest.mark.parametrize(
    ("error", "message"),
    [(EngineError("secret"), "failed"), (ValueError("secret"), "internal error"), (AudioError("it ends"), "it ends")],
)
def test_stream_that_fails_midway(error: Exception, message: str):
    """Text that was sent stays valid; the last event is the error, and the reply is complete."""
    with running(Engine(says("one"), says(" two"), fails(error))) as server:
        status, body = answer(server, MODEL, STREAM)
    assert status == 200
    *deltas, last = events_of(body)
    assert [delta["delta"] for delta in deltas] == ["one", " two"]
    assert list(last) == ["error"]
    assert message in last["error"]["message"]
    assert "secret" not in body


def test_pieces_come_at_once():
    """Each piece of the text arrives before the next one is known, with its content unchanged."""
    told = threading.Event()
    odd = 'line\r\n\r\ndata: x\u2028 "quoted" \x1b ü 東'

    def waits(emit: Emit) -> None:
        del emit
        assert told.wait(30)

    with (
        running(Engine(says(odd), waits, says(" two"))) as server,
        asked(server, MODEL, STREAM) as connection,
        connection.getresponse() as reply,
    ):
        first = reply.readline() + reply.readline()
        told.set()
        rest = reply.read()
    events = events_of((first + rest).decode())
    assert [event.get("delta") for event in events] == [odd, " two", None]


def test_status_waits_for_the_first_event():
    """The reply does not begin before there is an event, so that it can still be a failure."""
    goes_on = threading.Event()

    def waits(emit: Emit) -> None:
        emit(Transcribed(1000, 2000))
        assert goes_on.wait(30)

    with (
        running(Engine(waits, fails(AudioError("it ends")))) as server,
        asked(server, MODEL, STREAM, timeout_s=1) as connection,
    ):
        assert connection.sock is not None
        with pytest.raises(TimeoutError):
            connection.sock.recv(1)
        goes_on.set()
        connection.sock.settimeout(60)
        with connection.getresponse() as reply:
            assert (reply.status, json.loads(reply.read())["error"]["param"]) == (400, "file")


def test_silence_is_filled():
    """Once a stream has begun, comments show that the server is alive; before that, nothing is sent."""
    parts: list[Any] = []

    async def send(message: Any) -> None:
        parts.append(message)

    async def transcribe(on_text: Callable[[str], None]) -> bytes:
        await asyncio.sleep(0.2)
        assert parts == []
        on_text("one")
        await asyncio.sleep(0.5)
        return b'{"text":"one"}'

    asyncio.run(send_stream(send, transcribe, silence_s=0.1))
    body = b"".join(part.get("body", b"") for part in parts)
    assert 2 <= body.count(b": keep-alive\n\n") <= 5
    assert events_of(body.decode()) == [
        {"type": "transcript.text.delta", "delta": "one"},
        {"type": "transcript.text.done", "text": "one"},
    ]


def test_work_is_given_up_between_two_events():
    """An engine whose client has gone is cancelled at the next event that it emits."""
    began, ended = threading.Event(), threading.Event()

    def works(emit: Emit) -> None:
        try:
            for number in range(10_000):
                emit(Transcribed(number, 10_000))
                began.set()
                time.sleep(0.01)
        finally:
            ended.set()

    with running(Engine(works)) as server:
        with asked(server, MODEL):
            assert began.wait(30)
            assert server.service.under_way == 1
        assert ended.wait(30)
        until(lambda: server.journal.traces)
        assert "the client has gone" in server.journal.traces[0]
    assert server.journal.failures == []


def test_engine_is_not_left_alone_with_its_file():
    """The recording is kept until the engine has ended, even if its client left long before."""
    began, gone, seen = threading.Event(), threading.Event(), []

    def works(emit: Emit) -> None:
        emit(Transcribed(0, 0))
        began.set()
        assert gone.wait(30)
        time.sleep(0.5)
        seen.append(len(list(server.folder.rglob("recording"))))
        emit(Transcribed(1, 1))

    with running(Engine(works)) as server:
        with asked(server, MODEL):
            assert began.wait(30)
        gone.set()
        until(lambda: seen)
    assert seen == [1]
