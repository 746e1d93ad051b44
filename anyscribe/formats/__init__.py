"""The contract's formats: a transcript to the text of one, and back. Pure functions, one file a format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from anyscribe.formats import json_text, srt, text, verbose_json, vtt
from anyscribe.formats.timestamps import TIMING_LINE
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anyscribe.transcript import Transcript

__all__ = ["FORMATS", "Format", "parse", "recognise", "render"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name, and how it is written and read.

    Args:
        name: The contract's name for it.
        extension: What files in it end in, without the dot.
        render: Writes a transcript as one string.
        parse: Reads one back; raises ValueError, with one line that says where, for what is not in this format.
    """

    name: ResponseFormat
    extension: str
    render: Callable[[Transcript], str]
    parse: Callable[[str], Transcript]


FORMATS: Mapping[ResponseFormat, Format] = MappingProxyType(
    {
        known.name: known
        for known in (
            Format(ResponseFormat.TEXT, "txt", text.render, text.parse),
            Format(ResponseFormat.JSON, "json", json_text.render, json_text.parse),
            Format(ResponseFormat.VERBOSE_JSON, "json", verbose_json.render, verbose_json.parse),
            Format(ResponseFormat.SRT, "srt", srt.render, srt.parse),
            Format(ResponseFormat.VTT, "vtt", vtt.render, vtt.parse),
        )
    }
)
"""Every format of the contract."""

_NUMBER_LINE = re.compile(r"[0-9]{1,9}\s*?\n\s*")
# What a number line and a timing line need, with room to spare; the rest of the reply is not looked at.
_HEAD_CHARACTERS = 400


def render(transcript: Transcript, response_format: ResponseFormat) -> str:
    """Write a transcript in a format.

    Args:
        transcript: What was said.
        response_format: The format.

    Returns:
        The whole document; empty only where nothing was said.
    """
    return FORMATS[response_format].render(transcript)


def parse(text: str, response_format: ResponseFormat) -> Transcript:
    """Read a document of a format, as servers and other programs write it.

    Args:
        text: The whole document.
        response_format: The format it is in; see `recognise`.

    Returns:
        What was said, as far as the format tells.

    Raises:
        ValueError: It is not in that format; the message is one line and says where.
    """
    return FORMATS[response_format].parse(text)


def recognise(text: str) -> ResponseFormat | None:
    """Tell the format of a document by its shape alone; never raises.

    Args:
        text: Any text.

    Returns:
        The format, or None where the text has no structure that is known here: it may be plain text, or anything.
    """
    start = text.removeprefix("\ufeff").lstrip()
    head = start[:_HEAD_CHARACTERS].replace("\r", "\n")
    if vtt.HEADER.match(head):
        return ResponseFormat.VTT
    if TIMING_LINE.match(_NUMBER_LINE.sub("", head, count=1) if _NUMBER_LINE.match(head) else head):
        return ResponseFormat.SRT
    if head.startswith("{"):
        from anyscribe.formats import json_reading  # noqa: PLC0415 - msgspec is loaded when JSON is met

        return json_reading.format_of(start)
    return None
