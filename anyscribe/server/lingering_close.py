"""What a client is owed on its connection: time to read an answer that comes before its request is whole, and no more.

Closing a connection on which bytes are still unread makes the system reset it, and the reset can overtake the answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders

from anyscribe.server.failures import ClientGoneError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_LINGERING_S: Final = 30.0
IDLE_LINGERING_S: Final = 5.0
"""As nginx has it: so long is read on after an early answer, and so long where nothing comes."""

LEAST_LINGERING_BYTES: Final = 64 << 20
_STALLED_S: Final = 60.0
"""A client that does not read its answer for so long has gone, although its connection stands."""


class LingeringClose:
    """An ASGI app around another one, outside everything that answers.

    Args:
        app: What answers; it may do so before it has read the request.
        lingering_bytes: How much of a request is read and thrown away after it was answered.
    """

    def __init__(self, app: ASGIApp, *, lingering_bytes: int) -> None:
        self._app = app
        self._lingering_bytes = lingering_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        headers = Headers(scope=scope)
        is_unread = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

        async def receive_noted() -> Message:
            nonlocal is_unread
            message = await receive()
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                is_unread = False
            return message

        async def send_in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(_STALLED_S):
                    await send(message)
            except TimeoutError:
                raise ClientGoneError from None

        async def send_patiently(message: Message) -> None:
            if message["type"] == "http.response.start" and is_unread:
                MutableHeaders(scope=message)["connection"] = "close"
            if not is_unread or message["type"] != "http.response.body" or message.get("more_body", False):
                await send_in_time(message)
                return
            # All of the answer goes out, but the server does not know yet that it was all.
            await send_in_time({**message, "more_body": True})
            await self._linger(receive_noted)
            await send_in_time({"type": "http.response.body"})

        await self._app(scope, receive_noted, send_patiently)

    async def _linger(self, receive: Receive) -> None:
        """Read what is still coming, until it ends, or has gone on for too long."""
        clock = asyncio.get_running_loop().time
        ends_s = clock() + LONGEST_LINGERING_S
        left_bytes = self._lingering_bytes
        more = True
        while more and left_bytes > 0:
            try:
                async with asyncio.timeout_at(min(ends_s, clock() + IDLE_LINGERING_S)):
                    message = await receive()
            except TimeoutError:
                return
            left_bytes -= len(message.get("body", b""))
            more = message.get("more_body", False)
