"""Read a text that somebody has: a transcript in any format, or prose."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.errors import UsageError
from anyscribe.formats import ctm
from anyscribe.formats.cue_files.reading import READERS, kind_of, read_decoded
from anyscribe.formats.cue_files.transcript import read_text
from anyscribe.formats.simple_cues import parser_of
from anyscribe.formats.text import parse as parse_text
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.transcript import Transcript

MARKDOWN: Final = frozenset((".md", ".markdown"))
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARK: Final = re.compile(r"^\s*(?:#{1,6}\s|>\s?|[-*+]\s|\d{1,3}[.)]\s)+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_RULE: Final = re.compile(r"^\s*(?:[-*_=]\s*){3,}$")
_FENCE: Final = re.compile(r"^\s*(?:```|~~~)")
_CLOCK: Final = re.compile(r"^\s*(?:\*\*)?\[?(?:\d{1,2}:)?\d{1,2}:\d{2}\]?(?:\*\*)?\s+")
"""The time that a paragraph of our own Markdown begins with."""


def read_document(text: str, extension: str = "") -> Transcript:
    """Read a document.

    Args:
        text: The whole document: subtitles (SubRip, WebVTT, ASS, TTML), a JSON transcript, Markdown, or plain text.
            Which one is seen from its content, except Markdown.
        extension: Its file's extension with the dot, which tells Markdown.

    Returns:
        The text, never empty, with the segments that the document has if they hold all of it.

    Raises:
        UsageError: There is no text, or it looks like subtitles or JSON and is damaged.
    """
    try:
        document = _parsed(text, extension)
    except ValueError as error:
        raise UsageError(f"the text cannot be read: {error}", remedy="mend it, or give the text alone") from error
    if "\0" in document.text:
        raise UsageError("it is no text", remedy="give what is said in the recording")
    if not document.text.strip():
        raise UsageError("there is no text", remedy="give what is said in the recording")
    in_segments = split_words(" ".join(segment.text for segment in document.segments))
    return document if in_segments == split_words(document.text) else replace(document, segments=())


class KnownDocument(NamedTuple):
    """A document that says when something is said.

    Args:
        transcript: What it says; perhaps nothing.
        has_cues: Whether its segments are the cues of subtitles.
        remarks: What was left out of it, each in a clause.
    """

    transcript: Transcript
    has_cues: bool = False
    remarks: tuple[str, ...] = ()


def read_transcript(text: str, extension: str = "") -> KnownDocument | None:
    """Read a document that says when something is said.

    Args:
        text: The whole document: subtitles (SubRip, WebVTT, ASS, TTML, SubViewer), lyrics, Whisper's table, CTM, or
            the JSON of this or another program; which one is seen from its content.
        extension: Its file's extension with the dot, which tells subtitles that begin with something else.

    Returns:
        The document; None if it is in none of these forms.

    Raises:
        ValueError: It looks like one of them and is damaged; the message is one line.
    """
    text = text.removeprefix("\ufeff")
    kind = kind_of(text)
    if not kind and (parse := parser_of(text)) is not None:
        return KnownDocument(parse(text), has_cues=True)
    if not kind and text.lstrip()[:1] in {"{", "["}:
        from anyscribe.formats import json_documents  # noqa: PLC0415 - load msgspec only for JSON

        found = json_documents.read(text)
        return None if found is None else KnownDocument(found)
    if not kind and ctm.is_ctm(text):
        return KnownDocument(ctm.parse(text))
    kind = kind or extension.lower()
    return KnownDocument(*_of_subtitles(text, kind)) if kind in READERS else None


def _of_subtitles(text: str, kind: str) -> tuple[Transcript, bool, tuple[str, ...]]:
    said = read_text(read_decoded(text, kind))
    return said.transcript, True, said.remarks


def _parsed(text: str, extension: str) -> Transcript:
    known = read_transcript(text)
    if known is not None:
        return known.transcript
    prose = "\n".join(_prose(text)) if extension.lower() in MARKDOWN else text
    return parse_text(prose.removeprefix("\ufeff"))


def _prose(markdown: str) -> Iterator[str]:
    """Yield the lines of a Markdown document that are read aloud, without their marks."""
    is_code = False
    for line in markdown.removeprefix("\ufeff").splitlines():
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code and not _RULE.match(line):
            yield _MARK.sub("", _LINK.sub(r"\1", _CLOCK.sub("", line)))
