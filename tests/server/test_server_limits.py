"""The limits of `anyscribe serve`: uploads that are too long or too slow, and more requests than places."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import select
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import with_shell
from scripted_engine import HELLO, ScriptedEngine
from served import (
    MEDIA,
    ROUTE,
    field,
    form,
    long_recording,
    new_program,
    read_answer,
    recording,
    request,
    serving,
    serving_here,
)
from served import until as wait_until

from anyscribe.scratch import Scratch
from anyscribe.server.admission import Admission
from anyscribe.server.failures import ClientGoneError, RefusedError
from anyscribe.server.server_settings import ServerSettings
from anyscribe.server.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests
    from programs import Program
    from served import Answer, Served, ServedProcess
    from whispering import Reciter

pytest_plugins = ["whispering"]

MODEL = ("model", "tiny.en")
FILE = ("file", MEDIA / "hello.wav")
LIMIT = 1_000_000
TOO_LONG = f"the request is longer than the {LIMIT:,} bytes that this server takes"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, reciter: Reciter) -> Iterator[ServedProcess]:
    """Yield a server with a small upload limit."""
    with serving(new_program(tmp_path_factory), "--max-upload", "1MB", **reciter) as running:
        yield running
        assert running.transcribes()
        assert running.leftovers() == []
    assert len(running.err_lines) == 1, running.err_lines


def padded(length: int) -> bytes:
    """Return a request whose body has this length."""
    body = form(field(*MODEL), field("prompt", ""), recording())
    return request(form(field(*MODEL), field("prompt", "x" * (length - len(body))), recording()))


def test_limit_is_the_body(served: Served):
    """A body of exactly the longest length is accepted; one that is a byte longer is not."""
    assert served.exchange(padded(LIMIT)).status == 200
    answer = served.exchange(padded(LIMIT + 1))
    assert (answer.status, answer.error["type"]) == (413, "invalid_request_error")
    assert answer.error["message"].startswith(TOO_LONG)
    assert answer.headers["connection"] == "close"


def test_refused_by_its_length_alone(served: Served):
    """A request that declares too long a body is refused before any of it is sent."""
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LIMIT + 1}\r\n".encode()
    for more in (b"\r\n", b"Expect: 100-continue\r\n\r\n", b"Content-Type: multipart/form-data; boundary=XX\r\n\r\n"):
        answer = served.exchange(head + more)
        assert answer.status == 413
        assert answer.error["message"].startswith(TOO_LONG)


def test_client_that_waits_is_told_to_go_on(served: Served):
    """A client that asks before it sends is told to continue."""
    whole = request(form(field(*MODEL), recording()), b"Expect: 100-continue")
    head, end, body = whole.partition(b"\r\n\r\n")
    with served.connect() as connection:
        connection.sendall(head + end)
        assert connection.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read_answer(connection).status == 200


def test_chunked_body_is_counted(served: Served):
    """A body without a declared length is refused as soon as it is too long."""
    head = request(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
    start = form(field(*MODEL), recording())[:-10]
    with served.connect() as connection:
        connection.sendall(head + b"%x\r\n%b\r\n" % (len(start), start))
        for _ in range(LIMIT // 10_000 + 1):
            connection.sendall(b"2710\r\n%b\r\n" % bytes(10_000))
        answer = read_answer(connection)
    assert answer.status == 413
    assert answer.error["message"].startswith(TOO_LONG)


@pytest.mark.parametrize("megabytes", [2, 60])
def test_refusal_arrives(served: Served, megabytes: int):
    """A client that sends everything before it reads finds the reply, not a reset connection."""
    for _ in range(5):
        reply = served.post(MODEL, ("file", ("a.wav", bytes(megabytes * 1_000_000))))
        assert reply.status_code == 413


@pytest.mark.parametrize(
    ("route", "headers", "status"),
    [
        (ROUTE, "Content-Type: multipart/form-data; boundary=XX", 413),
        (ROUTE, "Content-Type: text/plain", 415),
        ("/nowhere", "Accept: */*", 404),
        ("/v1/models", "Accept: */*", 405),
    ],
)
def test_whole_request_is_taken(served: Served, route: str, headers: str, status: int):
    """A client that cannot read before it has sent everything may send it, regardless of the reply."""
    length = LIMIT * 20 if status == 413 else LIMIT
    head = f"POST {route} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\nContent-Length: {length}\r\n\r\n".encode()
    for _ in range(5):
        answer = served.exchange(head, *[bytes(length // 100)] * 100)
        assert answer.status == status
        assert answer.headers["connection"] == "close"


def test_nothing_is_read_for_ever(served: Served):
    """If a client keeps sending after the refusal, only a limited amount is read."""
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {1 << 40}\r\n\r\n".encode()
    sent = 0
    with served.connect() as connection:
        connection.sendall(head)
        # Until the connection is reset, or far too much has been accepted.
        with contextlib.suppress(OSError):
            while sent < 1 << 31:
                sent += connection.send(bytes(1 << 20))
    assert sent < 500_000_000


def test_memory_is_not_what_uploads_are_kept_in(served: ServedProcess):
    """The server's memory stays small, however much is sent."""
    before_mib = served.resident_mib()
    for _ in range(5):
        served.post(MODEL, ("file", ("a.wav", bytes(100_000_000))))
    assert served.resident_mib() - before_mib < 30


def receiving(*messages: tuple[float, int], again: bool = False, **limits: float) -> BaseException | None:
    """Receive a form, and return the exception that it ends with.

    Args:
        messages: The messages: when each one comes after the one before it, in seconds, and its length in bytes.
        again: Whether the messages are repeated for ever; otherwise silence follows.
        limits: The limits that differ from those of the server.
    """
    settings = ServerSettings(models={}, key=None, max_upload_bytes=1 << 30, jobs=1, queue=1, **limits)  # type: ignore[arg-type] # limits only

    async def run() -> None:
        coming = itertools.cycle(messages) if again else iter(messages)

        async def receive() -> dict[str, Any]:
            wait_s, length = next(coming, (1e6, 0))
            await asyncio.sleep(wait_s)
            return {"type": "http.request", "body": b"\r" * length, "more_body": True}

        with contextlib.ExitStack() as held:
            await Uploads(settings, Scratch()).keep(receive, b"XX", held)

    try:
        with asyncio.Runner(loop_factory=HurriedLoop) as runner:
            runner.run(asyncio.wait_for(run(), 1800))
    except (RefusedError, ClientGoneError, TimeoutError) as error:
        return error
    return None


class HurriedLoop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time: its clock jumps to the next thing that is due."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_Hurry(self))

    def time(self) -> float:
        """Return the time in seconds."""
        return self._now_s

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds


class _Hurry(selectors.DefaultSelector):
    """Waits for nothing: lets the loop's time pass instead."""

    def __init__(self, loop: HurriedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; if the loop would wait for a time, that time has passed."""
        # A thread, which stores what has come, is waited for; its time does not count.
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self._loop.skip(timeout)
        return ready


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep uploads in the test's own folder, and check that nothing is left of them."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize(
    ("messages", "again"),
    [
        ([(0, 4)], False),
        ([(25, 4), (31, 4)], False),
        # A byte now and then; also after a quick start.
        ([(1, 1)], True),
        ([(0, 20_000_000), *[(5, 1)] * 7], False),
        # A steady rate below the floor.
        ([(1, 7_000)], True),
        # Pauses that use up more than what comes between them earns.
        ([(0, 8_000), (20, 8_000)], True),
    ],
    ids=["silence", "late silence", "drip", "drip after a quick start", "slow", "pauses"],
)
def test_slow_upload(messages: list[tuple[float, int]], *, again: bool):
    """An upload of less than 8 kB a second is ended with 408 when its 30 s of grace are used up."""
    error = receiving(*messages, again=again)
    assert isinstance(error, RefusedError)
    assert error.failure.status == 408
    assert "8,000 bytes per second" in error.failure.message


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize(
    "messages",
    [
        [(1, 16_000)],
        [(0.5, 4_100)],
        [(29, 500_000)],
        [(0, 1_000_000), (28, 1), (1, 300_000)],
    ],
    ids=["16 kB/s", "just enough", "in bursts", "with pauses"],
)
def test_steady_upload(messages: list[tuple[float, int]]):
    """An upload that is slow but steady is taken for as long as it goes on, which here ends after half an hour."""
    assert isinstance(receiving(*messages, again=True), TimeoutError)


@pytest.mark.usefixtures("temporary")
def test_limits_of_slowness_are_settings():
    """The grace time and the rate are the server's settings."""
    assert isinstance(receiving((1, 7_000), again=True, least_upload_rate=6_999), TimeoutError)
    assert isinstance(receiving((31, 300_000), again=True, upload_grace_s=32), TimeoutError)
    assert isinstance(receiving((1, 16_000), again=True, least_upload_rate=20_000), RefusedError)


def dripped(served: Served, data: bytes) -> Answer:
    """Send a byte now and then until there is a reply, and return the reply."""
    with served.connect() as connection:
        for index in range(len(data)):
            connection.sendall(data[index : index + 1])
            if select.select([connection], [], [], 0.02)[0]:
                break
        return read_answer(connection)


def test_dripping_client():
    """A client that drips, in the headers, in the body or in a later request, gets 408, and frees its place."""
    whole = request(form(field(*MODEL), recording()))
    with serving_here(ScriptedEngine(), upload_grace_s=0.2) as served:
        head = dripped(served, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 1000)
        body = dripped(served, whole[:5000])
        for answer in (head, body):
            assert (answer.status, answer.error["code"]) == (408, "request_timeout")
            assert answer.headers["connection"] == "close"
            assert answer.headers["x-request-id"]
        with served.connect() as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert read_answer(connection).status == 200
            # Without a request, the connection stays open for longer than that.
            assert not select.select([connection], [], [], 0.4)[0]
            connection.sendall(b"GET /health HTT")
            assert read_answer(connection).status == 408
        with served.connect() as connection:
            assert connection.recv(1) == b""
        wait_until(lambda: not served.leftovers())
        assert served.transcribes()


def test_disk_that_is_full(anyscribe: Program, reciter: Reciter):
    """If there is no room for an upload, the client gets a server error, and nothing stays behind."""
    with serving(with_shell(anyscribe, "ulimit -f 1000"), **reciter) as served:
        for _ in range(2):
            reply = served.post(MODEL, ("file", ("a.wav", bytes(5_000_000))))
            assert (reply.status_code, reply.json()["error"]["type"]) == (507, "server_error")
            assert str(served.folder) not in reply.text
            assert served.leftovers() == []
        assert served.transcribes()
    assert [re.sub("req_[0-9a-f]+", "ID", line).partition("(")[0] for line in served.err_lines[1:]] == [
        "anyscribe: error: ID: an upload cannot be stored "
    ] * 2


def test_folder_that_is_gone(anyscribe: Program, reciter: Reciter, tmp_path: Path):
    """If uploads cannot be stored at all, the client gets a server error without details."""
    with serving(anyscribe, **reciter) as served:
        assert served.transcribes()
        moved = served.folder.rename(tmp_path / "moved")
        try:
            reply = served.post(MODEL, FILE)
        finally:
            moved.rename(served.folder)
        assert (reply.status_code, reply.json()["error"]["type"]) == (500, "server_error")
        assert str(served.folder) not in reply.text
        assert served.transcribes()


@pytest.fixture(scope="module")
def busy() -> Iterator[Served]:
    """Yield a server with one place to work and two to wait."""
    with serving_here(ScriptedEngine(speed=20), queue=2) as running:
        yield running
        assert running.leftovers() == []
    assert running.journal.failures == []


def recordings_of(served: Served) -> int:
    """Return how many recordings a server keeps."""
    return sum(name.endswith("recording") for name in served.leftovers())


def test_too_many(busy: Served, tmp_path: Path):
    """Requests beyond the available places are refused at once; those that have a place are answered in turn."""
    sample = long_recording(tmp_path, 8)
    replies: list[requests.Response] = []

    def post() -> None:
        replies.append(busy.post(MODEL, ("file", sample)))

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: recordings_of(busy) == 3)
    for reply in (busy.post(MODEL, FILE), busy.post(MODEL, FILE, ("stream", "true"))):
        error = reply.json()["error"]
        assert (reply.status_code, error["type"], error["code"]) == (429, "rate_limit_error", "rate_limit_exceeded")
        assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert busy.get("/health").status_code == 200
    assert busy.get("/v1/models").status_code == 200
    for thread in threads:
        thread.join(60)
    assert [reply.json()["text"] for reply in replies] == [" ".join([HELLO] * 8)] * 3
    assert busy.transcribes()


def test_place_is_taken_by_an_upload_too(busy: Served):
    """Requests that are still uploading hold their places, and free them when they disconnect."""
    whole = request(form(field(*MODEL), recording()))
    connections = [socket.create_connection(("127.0.0.1", busy.port)) for _ in range(3)]
    for connection in connections:
        connection.sendall(whole[:2000])
    wait_until(lambda: recordings_of(busy) == 3)
    assert busy.post(MODEL, FILE).status_code == 429
    for connection in connections:
        connection.close()
    wait_until(lambda: not busy.leftovers())
    assert busy.transcribes()


def test_refused_before_it_is_read(busy: Served):
    """A request that finds no place is refused before its upload."""
    whole = request(form(field(*MODEL), recording()))
    connections = [busy.connect() for _ in range(4)]
    try:
        for connection in connections[:3]:
            connection.sendall(whole[:2000])
        wait_until(lambda: recordings_of(busy) == 3)
        began_s = time.monotonic()
        connections[3].sendall(whole[:200])
        assert read_answer(connections[3]).status == 429
        assert time.monotonic() - began_s < 5
        for connection in connections[:3]:
            connection.sendall(whole[2000:])
            assert read_answer(connection).status == 200
    finally:
        for connection in connections:
            connection.close()


def test_several_at_a_time():
    """With more jobs, several recordings are transcribed in parallel, and each reply has its own words."""
    engine = ScriptedEngine(speed=10)
    with serving_here(engine, jobs=3) as served:
        replies: dict[int, str] = {}

        def post(number: int) -> None:
            sample = MEDIA / ("pause.flac" if number % 2 else "hello.wav")
            replies[number] = served.post(MODEL, ("file", sample)).json()["text"]

        threads = [threading.Thread(target=post, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        wait_until(lambda: engine.active == 3)
        for thread in threads:
            thread.join(60)
    assert {text.split()[0] for number, text in replies.items() if number % 2} == {"The"}
    assert {text for number, text in replies.items() if not number % 2} == {HELLO}


@pytest.mark.parametrize(
    ("jobs", "queue", "took_s", "wait_s"),
    [(1, 8, 1.95, 16), (1, 8, 0.01, 1), (2, 8, 1.95, 8), (1, 100, 30.0, 60), (1, 0, 3.4, 4)],
)
def test_wait_that_is_asked_for(jobs: int, queue: int, took_s: float, wait_s: int):
    """A refused client is told to retry when the requests that wait now have had their turn."""
    now_s = 0.0

    class Done:
        """Work that is finished."""

        def __init__(self) -> None:
            self.future = asyncio.get_running_loop().create_future()
            self.future.set_result(None)

    def work() -> Done:
        nonlocal now_s
        now_s += took_s
        return Done()

    async def run() -> RefusedError:
        slots = Admission(jobs, queue, lambda: now_s)
        for _ in range(100):
            await slots.in_turn(work)
            await asyncio.sleep(0)  # lets the turn end
        with contextlib.ExitStack() as held:
            for _ in range(jobs + queue):
                held.enter_context(slots.place())
            with pytest.raises(RefusedError) as caught, slots.place():
                pass
        assert slots.taken == 0
        return caught.value

    failure = asyncio.run(run()).failure
    assert (failure.status, failure.headers["Retry-After"]) == (429, str(wait_s))
