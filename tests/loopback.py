"""A real HTTP/1.1 server on 127.0.0.1 for tests: it replies according to a script and records its requests.

    with LoopbackServer() as server:
        server.answer(Reply(503, headers={"Retry-After": "0"}), json_reply({"text": "hello"}))
        ...  # two requests to server.url + "/audio/transcriptions"
        assert [part.name for part in server.requests[1].parts] == ["file", "model"]

An upload is read in pieces and never held: only the length, the hash and the first bytes of each part are kept. A
scripted fault happens on the socket, as with a broken server or network.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import socketserver
import struct
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Self

from formdata import KEEP_BYTES, MultipartReader, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from email.message import Message

READ_BYTES = 1 << 20
SETTLE_S = 0.05


class Fault(Enum):
    """A way in which the server fails to send the reply, after it has read as much of the request as it wants."""

    CLOSE = auto()  # the connection ends without a reply
    RESET = auto()  # the connection is reset, so that the client's next read or write fails
    HANG = auto()  # nothing happens until the server is closed
    CUT = auto()  # the connection ends before the announced body is complete


@dataclass(frozen=True)
class Reply:
    """The server's reply to one request.

    Args:
        status: The HTTP status.
        body: The body, sent with its length.
        content_type: The media type; None sends no such header.
        headers: Additional headers; they replace the server's own of the same name.
        chunks: The body in pieces, sent in the chunked encoding, instead of `body`.
        delay_s: Seconds between the end of the request and the start of the reply.
        chunk_delay_s: Seconds before each chunk.
        read_bytes: Reply after reading this many bytes of the request's body, and read no more; None reads all, and so
            does a reply that a function returns.
        http10: Reply as HTTP/1.0: no length, no chunked encoding; the end of the connection ends the body.
        raw: Bytes sent instead of a reply, HTTP or not; then the connection ends.
        fault: What goes wrong, if anything.
    """

    status: int = 200
    body: bytes = b""
    content_type: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Sequence[bytes] | None = None
    delay_s: float = 0.0
    chunk_delay_s: float = 0.0
    read_bytes: int | None = None
    http10: bool = False
    raw: bytes | None = None
    fault: Fault | None = None


def json_reply(value: object, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply with a value as its JSON body."""
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers or {})


@dataclass
class Request:
    """One request that reached the server, filled in while it is read.

    Args:
        method: The method, such as `POST`.
        target: The target in the request line: path and query, or a whole URL if the server is used as a proxy.
        headers: The headers in order; names are case-insensitive.
        client_port: The client's port: the same for two requests on one connection.
        arrived_s: When the headers were read, by `time.monotonic`.
        head: The first `KEEP_BYTES` of the body as received.
        length: Bytes of the body that were read, without the framing of a chunked encoding.
        parts: The parts of a multipart body, in order.
        complete: Whether the body was read to its end.
        over: Whether no more of it will be read.
    """

    method: str
    target: str
    headers: Message
    client_port: int
    arrived_s: float
    head: bytes = b""
    length: int = 0
    parts: list[Part] = field(default_factory=list)
    complete: bool = False
    over: bool = False

    @property
    def path(self) -> str:
        """The path as it appears in the request."""
        return urllib.parse.urlsplit(self.target).path

    @property
    def is_listing(self) -> bool:
        """Whether it asks which models there are."""
        return self.method == "GET" and self.path.endswith("/models")

    @property
    def query(self) -> dict[str, list[str]]:
        """The decoded names and values of the query."""
        return urllib.parse.parse_qs(urllib.parse.urlsplit(self.target).query, keep_blank_values=True)

    @property
    def fields(self) -> dict[str, list[str]]:
        """The values of the form's fields that are not files, by name; both in order."""
        found: dict[str, list[str]] = {}
        for part in self.parts:
            if part.filename is None:
                found.setdefault(part.name, []).append(part.text)
        return found

    def part(self, name: str) -> Part:
        """Return the only part with that name."""
        (found,) = [part for part in self.parts if part.name == name]
        return found


class LoopbackServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The server.

    `requests` holds the requests in order of arrival; `most_at_once` is the largest number of them in progress at one
    time, each from the arrival of its headers to the start of its reply.

    The list of models is a matter of its own: `models` is the reply to it, and `listings` counts the requests for it.
    With None, such a request is like any other.

    Args:
        parse: Whether to parse bodies; False only counts their bytes, to measure a client.
        keep_bytes: How many bytes of each part are kept.
    """

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, *, parse: bool = True, keep_bytes: int = KEEP_BYTES) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.parse = parse
        self.keep_bytes = keep_bytes
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.models: Reply | Callable[[Request], Reply] | None = Reply(404)
        self.listings = 0
        self.closing = threading.Event()
        self.changed = threading.Condition()
        self._script: list[Reply | Callable[[Request], Reply]] = [json_reply({"text": "hello"})]
        self._at_once = 0
        self._failures: list[BaseException] = []
        self._connections: set[socket.socket] = set()
        self._resets: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="loopback server")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self.port}/v1"

    def answer(self, *script: Reply | Callable[[Request], Reply]) -> None:
        """Set the replies to the next requests, in order of arrival; the last one serves all that follow.

        A function is called when the request has been read; a plain reply takes effect when the request arrives.
        """
        with self.changed:
            self._script = list(script)

    def wait_for_requests(self, count: int, *, timeout_s: float = 20.0) -> None:
        """Wait until this many requests have been read as far as they will be.

        Raises:
            TimeoutError: They have not been within the timeout.
        """
        with self.changed:
            if not self.changed.wait_for(lambda: sum(request.over for request in self.requests) >= count, timeout_s):
                raise TimeoutError(f"{len(self.requests)} requests came, {count} were expected")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        with self.changed:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the client may be faster
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        if self._failures:
            raise self._failures[0]

    def start_request(self, request: Request) -> Reply | Callable[[Request], Reply]:
        """Record a request whose headers have been read, and return its scripted reply."""
        with self.changed:
            if self.models is not None and request.is_listing:
                self.listings += 1
                return self.models
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def end_request(self, request: Request) -> None:
        """Record that a request's reply begins, or that there will be none."""
        with self.changed:
            self._at_once -= self.models is None or not request.is_listing

    def reset(self, connection: socket.socket) -> None:
        """Make a connection end with a reset."""
        # The structure has two shorts on Windows and two ints elsewhere.
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._resets.add(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a new connection."""
        with self.changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        with self.changed:
            self._connections.discard(request)
        if request in self._resets:
            self._resets.discard(request)
            request.close()  # without the orderly shutdown that the base class sends first
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # signature of the base class
        """Keep an error of the server or of a script until the end; clients may disconnect."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self._failures.append(error)


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LoopbackServer

    def answer_request(self) -> None:
        """Read one request and answer it according to the script."""
        request = Request(self.command, self.path, self.headers, self.client_address[1], time.monotonic())
        scripted = self.server.start_request(request)
        try:
            limit = scripted.read_bytes if isinstance(scripted, Reply) else None
            self._read(request, limit)
            with self.server.changed:
                request.over = True
                self.server.changed.notify_all()
            if not request.complete and limit is None:
                self.close_connection = True  # the client disconnected
                return
            reply = scripted if isinstance(scripted, Reply) else scripted(request)
            self.server.closing.wait(None if reply.fault is Fault.HANG else reply.delay_s)
        finally:
            # Not later: a client that has its reply may send its next request before this thread gets here.
            self.server.end_request(request)
        self._send(reply, complete=request.complete)

    do_CONNECT = do_DELETE = do_GET = do_POST = do_PUT = answer_request  # noqa: N815  # names the base class requires

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # signature of the base class
        """Log nothing: the requests are in `requests`."""

    def _read(self, request: Request, limit: int | None) -> None:
        boundary = self.headers.get_boundary()
        reader = (
            MultipartReader(boundary.encode(), request.parts, self.server.keep_bytes)
            if boundary and self.server.parse
            else None
        )
        for data in self._body(limit):
            if not data:
                return
            request.length += len(data)
            request.head += data[: KEEP_BYTES - len(request.head)]
            if reader:
                reader.feed(data)
        request.complete = limit is None or request.length < limit

    def _body(self, limit: int | None) -> Iterator[bytes]:
        """Yield the body in pieces, at most `limit` bytes of it; an empty piece means that the client disconnected."""
        left = sys.maxsize if limit is None else limit
        for size in self._chunk_sizes():
            while size and left:
                data = self.rfile.read1(min(READ_BYTES, size, left))
                yield data
                size -= len(data)  # noqa: PLW2901  # the rest of this chunk
                left -= len(data)
            if not left:
                return

    def _chunk_sizes(self) -> Iterator[int]:
        """Yield the size of each block of the body; the caller reads the block before the next size is read."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            yield int(self.headers.get("Content-Length", 0))
            return
        while line := self.rfile.readline():
            size = int(line.split(b";")[0], 16)
            if not size:
                break
            yield size
            self.rfile.readline()
        else:
            yield 1  # nothing will come, which the caller detects
        while self.rfile.readline().strip():
            pass  # trailers

    def _send(self, reply: Reply, *, complete: bool) -> None:
        if reply.fault is Fault.RESET:
            self.server.reset(self.connection)
        if reply.fault in {Fault.CLOSE, Fault.HANG, Fault.RESET}:
            self.close_connection = True
            return
        if not complete or reply.http10 or reply.raw is not None or reply.fault:
            self.close_connection = True
        for data in self._wire(reply):
            self.wfile.write(data)
        if not complete:
            # Let the reply arrive before the unread rest of the request makes the system reset the connection.
            self.server.closing.wait(SETTLE_S)

    def _wire(self, reply: Reply) -> Iterator[bytes]:
        """Yield the bytes of a reply, each piece when it is due."""
        if reply.raw is not None:
            yield reply.raw
            return
        chunked = reply.chunks is not None and not reply.http10
        cut = reply.fault is Fault.CUT
        headers = {"Content-Type": reply.content_type} if reply.content_type else {}
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif not reply.http10:
            headers["Content-Length"] = str(len(reply.body) + (1000 if cut else 0))
        if self.close_connection and not cut:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.{0 if reply.http10 else 1} {reply.status} {self.responses.get(reply.status, [''])[0]}"]
        lines += [f"{name}: {value}" for name, value in {**headers, **reply.headers}.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if reply.chunks is None:
            yield head + reply.body
            return
        yield head
        for chunk in reply.chunks:
            self.server.closing.wait(reply.chunk_delay_s)
            yield b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk
        if chunked and not cut:
            yield b"0\r\n\r\n"
