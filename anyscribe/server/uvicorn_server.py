"""Uvicorn, adapted to the contract: the responses that it sends by itself use the error envelope, and arrive."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from anyscribe.server.error_middleware import new_request_id
from anyscribe.server.failures import Failure
from anyscribe.server.lingering_close import IDLE_LINGERING_S, LEAST_LINGERING_BYTES

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from starlette.types import ASGIApp

_KEEP_ALIVE_S: Final = 75
"""Longer than clients keep idle connections, or a connection could be closed just when a client reuses it."""

_LAST_WAIT_S: Final = 5
_CUT_OFF: Final = "the request ends before its body is whole"
_SLOW_HEAD: Final = Failure(408, "the request's headers arrive too slowly; send it again", code="request_timeout")


class _Protocol(H11Protocol):
    """Refuses malformed and slow HTTP, and keeps reading for a short time so that the refusal arrives."""

    head_s: float
    """The maximum time for the request line and the headers, in seconds; for a connection's first request, from its
    beginning."""

    _left_bytes: int | None = None
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the base class
        """Start waiting for a request, with a timeout."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(self.head_s, self._refuse_slow_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release everything."""
        super().connection_lost(exc)
        # Otherwise the timer would keep the connection in memory until it fires.
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """Process received data; after a refusal, discard it, up to a limit."""
        if self._left_bytes is None:
            super().data_received(data)
            self._watch_head()
            return
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            self.transport.close()

    def eof_received(self) -> None:
        """Answer a client that ended its request too early; it may still read the response."""
        cycle = self.cycle
        if self._left_bytes is None and cycle is not None and cycle.more_body and not cycle.response_started:
            self.send_400_response(_CUT_OFF)

    def _watch_head(self) -> None:
        """Wait for the rest of a request's head, but not for ever."""
        if not self._has_partial_head():
            self._stop_waiting()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self.head_s, self._refuse_slow_head)

    def _has_partial_head(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse_slow_head(self) -> None:
        if self._has_partial_head():
            self._refuse(_SLOW_HEAD)
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse the received data and everything after it."""
        self._refuse(Failure(400, msg))

    def _refuse(self, failure: Failure) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            # Signal a disconnect to the app that is handling the request.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                return
        body = failure.body
        status = HTTPStatus(failure.status)
        head = f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\n"
        head += f"connection: close\r\nx-request-id: {new_request_id()}\r\n\r\n"
        self.transport.write(head.encode() + body)
        self._left_bytes = LEAST_LINGERING_BYTES
        self.loop.call_later(IDLE_LINGERING_S, self.transport.close)


class UvicornServer(uvicorn.Server):
    """Serves an app on a bound socket, without logging or signal handling.

    Args:
        app: The app that handles requests.
        on_ready: Called when connections are accepted.
        on_overdue: Called if work is still running ``grace_s`` seconds after the shutdown began.
        on_over: Called when all connections have ended.
        grace_s: How long work may take after the shutdown began, in seconds.
        head_s: How long a client may take for the head of a request, in seconds.
    """

    def __init__(  # noqa: PLR0913 - what a server is made of
        self,
        app: ASGIApp,
        *,
        on_ready: Callable[[], None],
        on_overdue: Callable[[], None],
        on_over: Callable[[], None],
        grace_s: float,
        head_s: float,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=type("_Protocol", (_Protocol,), {"head_s": head_s}),
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                workers=1,
                timeout_keep_alive=_KEEP_ALIVE_S,
                # By then all requests have been cancelled; this is for those that do not react.
                timeout_graceful_shutdown=round(grace_s) + _LAST_WAIT_S,
            )
        )
        self._on_ready = on_ready
        self._on_overdue = on_overdue
        self._on_over = on_over
        self._grace_s = grace_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting connections."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting connections, and return when the open ones have ended."""
        asyncio.get_running_loop().call_later(self._grace_s, self._on_overdue)
        await super().shutdown(sockets)
        self._on_over()
