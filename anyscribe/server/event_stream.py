"""Send a transcript as server-sent events, in OpenAI's dialect: deltas as text becomes known, then the whole text.

    data: {"type":"transcript.text.delta","delta":" Hi"}
    data: {"type":"transcript.text.done","text":"Hi", …}

The last event has the members of the reply without a stream: those of ``json`` or, for every format with times, of
``verbose_json``. No ``[DONE]`` follows: it belongs to another dialect, and clients of this one may parse it as JSON.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe.formats.json_writing import json_line
from anyscribe.request import ResponseFormat
from anyscribe.server.cancellation import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from starlette.types import Send

EVENT_STREAM: Final = "text/event-stream"
_HEADERS: Final = (
    (b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()),
    (b"cache-control", b"no-cache"),
    # Otherwise nginx buffers the events until it has a full page.
    (b"x-accel-buffering", b"no"),
)
_SILENCE_S: Final = 15.0
_KEEP_ALIVE: Final = b": keep-alive\n\n"


def format_of_stream(asked: ResponseFormat) -> ResponseFormat:
    """Return the format of the transcript in a stream's last event.

    Args:
        asked: The request's ``response_format``.
    """
    is_plain = asked in {ResponseFormat.TEXT, ResponseFormat.JSON}
    return ResponseFormat.JSON if is_plain else ResponseFormat.VERBOSE_JSON


def event(members: Mapping[str, Any]) -> bytes:
    """Encode an event.

    Args:
        members: The members of its JSON object, in order.
    """
    return b"data: " + json_line(members, {}).encode() + b"\n"


async def send_stream(
    send: Send,
    transcribe: Callable[[Callable[[str], None]], Coroutine[Any, Any, bytes]],
    *,
    silence_s: float = _SILENCE_S,
) -> None:
    """Send a transcript while it is produced.

    The reply starts with the first event, so that an earlier failure gets its own status.

    Args:
        send: The ASGI send function.
        transcribe: Does the work. It is passed a callback for the pieces of the text, which may be called from any
            thread, and returns the transcript in the format of `format_of_stream`.
        silence_s: After this many seconds without an event, a comment is sent to keep the connection alive.
    """
    loop = asyncio.get_running_loop()
    texts: asyncio.Queue[str | None] = asyncio.Queue()
    work = asyncio.create_task(transcribe(lambda text: _put(loop, texts, text)))
    work.add_done_callback(lambda _: texts.put_nowait(None))
    has_begun = False

    async def send_part(body: bytes) -> None:
        nonlocal has_begun
        if not has_begun:
            has_begun = True
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await send({"type": "http.response.body", "body": body, "more_body": True})

    try:
        while (text := await _next(texts, silence_s)) is not None:
            if text:
                await send_part(event({"type": "transcript.text.delta", "delta": text}))
            elif has_begun:
                await send_part(_KEEP_ALIVE)
        rendered = await work
    finally:
        work.cancel()
        await settled(work)
    await send_part(event({"type": "transcript.text.done", **msgspec.json.decode(rendered)}))
    await send({"type": "http.response.body"})


def _put(loop: asyncio.AbstractEventLoop, texts: asyncio.Queue[str | None], text: str) -> None:
    loop.call_soon_threadsafe(texts.put_nowait, text)


async def _next(texts: asyncio.Queue[str | None], silence_s: float) -> str | None:
    """Return the next piece of text; an empty one if none arrives within ``silence_s`` seconds, None after the last."""
    try:
        async with asyncio.timeout(silence_s):
            return await texts.get()
    except TimeoutError:
        return ""
