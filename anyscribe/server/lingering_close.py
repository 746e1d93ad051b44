"""Lingering close: drain the request, within limits, so that an early response arrives.

Closing a connection with unread bytes makes the operating system reset it, and the reset can overtake the response.
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
"""The same limits as in nginx: the total time of reading after an early response, and the time without any data."""

LEAST_LINGERING_BYTES: Final = 64 << 20
_STALLED_S: Final = 60.0
"""A client that does not read its response for this long is considered gone, although its connection is open."""


class LingeringClose:
    """ASGI middleware, outside all other middleware that sends responses.

    Args:
        app: The app that handles requests; it may respond before it has read the request.
        lingering_bytes: At most this many bytes of a request are read and discarded after the response.
    """

    def __init__(self, app: ASGIApp, *, lingering_bytes: int) -> None:
        self._app = app
        self._lingering_bytes = lingering_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
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
            # The whole response is sent, but its end is not yet signalled to the server.
            await send_in_time({**message, "more_body": True})
            await self._linger(receive_noted)
            await send_in_time({"type": "http.response.body"})

        await self._app(scope, receive_noted, send_patiently)

    async def _linger(self, receive: Receive) -> None:
        """Discard the rest of the request until it ends or a limit is reached."""
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
