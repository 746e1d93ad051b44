"""What an engine does becomes what a client gets: its text as it comes, its failures without what is inside."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from served import HELLO, events_of, field, form, long_recording, new_program, recording, serving, until

from anyscribe.engines import HERE
from anyscribe.errors import AudioError, EngineError, FieldError
from anyscribe.events import Delta, Transcribed
from anyscribe.server.listener import bind
from anyscribe.server.service import Service
from anyscribe.server.settings import ServerSettings
from anyscribe.server.streaming import send_stream
from anyscribe.transcript import Answer, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anyscribe.engines import Abilities
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest

MODEL = field("model", "small")
STREAM = field("stream", "true")


class Engine:
    """An engine that does what it is told.

    Args:
        steps: What it does, in order.
    """

    address = None

    def __init__(self, *steps: Callable[[Emit], None]) -> None:
        self._steps = steps
        self.requests: list[TranscriptionRequest] = []
        self.files: list[AudioSource] = []

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Refuse what is told to be refused."""
        if request.language == "xx":
            raise FieldError("model", request.model or "", "it does not know the language")
        return ()

    def abilities(self, request: TranscriptionRequest) -> Abilities:  # noqa: ARG002 - as the promise has it
        """Say that it can do anything."""
        return HERE

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Do it."""
        self.requests.append(request)
        self.files.append(audio)
        for step in self._steps:
            step(emit)
        return Answer(Transcript("one two", duration_ms=2000))


class Journal:
    """Keeps what the server says."""

    def __init__(self) -> None:
        self.traces: list[str] = []
        self.failures: list[tuple[str, BaseException]] = []

    def trace(self, message: str) -> None:
        """Keep a line."""
        self.traces.append(message)

    def failure(self, message: str, error: BaseException) -> None:
        """Keep a failure."""
        self.failures.append((message, error))


class Running:
    """A server within the test.

    Args:
        port: Where it listens.
        journal: What it says.
        service: The server.
    """

    def __init__(self, port: int, journal: Journal, service: Service) -> None:
        self.port = port
        self.journal = journal
        self.service = service

    @contextlib.contextmanager
    def asked(self, *parts: tuple[bytes, bytes], timeout_s: float = 60) -> Iterator[http.client.HTTPConnection]:
        """Send a form with a recording; the connection lasts as long as the context."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        with contextlib.closing(connection):
            headers = {"Content-Type": "multipart/form-data; boundary=XX"}
            connection.request("POST", "/v1/audio/transcriptions", form(*parts, recording()), headers)
            yield connection

    def answer(self, *parts: tuple[bytes, bytes]) -> tuple[int, str]:
        """Send a form with a recording, and give the status and the body."""
        with self.asked(*parts) as connection, connection.getresponse() as reply:
            return reply.status, reply.read().decode()


@contextlib.contextmanager
def running(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Serve with an engine."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    models = {"small": "/srv/secret/model", "sphinx": "sphinx"}
    settings = ServerSettings(models=models, key=None, max_upload_bytes=10_000_000, jobs=1, queue=1)
    journal = Journal()
    listener = bind("127.0.0.1", 0, may_be_reached=False)
    port = listener.getsockname()[1]
    with Service(engine, settings, listener, journal) as service:
        yield Running(port, journal, service)
        until(lambda: service.under_way == 0)
        assert list(folder.iterdir()) == []
        service.stop()
        until(lambda: service.wait(1))


def fails(error: BaseException) -> Callable[[Emit], None]:
    """Make a step that fails."""

    def step(emit: Emit) -> None:
        del emit
        raise error

    return step


def says(text: str) -> Callable[[Emit], None]:
    """Make a step that tells a piece of the text."""
    return lambda emit: emit(Delta(text))


def hears(seconds: int) -> Callable[[Emit], None]:
    """Make a step that tells how much has been heard."""
    return lambda emit: emit(Transcribed(seconds * 1000, 0))


def test_engine_gets_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The engine is asked for the model behind the name, with the fields that the form had."""
    engine = Engine(hears(2))
    with running(engine, tmp_path, monkeypatch) as server:
        status, body = server.answer(
            MODEL, field("prompt", "x"), field("temperature", "0.30"), field("language", "de"), field("hotwords", "y")
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


@pytest.mark.parametrize("error", [EngineError("broke at /srv/secret", hint="see /srv/secret"), EngineError("")])
def test_engine_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception):
    """A failure of the engine's is the server's own, told to its keeper and not to the client."""
    with running(Engine(fails(error)), tmp_path, monkeypatch) as server:
        for more in ((), (STREAM,)):
            status, body = server.answer(MODEL, *more)
            assert (status, json.loads(body)["error"]["type"]) == (500, "server_error")
            assert "secret" not in body
    assert [failure for _, failure in server.journal.failures] == [error] * 2


@pytest.mark.parametrize("error", [ValueError("secret"), MemoryError(), OSError(5, "secret"), KeyError("x")])
def test_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception):
    """Anything else that goes wrong is a defect, which the client is told no more of."""
    with running(Engine(fails(error)), tmp_path, monkeypatch) as server:
        status, body = server.answer(MODEL)
        assert (status, json.loads(body)["error"]["type"]) == (500, "server_error")
        assert "secret" not in body
    ((message, failure),) = server.journal.failures
    assert failure is error
    assert "defect" in message


def test_sound_that_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What turns out to be unreadable only midway is still the file's fault."""
    with running(Engine(hears(1), fails(AudioError("it ends"))), tmp_path, monkeypatch) as server:
        status, body = server.answer(MODEL)
    assert (status, json.loads(body)["error"]["param"]) == (400, "file")
    assert server.journal.failures == []


def test_where_a_model_lies_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A refusal that is about the model names it as the client does."""
    with running(Engine(), tmp_path, monkeypatch) as server:
        status, body = server.answer(MODEL, field("language", "xx"))
    assert (status, json.loads(body)["error"]["message"]) == (400, "model small: it does not know the language")


@pytest.mark.parametrize(
    ("error", "message"),
    [(EngineError("secret"), "failed"), (ValueError("secret"), "defect"), (AudioError("it ends"), "it ends")],
)
def test_stream_that_fails_midway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str):
    """What was told stays told; the last event is the error, and the reply is whole."""
    with running(Engine(says("one"), says(" two"), fails(error)), tmp_path, monkeypatch) as server:
        status, body = server.answer(MODEL, STREAM)
    assert status == 200
    *deltas, last = events_of(body)
    assert [delta["delta"] for delta in deltas] == ["one", " two"]
    assert list(last) == ["error"]
    assert message in last["error"]["message"]
    assert "secret" not in body


def test_pieces_come_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each piece of the text is there before the next one is known, with what it holds as it is."""
    told = threading.Event()
    odd = 'line\r\n\r\ndata: x\u2028 "quoted" \x1b ü 東'

    def waits(emit: Emit) -> None:
        del emit
        assert told.wait(30)

    with (
        running(Engine(says(odd), waits, says(" two")), tmp_path, monkeypatch) as server,
        server.asked(MODEL, STREAM) as connection,
        connection.getresponse() as reply,
    ):
        first = reply.readline() + reply.readline()
        told.set()
        rest = reply.read()
    events = events_of((first + rest).decode())
    assert [event.get("delta") for event in events] == [odd, " two", None]


def test_status_waits_for_the_first_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As long as nothing is known the reply has not begun, so that it can still be a failure."""
    goes_on = threading.Event()

    def waits(emit: Emit) -> None:
        emit(Transcribed(1000, 2000))
        assert goes_on.wait(30)

    with (
        running(Engine(waits, fails(AudioError("it ends"))), tmp_path, monkeypatch) as server,
        server.asked(MODEL, STREAM, timeout_s=1) as connection,
    ):
        assert connection.sock is not None
        with pytest.raises(TimeoutError):
            connection.sock.recv(1)
        goes_on.set()
        connection.sock.settimeout(60)
        with connection.getresponse() as reply:
            assert (reply.status, json.loads(reply.read())["error"]["param"]) == (400, "file")


def test_silence_is_filled():
    """Once a stream has begun, comments show that the server is there; before that nothing does."""
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


def test_work_is_given_up_between_two_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An engine that nobody waits for any more is told so by the next thing that it tells."""
    began, ended = threading.Event(), threading.Event()

    def works(emit: Emit) -> None:
        try:
            for number in range(10_000):
                emit(Transcribed(number, 10_000))
                began.set()
                time.sleep(0.01)
        finally:
            ended.set()

    with running(Engine(works), tmp_path, monkeypatch) as server:
        with server.asked(MODEL):
            assert began.wait(30)
            assert server.service.under_way == 1
        assert ended.wait(30)
        until(lambda: server.journal.traces)
        assert "the client has gone" in server.journal.traces[0]
    assert server.journal.failures == []


def test_engine_is_not_left_alone_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The recording stays until the engine has ended, also where its client has gone long before."""
    began, gone, seen = threading.Event(), threading.Event(), []

    def works(emit: Emit) -> None:
        emit(Transcribed(0, 0))
        began.set()
        assert gone.wait(30)
        time.sleep(0.5)
        seen.append(len(list((tmp_path / "uploads").glob("*/*"))))
        emit(Transcribed(1, 1))

    with running(Engine(works), tmp_path, monkeypatch) as server:
        with server.asked(MODEL):
            assert began.wait(30)
        gone.set()
        until(lambda: seen)
    assert seen == [1]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs POSIX signals and /proc")
def test_worker_that_is_killed(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path):
    """A process of the engine's that dies costs one request, and the next one is answered."""
    sample = long_recording(tmp_path, 60)
    with serving(new_program(tmp_path_factory)) as served:
        replies = []
        thread = threading.Thread(target=lambda: replies.append(served.post(("model", "sphinx"), ("file", sample))))
        thread.start()
        until(lambda: len(served.workers()) >= 2)
        time.sleep(1)
        decoding = [pid for pid in served.workers() if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(decoding[0], signal.SIGKILL)
        thread.join(60)
        assert (replies[0].status_code, replies[0].json()["error"]["type"]) == (500, "server_error")
        assert served.transcribes(text=HELLO)
    (line,) = served.err_lines[1:]
    assert line.startswith("anyscribe: error: a process of the built-in engine ended by itself")
