"""Uvicorn, held to the contract: what it answers by itself comes in the envelope, and arrives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

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
"""Longer than clients keep an idle connection, or they would find theirs closed just when they need it."""

_FIRST_REQUEST_S: Final = 30
"""So long may a client take for the first line and the headers of its first request."""

_LAST_WAIT_S: Final = 5
_CUT_OFF: Final = "the request ends before its body is whole"


class _Protocol(H11Protocol):
    """Refuses what is no HTTP, and reads on for a while so that the refusal arrives."""

    _left_bytes: int | None = None
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as its base has it
        """Wait for a request, but not for ever."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(_FIRST_REQUEST_S, self._close_unless_asked)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        super().connection_lost(exc)
        if self._waiting is not None:
            # Else the connection would be remembered until the time has come.
            self._waiting.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what comes; what comes after the end is thrown away."""
        if self._left_bytes is None:
            super().data_received(data)
            return
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            self.transport.close()

    def eof_received(self) -> None:
        """Answer one that has ended its request too early, but may still be listening."""
        cycle = self.cycle
        if self._left_bytes is None and cycle is not None and cycle.more_body and not cycle.response_started:
            self.send_400_response(_CUT_OFF)

    def _close_unless_asked(self) -> None:
        if self.cycle is None:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what was read, and everything after it."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            # Whoever was to answer it is told that nobody is there any more.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                return
        body = Failure(400, msg).body
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        head += f"connection: close\r\nx-request-id: {new_request_id()}\r\n\r\n"
        self.transport.write(head.encode() + body)
        self._left_bytes = LEAST_LINGERING_BYTES
        self.loop.call_later(IDLE_LINGERING_S, self.transport.close)


class UvicornServer(uvicorn.Server):
    """Serves an app on a socket that is bound, without a word, and leaves signals to others.

    Args:
        app: What answers.
        on_ready: Called when connections are taken.
        on_overdue: Called when the server is told to end and some work takes longer than may be.
        on_over: Called when nobody is served any more.
        grace_s: How long work may take then, in seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        on_ready: Callable[[], None],
        on_overdue: Callable[[], None],
        on_over: Callable[[], None],
        grace_s: float,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
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
                # By then everybody has been told; this is for those who do not listen.
                timeout_graceful_shutdown=round(grace_s) + _LAST_WAIT_S,
            )
        )
        self._on_ready = on_ready
        self._on_overdue = on_overdue
        self._on_over = on_over
        self._grace_s = grace_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end when those that are there have ended."""
        asyncio.get_running_loop().call_later(self._grace_s, self._on_overdue)
        await super().shutdown(sockets)
        self._on_over()
