"""The end of `anyscribe serve`: orderly if there is time, at once on request; nothing stays behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import living_in_group
from scripted_engine import ScriptedEngine
from served import (
    MEDIA,
    field,
    form,
    long_recording,
    new_program,
    read_answer,
    recording,
    request,
    serving,
    serving_here,
    until,
)

if TYPE_CHECKING:
    import requests
    from programs import Program
    from served import Served, ServedProcess
    from whispering import Reciter

pytest_plugins = ["whispering"]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs POSIX signals and /proc")

MODEL = ("model", "tiny.en")
HEAD = (field("model", "tiny.en"), recording())
READY = "anyscribe: serving tiny.en at "
FINISHING = "anyscribe: finishing requests in progress; press Ctrl-C again to stop at once"


@pytest.fixture
def program(anyscribe: Program, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return the installed program, which reacts to interrupts even if this test runs in the background."""
    del anyscribe
    return new_program(tmp_path_factory)


def is_over(served: ServedProcess, code: int, *lines: str) -> bool:
    """Return whether a server has ended properly: with nothing left behind and nothing else reported."""
    assert served.wait(30) == code
    assert served.leftovers() == []
    until(lambda: not living_in_group(served.process.pid), 10)
    ready, *rest = served.err_lines
    assert ready.startswith(READY)
    assert rest == list(lines)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_idle(program: Program, reciter: Reciter, number: signal.Signals):
    """An idle server ends at once, and successfully, since it was asked to."""
    with serving(program, **reciter) as served:
        served.signal(number)
        assert is_over(served, 0)


def test_idle_after_work(program: Program, reciter: Reciter):
    """A server that has worked, and whose clients keep their connections, ends at once as well."""
    with serving(program, **reciter) as served:
        assert served.transcribes()
        with served.connect(), served.connect() as half:
            half.sendall(b"POST /v1/audio/tran")
            began_s = time.monotonic()
            served.signal()
            assert is_over(served, 0)
            assert time.monotonic() - began_s < 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_under_way_is_finished(program: Program, reciter: Reciter, tmp_path: Path, number: signal.Signals):
    """Clients that are being served, waiting or uploading get their replies; later ones cannot connect."""
    stream = request(form(field("stream", "true"), *HEAD))
    long = request(form(HEAD[0], recording(long_recording(tmp_path, 12))))
    whole = request(form(*HEAD))
    with serving(program, **reciter) as served, contextlib.ExitStack() as stack:
        assert served.transcribes()
        connections = [stack.enter_context(served.connect()) for _ in range(3)]
        for connection, data in zip(connections, (long, stream, whole[:-1000]), strict=True):
            connection.sendall(data)
        until(lambda: len(list(served.folder.iterdir())) == 3)
        served.signal(number)
        until(lambda: FINISHING in served.err_lines)
        until(lambda: not can_connect(served))
        connections[2].sendall(whole[-1000:])
        first, second, third = [read_answer(connection) for connection in connections]
        assert (first.status, second.status, third.status) == (200, 200, 200)
        assert json.loads(first.body)["text"].startswith(f"{served.heard} {served.heard} ")
        assert json.loads(third.body) == {"text": served.heard}
        assert b'"transcript.text.done"' in second.body
        assert is_over(served, 0, FINISHING)


def can_connect(served: Served) -> bool:
    """Return whether the server accepts connections."""
    try:
        served.connect().close()
    except OSError:
        return False
    return True


def test_what_takes_too_long_is_given_up(tmp_path: Path):
    """After the grace period, the remaining clients are told of the stop: by a status, or by a stream's last event."""
    model = field("model", "tiny.en")
    sample = long_recording(tmp_path, 300)
    engine = ScriptedEngine(speed=20)
    with serving_here(engine, jobs=2, grace_s=1) as served, contextlib.ExitStack() as stack:
        streamed, transcribed, waiting, sending = [stack.enter_context(served.connect()) for _ in range(4)]
        streamed.sendall(request(form(model, field("stream", "true"), recording(sample))))
        assert b"200 OK" in streamed.recv(1 << 16)
        transcribed.sendall(request(form(model, recording(sample))))
        until(lambda: engine.active == 2)
        waiting.sendall(request(form(*HEAD)))
        sending.sendall(request(form(*HEAD))[:-1000])
        until(lambda: len(list(served.folder.iterdir())) == 4)
        served.service.stop()
        stopped = [read_answer(connection) for connection in (transcribed, waiting, sending)]
        rest = read_answer(streamed, b"chunked\r\n\r\n")
        assert [answer.status for answer in stopped] == [503] * 3
        assert all("stopping" in answer.error["message"] for answer in stopped)
        assert all(int(answer.headers["retry-after"]) > 0 for answer in stopped)
        last = rest.body.rpartition(b"data: ")[2].partition(b"\n")[0]
        assert "stopping" in json.loads(last)["error"]["message"]
        assert rest.body.endswith(b"0\r\n\r\n")
        until(lambda: served.service.wait(1))
        until(lambda: engine.active == 0)
        assert served.leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", ["transcribing", "streaming", "sending"])
def test_second_signal_ends_it_at_once(
    program: Program, reciter: Reciter, tmp_path: Path, number: signal.Signals, phase: str
):
    """A second signal ends the server without waiting; nothing stays behind even then."""
    more = (field("stream", "true"),) if phase == "streaming" else ()
    # The sample repeated looks like a model that repeats itself; without a temperature it would be read again.
    asked = (field("model", "tiny.en"), field("temperature", "0"), *more)
    data = request(form(*asked, recording(long_recording(tmp_path, 300))))
    # While it transcribes, the real model is longer in one call of its library.
    with serving(program, **({} if phase == "transcribing" else reciter)) as served, served.connect() as connection:
        connection.sendall(data[:-1000] if phase == "sending" else data)
        if phase == "streaming":
            assert b"200 OK" in connection.recv(1 << 16)
        else:
            until(served.leftovers)
        if phase == "transcribing":
            time.sleep(1)
        served.signal(number)
        until(lambda: FINISHING in served.err_lines)
        began_s = time.monotonic()
        served.signal(number)
        assert is_over(served, 128 + number, FINISHING)
        assert time.monotonic() - began_s < 8


def test_interrupt_of_the_whole_group(program: Program, reciter: Reciter, tmp_path: Path):
    """Ctrl-C on a terminal reaches every process of the group, but the work is still finished."""
    with serving(program, **reciter) as served:
        replies: list[requests.Response] = []
        sample = long_recording(tmp_path, 12)
        thread = threading.Thread(target=lambda: replies.append(served.post(MODEL, ("file", sample))))
        thread.start()
        until(served.leftovers)
        os.killpg(served.process.pid, signal.SIGINT)
        thread.join(30)
        assert replies[0].json()["text"].startswith(f"{served.heard} {served.heard} ")
        assert is_over(served, 0, FINISHING)


def test_client_that_does_not_end_its_request(program: Program, reciter: Reciter):
    """A client that is refused and keeps its connection open does not keep the server running."""
    with serving(program, **reciter) as served, served.connect() as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc")
        assert read_answer(connection).status == 404
        served.signal()
        assert is_over(served, 0)


def test_port_is_free_afterwards(program: Program, reciter: Reciter):
    """The next server can use the same port at once."""
    with serving(program, **reciter) as served:
        assert served.post(MODEL, ("file", MEDIA / "hello.wav")).status_code == 200
        port = served.port
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
