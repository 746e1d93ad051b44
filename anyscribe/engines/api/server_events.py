"""Server-sent events: bytes, however they were split on their way, to events.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEDIA_TYPE: Final = "text/event-stream"

_NAMES: Final = (":", "data:", "event:", "id:", "retry:")
_LINE: Final = re.compile(r"(?:(:|event:|id:|retry:)[^\r\n]*)?[\r\n]+")
_SURE_CHARS: Final = 64
"""So much of a ``data:`` line tells what it holds, where the line's end has not come."""

_LOOKED_AT_BYTES: Final = 1 << 12
_PAYLOAD: Final = re.compile(r'data: ?\s*(\{\s*["}]|\[DONE\])')
"""What servers stream, as nobody would say it; ``data: hello`` may be somebody's words."""

_NO_FIELD: Final = ("{", "[", "<")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Args:
        type: The name that the server gave it, ``message`` where it gave none.
        data: Its lines of data, joined by line feeds; may be empty.
        is_ended: Whether the blank line came that ends it; else the stream ended there, perhaps amid the event.
    """

    type: str
    data: str
    is_ended: bool = True


def read_events(chunks: Iterable[bytes]) -> Iterator[ServerEvent]:
    """Read events as they come: each as soon as the blank line that ends it has begun.

    Args:
        chunks: The bytes, split anywhere; what it raises passes through.

    Returns:
        The events, without those that hold no data. The last one need not be ended by a blank line.
    """
    import sseclient  # noqa: PLC0415 - loaded when a stream is read

    is_over = False

    def lines() -> Iterator[bytes]:
        nonlocal is_over
        yield from _whole_lines(chunks)
        is_over = True

    for event in sseclient.SSEClient(lines()).events():
        yield ServerEvent(event.event, event.data, is_ended=not is_over)


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give what came as whole lines that end in a line feed, in valid UTF-8, without a byte order mark.

    The library knows no such mark, gives up at a byte that is not UTF-8, takes two different line ends in a row for no
    blank line, and copies an unfinished line with each piece that it gets.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    pieces: list[str] = []
    is_after_return = False
    for chunk in chunks:
        text = decoder.decode(chunk)
        if not text:
            continue
        # A carriage return ended its line when it came; the line feed that belongs to it ends no other.
        fresh = text[1:] if is_after_return and text[0] == "\n" else text
        is_after_return = text[-1] == "\r"
        lines, end, rest = fresh.replace("\r\n", "\n").replace("\r", "\n").rpartition("\n")
        if end:
            yield "".join([*pieces, lines, end]).encode()
            pieces.clear()
        pieces.append(rest)
    yield "".join([*pieces, decoder.decode(b"", final=True)]).encode()


def is_stream(start: bytes, media_type: str, *, is_all: bool = False) -> bool | None:
    """Tell a stream of events from a whole reply, by what the server calls it or by its shape.

    Args:
        start: How the reply begins.
        media_type: What the server calls it, in lower case, without parameters.
        is_all: Whether there is no more of it.

    Returns:
        None where more of it must be seen, which is never so where there is no more.
    """
    answer = _is_stream(start + b"\n" if is_all else start, media_type)
    return media_type == MEDIA_TYPE if is_all and answer is None else answer


def _is_stream(start: bytes, media_type: str) -> bool | None:
    text = start[:_LOOKED_AT_BYTES].decode("utf-8-sig", "ignore").lstrip()
    if not text:
        return None if len(start) < _LOOKED_AT_BYTES else media_type == MEDIA_TYPE
    if media_type == MEDIA_TYPE:
        # Some call every reply a stream where one was asked for.
        return not text.startswith(_NO_FIELD)
    is_named = False
    while line := _LINE.match(text):
        is_named = is_named or line[1] == "event:"
        text = text[line.end() :]
    if text.startswith("data:"):
        if len(text) < _SURE_CHARS and not re.search(r"[\r\n]", text):
            return None
        return is_named or _PAYLOAD.match(text) is not None
    is_field = any(text.startswith(name) or name.startswith(text) for name in _NAMES)
    return None if is_field and len(start) < _LOOKED_AT_BYTES else False
