"""Parse server-sent events from bytes that may be split anywhere in transit.

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

_FIELDS: Final = (":", "data:", "event:", "id:", "retry:")
_LINE: Final = re.compile(r"(?:(:|event:|id:|retry:)[^\r\n]*)?[\r\n]+")
_SURE_CHARS: Final = 64
"""This many characters of a ``data:`` line identify its content, even if the line's end has not arrived."""

_EXAMINED_BYTES: Final = 1 << 12
_PAYLOAD: Final = re.compile(r'data: ?\s*(\{\s*["}]|\[DONE\])')
"""Data that servers stream but that does not occur in speech; ``data: hello`` may be part of a transcript."""

_NOT_A_FIELD: Final = ("{", "[", "<")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Args:
        type: The event's name; ``message`` if the server gave none.
        data: The event's data lines, joined by line feeds; may be empty.
        is_ended: Whether the empty line that ends it arrived; otherwise the stream ended there, perhaps mid-event.
    """

    type: str
    data: str
    is_ended: bool = True


def read_events(chunks: Iterable[bytes]) -> Iterator[ServerEvent]:
    """Yield events as they arrive, each as soon as the empty line that ends it begins.

    Args:
        chunks: The bytes, split anywhere; exceptions that it raises pass through.

    Yields:
        The events that have data. The last one need not end with an empty line.
    """
    name = ""
    data: list[str] = []
    for line in _lines(chunks):
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value
            continue
        if data:
            yield ServerEvent(name or "message", "\n".join(data), is_ended=line is not None)
        name, data = "", []


def _lines(chunks: Iterable[bytes]) -> Iterator[str | None]:
    """Yield lines without their line breaks, including an unfinished last one, and None at the end of the stream.

    Lines end with LF, CR or CRLF. Bytes that are not UTF-8 become U+FFFD, and a byte order mark is dropped.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    unfinished: list[str] = []
    is_after_return = False
    for chunk in chunks:
        text = decoder.decode(chunk)
        if not text:
            continue
        # The carriage return already ended its line; drop the line feed that belongs to it.
        fresh = text[1:] if is_after_return and text[0] == "\n" else text
        is_after_return = text[-1] == "\r"
        first, *others = fresh.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        unfinished.append(first)
        for line in others:
            yield "".join(unfinished)
            unfinished = [line]
    last = "".join([*unfinished, decoder.decode(b"", final=True)])
    if last:
        yield last
    yield None


def is_stream(start: bytes, media_type: str, *, is_all: bool = False) -> bool | None:
    """Return whether a reply is a stream of events, by its media type or its shape.

    Args:
        start: The start of the reply.
        media_type: The media type that the server states, in lower case, without parameters.
        is_all: Whether ``start`` is the complete reply.

    Returns:
        True for a stream, False for a complete reply; None if more is needed, which is never so with ``is_all``.
    """
    answer = _is_stream(start + b"\n" if is_all else start, media_type)
    return media_type == MEDIA_TYPE if is_all and answer is None else answer


def _is_stream(start: bytes, media_type: str) -> bool | None:
    text = start[:_EXAMINED_BYTES].decode("utf-8-sig", "ignore").lstrip()
    if not text:
        return None if len(start) < _EXAMINED_BYTES else media_type == MEDIA_TYPE
    if media_type == MEDIA_TYPE:
        # Some servers label every reply as a stream if one was requested.
        return not text.startswith(_NOT_A_FIELD)
    is_named = False
    while line := _LINE.match(text):
        is_named = is_named or line[1] == "event:"
        text = text[line.end() :]
    if text.startswith("data:"):
        if len(text) < _SURE_CHARS and not re.search(r"[\r\n]", text):
            return None
        return is_named or _PAYLOAD.match(text) is not None
    is_field = any(text.startswith(name) or name.startswith(text) for name in _FIELDS)
    return None if is_field and len(start) < _EXAMINED_BYTES else False
