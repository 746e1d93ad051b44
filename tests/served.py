"""`anyscribe serve` as a process, or its server within the test, and helpers to send requests to it.

with serving(program, "--queue", "2") as served:
    reply = served.post(("model", "tiny.en"), ("file", path))
    ...
assert served.leftovers() == []

with serving_here(ScriptedEngine(), queue=2) as served:
    ...
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from programs import Program
from scripted_engine import HELLO

from anyscribe.scratch import Scratch
from anyscribe.server.listener import bind
from anyscribe.server.server_settings import ServerSettings
from anyscribe.server.service import Service
from anyscribe.session import open_resources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from anyscribe.engines import Engine

MEDIA = Path(__file__).parent / "media"
ROUTE = "/v1/audio/transcriptions"
_READY = re.compile(r"serving .* at http://(\[?[^ ]*?\]?):(\d+)/v1 \(press Ctrl-C to stop\)")
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Served:
    """A server that is ready.

    Args:
        folder: The folder of its temporary files.
        port: The port it listens on, once known.
        heard: What its model hears in `hello.wav`.
    """

    def __init__(self, folder: Path, port: int = 0, heard: str = HELLO) -> None:
        self.folder = folder
        self.port = port
        self.heard = heard
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def post(self, *parts: tuple[str, str | Path | tuple[str, bytes]], **options: Any) -> requests.Response:
        """Post a form with its parts in order; a path or a (name, bytes) pair is a file."""
        return self.session.post(
            f"http://127.0.0.1:{self.port}{ROUTE}", **as_form(parts), **{"timeout": 120, **options}
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET request."""
        return self.session.get(f"http://127.0.0.1:{self.port}{path}", **{"timeout": 60, **options})

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def exchange(self, *pieces: bytes) -> Answer:
        """Send raw bytes, each piece separately, and read the reply."""
        with self.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
            return read_answer(connection)

    def transcribes(self) -> bool:
        """Return whether it still transcribes correctly."""
        reply = self.post(("model", "tiny.en"), ("file", MEDIA / "hello.wav"))
        return (reply.status_code, reply.json()) == (200, {"text": self.heard})

    def leftovers(self) -> list[str]:
        """Return the names of all files in its temporary folder."""
        found = []
        # Unlike `Path.rglob`, this tolerates files that disappear meanwhile.
        for place, folders, files in os.walk(self.folder):
            found += [str((Path(place) / name).relative_to(self.folder)) for name in folders + files]
        return sorted(found)


class ServedProcess(Served):
    """A server that is a process.

    Args:
        process: The server.
        folder: The folder of its temporary files.
        heard: What its model hears in `hello.wav`.
    """

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, heard: str) -> None:
        super().__init__(folder, heard=heard)
        self.process = process
        self.err_lines: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Wait until it reports that it is ready."""
        assert self._ready.wait(60)
        assert self.port, self.err_lines

    def busy_s(self) -> float:
        """Return the CPU time in seconds that it and its workers have used; 0 if unknown."""
        return sum(times for _, times in self._processes())

    def resident_mib(self) -> float:
        """Return the memory that the server itself holds, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024

    def _processes(self) -> Iterator[tuple[int, float]]:
        """Yield each process of its group, with the CPU time that it has used, in seconds."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == self.process.pid and fields[0] not in "ZX":
                    yield int(stat.parent.name), (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS

    def signal(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def wait(self, timeout_s: float = 60) -> int:
        """Wait for it to end, and return its exit code."""
        code = self.process.wait(timeout_s)
        self._reader.join(timeout_s)
        return code

    def close(self) -> None:
        """End it if it is still running, and release its resources."""
        self.session.close()
        if self.process.poll() is None:
            self.signal()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            text = line.decode(errors="backslashreplace").rstrip("\n")
            found = _READY.search(text)
            if found:
                self.port = int(found[2])
            self.err_lines.append(text)
            if found:
                self._ready.set()
        self._ready.set()


class Journal:
    """A record of a server's messages."""

    def __init__(self) -> None:
        self.traces: list[str] = []
        self.failures: list[BaseException] = []

    def trace(self, message: str) -> None:
        """Record a line."""
        self.traces.append(message)

    def failure(self, error: BaseException, request: str) -> None:
        """Record a failure."""
        assert request.startswith("req_")
        self.failures.append(error)


class ServedHere(Served):
    """A server within the test.

    Args:
        folder: The folder of its temporary files.
        port: The port it listens on.
        journal: Its messages.
        service: The server.
    """

    def __init__(self, folder: Path, port: int, journal: Journal, service: Service) -> None:
        super().__init__(folder, port)
        self.journal = journal
        self.service = service


class Answer:
    """An HTTP reply that was read from a socket.

    Args:
        data: All bytes received.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/1.1 ") else 0
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    @property
    def error(self) -> dict[str, Any]:
        """The members of the error envelope; there must be no others."""
        value = json.loads(self.body)
        assert list(value) == ["error"]
        assert list(value["error"]) == ["message", "type", "param", "code"]
        return dict(value["error"])


def read_answer(connection: socket.socket, data: bytes = b"") -> Answer:
    """Read one reply, which may begin with `data`, up to its length or to the end of the connection."""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if end and length and len(body) >= int(length[1]):
            return Answer(data)
        if end and b"chunked" in head and body.endswith(b"0\r\n\r\n"):
            return Answer(data)
        piece = connection.recv(1 << 16)
        if not piece:
            return Answer(data)
        data += piece


def as_form(parts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return form parts, in order, as arguments of `requests`."""
    files = []
    for name, value in parts:
        if isinstance(value, Path):
            files.append((name, (value.name, value.read_bytes())))
        else:
            files.append((name, value if isinstance(value, tuple) else (None, value)))
    return {"files": files}


def form(*parts: tuple[bytes, bytes], boundary: bytes = b"XX") -> bytes:
    """Return a form body made of raw parts: each part's header lines and its content."""
    body = b"".join(b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary, head, content) for head, content in parts)
    return body + b"--%b--\r\n" % boundary


def field(name: str, value: str) -> tuple[bytes, bytes]:
    """Return a part that is a field."""
    return f'Content-Disposition: form-data; name="{name}"'.encode(), value.encode()


def recording(path: Path = MEDIA / "hello.wav", filename: str = "a.wav") -> tuple[bytes, bytes]:
    """Return a part that is the recording."""
    head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: audio/wav'
    return head.encode(), path.read_bytes()


def request(body: bytes, *headers: bytes, content_type: bytes = b"multipart/form-data; boundary=XX") -> bytes:
    """Return a raw request with its length."""
    lines = [b"POST %b HTTP/1.1" % ROUTE.encode(), b"Host: localhost", b"Content-Type: " + content_type]
    lines += [b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def events_of(body: str) -> list[dict[str, Any]]:
    """Parse a stream's events; it must hold only `data` lines and comments."""
    lines = body.split("\n")
    assert all(line.startswith(("data: ", ":")) or not line for line in lines)
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def steady(value: Any) -> Any:
    """Drop the engine's confidences, which depend slightly on what each worker has transcribed before."""
    if isinstance(value, dict):
        unsteady = {"avg_logprob", "logprob", "probability"}
        return {name: steady(member) for name, member in value.items() if name not in unsteady}
    return [steady(element) for element in value] if isinstance(value, list) else value


def until(holds: Callable[[], object], timeout_s: float = 30) -> None:
    """Wait until a condition holds."""
    ends_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends_s
        time.sleep(0.05)


def long_recording(folder: Path, times: int) -> Path:
    """Write a recording that repeats the same speech `times` times, so that transcribing it takes a while."""
    path = folder / f"{times}.wav"
    with wave.open(str(MEDIA / "hello.wav"), "rb") as once, wave.open(str(path), "wb") as file:
        file.setparams(once.getparams())
        frames = once.readframes(once.getnframes())
        for _ in range(times):
            file.writeframes(frames)
    return path


def new_program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return the installed program for longer than one test, unlike the fixture `anyscribe`."""
    return Program(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("home"))


def environment_of(program: Program, folder: Path) -> dict[str, str]:
    """Return the environment of a server whose temporary files go to a folder."""
    return {**program.environment(), "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}


@contextlib.contextmanager
def serving(
    program: Program, *arguments: str | Path, model: Path | None = None, heard: str = HELLO
) -> Iterator[ServedProcess]:
    """Run a server for the duration of the context; the caller checks what it leaves behind.

    Args:
        program: The program.
        arguments: The command line after `serve`.
        model: The folder of the model to serve, which clients call by the folder's name; None is `tiny.en`.
        heard: What the model hears in `hello.wav`.
    """
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*program.command, "serve", "--port", "0", "--model", model or "tiny.en", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=program.cwd,
            env=environment_of(program, Path(folder)),
            **({"process_group": 0} if os.name == "posix" else {}),
        )
        served = ServedProcess(process, Path(folder), heard)
        try:
            served.wait_until_ready()
            yield served
        finally:
            served.close()


@contextlib.contextmanager
def serving_here(
    engine: Engine,
    models: dict[str, str] | None = None,
    *,
    key: bytes | None = None,
    grace_s: float = 10,
    **settings: Any,
) -> Iterator[ServedHere]:
    """Serve within the test for the duration of the context.

    Args:
        engine: The engine.
        models: The engine's model behind each name that clients may request; None offers `tiny.en`.
        key: The key that clients must send; None needs no key.
        grace_s: Seconds that requests in progress may take when it stops.
        settings: Server settings that differ from the default: one recording at a time and a queue of eight.
    """
    journal = Journal()
    given = {"max_upload_bytes": 25 << 20, "jobs": 1, "queue": 8, **settings}
    offered = ServerSettings(models=models or {"tiny.en": "tiny.en"}, key=key, **given)
    listener = bind("127.0.0.1", 0, may_be_reached=False)
    port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", folder)
        with (
            open_resources(1, Scratch(), in_processes=False) as resources,
            Service(engine, offered, listener, journal, resources=resources, grace_s=grace_s) as service,
        ):
            served = ServedHere(Path(folder), port, journal, service)
            try:
                yield served
                until(lambda: service.under_way == 0)
            finally:
                served.session.close()
                service.stop()
                until(lambda: service.wait(1))
