"""Read documents in the contract's formats, as servers and other programs write them, into a transcript."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from anyscribe.formats import json_text, srt, text, vtt
from anyscribe.formats.timestamps import TIMING_LINE
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anyscribe.transcript import Transcript

_PARSERS: Final[Mapping[ResponseFormat, Callable[[str], Transcript]]] = MappingProxyType(
    {
        ResponseFormat.TEXT: text.parse,
        ResponseFormat.JSON: json_text.parse,
        ResponseFormat.VERBOSE_JSON: json_text.parse,
        ResponseFormat.SRT: srt.parse,
        ResponseFormat.VTT: vtt.parse,
        ResponseFormat.DIARIZED_JSON: json_text.parse,
    }
)

_NUMBER_LINE: Final = re.compile(r"[0-9]{1,9}\s*?\n\s*")
_HEAD_CHARACTERS: Final = 400
"""Enough for a number line and a timing line; the rest of a document is not examined."""


def parse(document: str, response_format: ResponseFormat) -> Transcript:
    """Read a document.

    Args:
        document: The whole document.
        response_format: Its format; see `recognise`.

    Returns:
        The transcript, with as much as the format holds.

    Raises:
        ValueError: It is not in that format; the message is one line and names the place.
    """
    return _PARSERS[response_format](document)


def recognise(document: str) -> ResponseFormat | None:
    """Recognise the format of a document by its structure alone; never raises.

    Args:
        document: Any text.

    Returns:
        The format; None if the structure is unknown: it may be plain text or anything else.
    """
    start = document.removeprefix("\ufeff").lstrip()
    head = start[:_HEAD_CHARACTERS].replace("\r", "\n")
    if vtt.HEADER.match(head):
        return ResponseFormat.VTT
    if TIMING_LINE.match(_NUMBER_LINE.sub("", head, count=1) if _NUMBER_LINE.match(head) else head):
        return ResponseFormat.SRT
    if head.startswith("{"):
        from anyscribe.formats import json_reading  # noqa: PLC0415 - load msgspec only for JSON

        return json_reading.format_of(start)
    return None
