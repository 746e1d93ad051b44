"""The loopback server answers, records and misbehaves according to its script."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from formdata import KEEP_BYTES, MultipartReader, Part
from loopback import Fault, LoopbackServer, Reply, Request, json_reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORM = "multipart/form-data; boundary=cut"
PIECE = os.urandom(1 << 16)


def post(
    server: LoopbackServer, body: bytes | Iterable[bytes] = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Post once on a new connection; a body that is not bytes is sent in chunks."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as client:
        client.request("POST", "/v1/audio/transcriptions?a=1&a=2", body, headers or {})
        reply = client.getresponse()
        return reply.status, reply.read(), reply.headers


def form(*parts: tuple[str, bytes]) -> bytes:
    """Return a multipart body of parts that are given as headers and content."""
    written = b"".join(b"--cut\r\n%b\r\n\r\n%b\r\n" % (head.encode(), content) for head, content in parts)
    return b"preamble\r\n" + written + b"--cut--\r\nepilogue"


def test_records_what_was_asked(server: LoopbackServer) -> None:
    """A request is recorded with its method, path, query, headers and body."""
    post(server, b"\x00body", {"X-Test": "yes"})
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1/audio/transcriptions", {"a": ["1", "2"]})
    assert request.headers["x-test"] == "yes"
    assert (request.head, request.length, request.complete, request.parts) == (b"\x00body", 5, True, [])


def test_parses_a_form_in_order(server: LoopbackServer) -> None:
    """The parts of a form are recorded in order with name, file name, content type and body."""
    body = form(
        ('Content-Disposition: form-data; name="model"', b"m\xc3\xbc"),
        (
            'Content-Disposition: form-data; name="file"; filename="\u00fc.mp3"\r\nContent-Type: audio/mpeg',
            b"\r\n--cu\r\n",
        ),
        ('Content-Disposition: form-data; name="empty"', b""),
        ('Content-Disposition: form-data; name="include[]"', b"1"),
        ('Content-Disposition: form-data; name="include[]"', b"2"),
        ('Content-Disposition: form-data; name="other"; filename="x"; filename*=utf-8\'\'%C3%A4.wav', b"3"),
    )
    post(server, body, {"Content-Type": FORM})
    (request,) = server.requests
    assert [part.name for part in request.parts] == ["model", "file", "empty", "include[]", "include[]", "other"]
    assert request.fields == {"model": ["m\u00fc"], "empty": [""], "include[]": ["1", "2"]}
    file = request.part("file")
    assert (file.filename, file.content_type, file.body, file.length) == (
        "\u00fc.mp3",
        "audio/mpeg",
        b"\r\n--cu\r\n",
        8,
    )
    assert file.sha256 == hashlib.sha256(file.body).hexdigest()
    assert request.part("other").filename == "\u00e4.wav"
    assert request.head == body


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_parses_a_form_in_pieces_of_any_size(size: int) -> None:
    """A form is read correctly in pieces of any size."""
    content = b"\r\n--cu\r\n--cu--\r\r\n\n--cut\r\n--"
    body = form(
        ('Content-Disposition: form-data; name="a"', content), ('Content-Disposition: form-data; name="b"', b"")
    )
    parts: list[Part] = []
    reader = MultipartReader(b"cut", parts)
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    assert [(part.name, part.body) for part in parts] == [("a", content), ("b", b"")]


def test_holds_little_of_a_large_upload(server: LoopbackServer) -> None:
    """For a large part, only the length, the hash and the first bytes are kept."""
    count = 64

    def upload() -> Iterator[bytes]:
        yield b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(count):
            yield PIECE
        yield b"\r\n--cut--\r\n"

    post(server, upload(), {"Content-Type": FORM})
    (request,) = server.requests
    file = request.part("file")
    assert (file.length, len(file.body), len(request.head)) == (count * len(PIECE), KEEP_BYTES, KEEP_BYTES)
    assert file.sha256 == hashlib.sha256(PIECE * count).hexdigest()
    assert request.complete


def test_answers_by_the_script(server: LoopbackServer) -> None:
    """Replies come in the order of the script, the last one for all further requests."""
    server.answer(Reply(503, b"busy", "text/plain", {"Retry-After": "1"}), json_reply({"text": "\u00fc"}))
    status, body, headers = post(server)
    assert (status, body, headers["Retry-After"], headers["Content-Type"]) == (503, b"busy", "1", "text/plain")
    assert [post(server)[:2] for _ in range(2)] == [(200, b'{"text": "\xc3\xbc"}')] * 2
    assert (len(server.requests), server.most_at_once) == (3, 1)


def test_answers_by_a_function(server: LoopbackServer) -> None:
    """A function receives the request that it answers."""
    server.answer(lambda request: Reply(200, request.head[::-1]))
    assert post(server, b"abc")[1] == b"cba"


def test_keeps_a_connection(server: LoopbackServer) -> None:
    """Two requests can use one connection, and the records show it."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as client:
        for _ in range(2):
            client.request("GET", "/")
            client.getresponse().read()
    assert len({request.client_port for request in server.requests}) == 1


def test_counts_what_is_under_way(server: LoopbackServer) -> None:
    """The largest number of simultaneous requests is recorded, and tests can wait for requests."""
    server.answer(Reply(delay_s=0.3))
    clients = [threading.Thread(target=post, args=(server,)) for _ in range(3)]
    for client in clients:
        client.start()
    server.wait_for_requests(3)
    for client in clients:
        client.join()
    assert server.most_at_once == 3


def test_sends_chunks_slowly(server: LoopbackServer) -> None:
    """Chunks come one by one, each after its delay."""
    server.answer(Reply(chunks=[b"data: 1\n", b"\n"], content_type="text/event-stream", chunk_delay_s=0.05))
    began = time.monotonic()
    assert post(server)[1] == b"data: 1\n\n"
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("reply", [Reply(body=b"old", http10=True), Reply(chunks=[b"o", b"ld"], http10=True)])
def test_answers_as_http_1_0(server: LoopbackServer, reply: Reply) -> None:
    """Under HTTP/1.0, the body ends with the connection."""
    server.answer(reply)
    status, body, headers = post(server)
    assert (status, body, headers["Content-Length"], headers["Transfer-Encoding"]) == (200, b"old", None, None)


@pytest.mark.parametrize("reply", [Reply(body=b"half"), Reply(chunks=[b"half"])])
def test_cuts_a_reply(server: LoopbackServer, reply: Reply) -> None:
    """A reply can be cut off, with and without a length."""
    server.answer(Reply(body=reply.body, chunks=reply.chunks, fault=Fault.CUT))
    with pytest.raises(http.client.IncompleteRead) as caught:
        post(server)
    assert caught.value.partial == b"half"


def test_closes_without_an_answer(server: LoopbackServer) -> None:
    """The connection can end without a reply."""
    server.answer(Reply(fault=Fault.CLOSE), Reply())
    with pytest.raises(http.client.RemoteDisconnected):
        post(server, b"abc")
    assert post(server)[0] == 200


def test_resets_in_the_middle_of_an_upload(server: LoopbackServer) -> None:
    """The connection can be reset while the client is still sending."""
    server.answer(Reply(read_bytes=100_000, fault=Fault.RESET))
    with pytest.raises(ConnectionError):
        post(server, PIECE * 1000)
    (request,) = server.requests
    assert (request.length, request.complete) == (100_000, False)


def test_answers_before_the_upload_is_over(server: LoopbackServer) -> None:
    """A refusal can come before the body has been read; then the connection ends."""
    server.answer(Reply(413, b"too long", read_bytes=10))
    with closing(socket.create_connection(("127.0.0.1", server.port), 10)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + bytes(100))
        reply = client.recv(10_000)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close\r\n" in reply
    assert server.requests[0].length == 10


def test_answers_what_is_not_http(server: LoopbackServer) -> None:
    """Any bytes can be sent instead of a reply."""
    server.answer(Reply(raw=b"\x00\xff\r\n"))
    with pytest.raises(http.client.BadStatusLine):
        post(server)


def test_hangs_until_it_is_closed() -> None:
    """A server that never replies can still be closed at once."""
    with LoopbackServer() as server:
        server.answer(Reply(fault=Fault.HANG))
        client = socket.create_connection(("127.0.0.1", server.port), 10)
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        server.wait_for_requests(1)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    client.settimeout(10)
    with client:
        assert client.recv(1) == b""


def test_a_client_may_hang_up(server: LoopbackServer) -> None:
    """A client that disconnects during its upload is recorded as incomplete and disturbs nothing."""
    chunked = b"Transfer-Encoding: chunked\r\n\r\n"
    for rest in (b"Content-Length: 100\r\n\r\nabc", chunked, chunked + b"10\r\nabc", chunked + b"3\r\nabc\r\n"):
        with closing(socket.create_connection(("127.0.0.1", server.port), 10)) as client:
            client.sendall(b"POST / HTTP/1.1\r\n" + rest)
    server.wait_for_requests(4)
    assert [request.complete for request in server.requests] == [False] * 4
    assert post(server)[0] == 200


def test_a_defect_of_a_script_is_not_lost() -> None:
    """An exception raised by a function of the script is raised again when the server is closed."""

    def fail(_: Request) -> Reply:
        raise LookupError("no such reply")

    def ask() -> None:
        with LoopbackServer() as server:
            server.answer(fail)
            with pytest.raises(http.client.RemoteDisconnected):
                post(server)

    with pytest.raises(LookupError, match="no such reply"):
        ask()


def test_only_counts_when_told_so() -> None:
    """A server for measurements counts bodies without parsing them."""
    with LoopbackServer(parse=False) as server:
        post(server, form(('Content-Disposition: form-data; name="a"', b"1")), {"Content-Type": FORM})
        assert (server.requests[0].complete, server.requests[0].parts) == (True, [])


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.invalid", 80)])
def test_other_machines_are_out_of_reach(address: tuple[str, int]) -> None:
    """A test that contacts another machine fails, by address and by name."""
    with pytest.raises(RuntimeError, match="loopback only"):
        socket.create_connection(address, 1)
