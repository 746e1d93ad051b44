"""Clients that disconnect: their work is cancelled at any stage, and what they held is free for others.

`test_server_crowds` checks the CPU time as well, with a real engine.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from scripted_engine import HELLO, ScriptedEngine
from served import field, form, long_recording, read_answer, recording, request, serving_here, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from served import Served

MODEL = field("model", "tiny.en")
STREAM = field("stream", "true")


@pytest.fixture(scope="module")
def engine() -> ScriptedEngine:
    """Return an engine that takes a while."""
    return ScriptedEngine(speed=20)


@pytest.fixture(scope="module")
def served(engine: ScriptedEngine) -> Iterator[Served]:
    """Yield a server with one place to work and one to wait."""
    with serving_here(engine, queue=1) as running:
        yield running
        assert running.leftovers() == []
    assert running.journal.failures == []


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording that takes half a minute to transcribe."""
    return long_recording(tmp_path_factory.mktemp("long"), 300)


def is_free(served: Served, engine: ScriptedEngine) -> bool:
    """Return whether nothing is kept, nothing is running, and two simultaneous requests are served."""
    until(lambda: not served.leftovers())
    until(lambda: engine.active == 0)
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(served.transcribes())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers == [True, True]


def begin(served: Served, data: bytes) -> socket.socket:
    """Send a request, or a part of one, and wait until the server has started on it."""
    places = len(list(served.folder.iterdir()))
    connection = served.connect()
    connection.sendall(data)
    until(lambda: len(list(served.folder.iterdir())) > places)
    return connection


def leave(connection: socket.socket, manner: str) -> None:
    """End a connection, in an orderly way or with a reset."""
    if manner == "rudely":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


in_any_manner = pytest.mark.parametrize("manner", ["orderly", "rudely"])


@in_any_manner
def test_while_uploading(served: Served, engine: ScriptedEngine, manner: str):
    """A partial upload is deleted."""
    for _ in range(3):
        leave(begin(served, request(form(MODEL, recording()))[:-30_000]), manner)
        until(lambda: not served.leftovers())
    assert is_free(served, engine)


@in_any_manner
def test_while_transcribing(served: Served, engine: ScriptedEngine, long: Path, manner: str):
    """The transcription is cancelled when its client has gone."""
    connection = begin(served, request(form(MODEL, recording(long))))
    until(lambda: engine.active == 1)
    leave(connection, manner)
    assert is_free(served, engine)


@in_any_manner
def test_while_streaming(served: Served, engine: ScriptedEngine, long: Path, manner: str):
    """A stream is cancelled when its client has gone."""
    connection = begin(served, request(form(MODEL, STREAM, recording(long))))
    data = b""
    while data.count(b"data: ") < 2:
        data += connection.recv(1 << 16)
    assert HELLO.encode() in data
    leave(connection, manner)
    assert is_free(served, engine)


@in_any_manner
@pytest.mark.parametrize("kind", [(), (STREAM,)], ids=["whole", "stream"])
def test_while_waiting(
    served: Served, engine: ScriptedEngine, long: Path, manner: str, kind: tuple[tuple[bytes, bytes], ...]
):
    """A client that leaves the queue frees a place in it, and the one being served is not affected."""
    first = begin(served, request(form(MODEL, recording(long))))
    second = begin(served, request(form(MODEL, *kind, recording())))
    assert served.exchange(request(form(MODEL, recording()))).status == 429
    leave(second, manner)
    until(lambda: len(list(served.folder.iterdir())) == 1)
    with begin(served, request(form(MODEL, recording()))) as third:
        leave(first, manner)
        assert read_answer(third).status == 200
    assert is_free(served, engine)


def test_many_at_once(served: Served, engine: ScriptedEngine, long: Path):
    """However many clients come and go, everything is free afterwards."""
    body = request(form(MODEL, STREAM, recording(long)))
    for _ in range(3):
        connections = [served.connect() for _ in range(20)]
        for number, connection in enumerate(connections):
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                connection.sendall(body if number % 2 else body[:100_000])
        for number, connection in enumerate(connections):
            leave(connection, "orderly" if number % 3 else "rudely")
    assert is_free(served, engine)


def test_after_the_answer(served: Served, engine: ScriptedEngine):
    """A client that disconnects after its reply causes no problem."""
    connection = begin(served, request(form(MODEL, recording())))
    assert read_answer(connection).status == 200
    leave(connection, "rudely")
    assert is_free(served, engine)
