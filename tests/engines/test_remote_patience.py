"""The head of a response: interim responses are skipped, and all of it arrives within the timeout."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from loopback import Reply

from anyscribe.errors import RequestRefusedError, UnavailableError
from anyscribe.events import Sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Asker
    from loopback import LoopbackServer

pytest_plugins = ["asking"]

BODY = b'{"text": "hello"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n"
ANSWER = HEAD + BODY


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 102 Processing\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: HTTP/1.1 103\r\n\r\nHTTP/1.1 103 x\r\n\r\n",
        b"HTTP/1.0 199\n\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 500,
    ],
)
def test_interim_responses_are_skipped(ask: Asker, server: LoopbackServer, interim: bytes) -> None:
    """Any number of responses with a status from 100 on, and their headers, may come before the answer."""
    server.answer(Reply(raw=interim + ANSWER))
    asked = ask(server.url)
    assert asked.error is None
    assert asked.answer is not None
    assert asked.answer.transcript.text == "hello"
    assert len(server.requests) == 1
    assert asked.said(Sent)


def test_a_refusal_after_an_interim_response_is_the_refusal(ask: Asker, server: LoopbackServer) -> None:
    """The status that counts is the last one."""
    server.answer(Reply(raw=b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno"))
    asked = ask(server.url)
    assert isinstance(asked.error, RequestRefusedError)
    assert asked.error.status == 400


@contextlib.contextmanager
def dribbling(prefix: bytes, endless: bytes) -> Iterator[str]:
    """Run a server that reads a request, sends the prefix, and then a few bytes every 50 ms; yield its base URL."""
    stopped = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as client:
            client.recv(1 << 16)
            client.sendall(prefix)
            while not stopped.wait(0.05):
                client.sendall(endless)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        stopped.set()
        listener.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("prefix", "endless"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 ", b"O"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_the_timeout_is_for_the_whole_head(ask: Asker, prefix: bytes, endless: bytes) -> None:
    """A server that sends a byte now and then is not waited for longer than the timeout."""
    started = time.monotonic()
    with dribbling(prefix, endless) as base_url:
        asked = ask(base_url, retries=0, read_seconds=0.5)
    assert isinstance(asked.error, UnavailableError), asked.error
    assert "within 0.5 s" in str(asked.error) or "more than" in str(asked.error), asked.error
    # Without a bound, it would end after 100 headers or 65,536 bytes: after an hour.
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("body", [b"Transfer-Encoding: chunked\r\n\r\n", b"Content-Length: 60000\r\n\r\n"])
def test_a_slow_refusal_is_read_as_far_as_it_came(ask: Asker, body: bytes) -> None:
    """The status is enough: the page of a refusal is read within the same time."""
    with dribbling(b"HTTP/1.1 400 Bad Request\r\n" + body, b"1") as base_url:
        asked = ask(base_url, retries=0, read_seconds=0.5)
    assert isinstance(asked.error, RequestRefusedError), asked.error
    assert "(400)" in str(asked.error)


def test_a_slow_redirect_is_followed_at_once(ask: Asker, server: LoopbackServer) -> None:
    """The body of a redirect is not waited for."""
    head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /v1/elsewhere\r\nContent-Length: 60000\r\n\r\n"
    server.answer(Reply(raw=head), Reply(body=BODY))
    asked = ask(server.url)
    assert asked.error is None
    assert server.requests[1].path == "/v1/elsewhere"


def test_a_stream_may_take_longer_than_the_timeout(ask: Asker, server: LoopbackServer) -> None:
    """Once a success has begun, the timeout is for each pause within it."""
    events = [b'data: {"type": "transcript.text.delta", "delta": "a"}\n\n'] * 8
    done = b'data: {"type": "transcript.text.done", "text": "aaaaaaaa"}\n\n'
    server.answer(Reply(chunks=[*events, done], chunk_delay_s=0.1, content_type="text/event-stream"))
    asked = ask(server.url, stream=True, read_seconds=0.6)
    assert asked.error is None
    assert len(asked.deltas) == 8
