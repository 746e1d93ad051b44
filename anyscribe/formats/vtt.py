"""``vtt``: WebVTT.

Source: https://www.w3.org/TR/webvtt1/
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from anyscribe.formats.cue_text import (
    ARROW,
    Line,
    RawCue,
    blocks_of,
    cue_text,
    cues_to_write,
    is_timing,
    numbered_lines,
    read_cues,
    transcript_of,
)
from anyscribe.formats.timestamps import vtt_timestamp
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

HEADER = re.compile(r"WEBVTT(?=\s|$)")
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?=\s|$)")
# `>` needs an escape only in an arrow; escaping it everywhere makes an arrow in the text impossible. `&` comes first.
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
# Match only tags that WebVTT defines: servers that escape nothing write a literal `a <b and c`.
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|ruby|rt|lang)(?:\.[^\s<>]*)?>"
    r"|<(?:v|lang)(?:\.[^\s<>]*)?\s[^<>]*>"
    r"|<[0-9:]+\.[0-9]{3}>"
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>")
# Only with its semicolon, unlike HTML: `AT&TIMES` and `?a=1&lt=2` stay unchanged.
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the segments as cues without identifiers; a speaker becomes the cue's voice.

    Args:
        transcript: The transcript; each segment with text becomes a cue, ordered by start.

    Returns:
        The file's text with line feeds; only the header if there are no cues.
    """
    cues = "".join(
        f"\n{vtt_timestamp(segment.start_ms)} --> {vtt_timestamp(end_ms)}\n{_voice(segment.speaker)}{_escaped(text)}\n"
        for segment, text, end_ms in cues_to_write(transcript.segments)
    )
    return f"WEBVTT\n{cues}"


def parse(text: str) -> Transcript:
    """Read WebVTT, also as other programs write it.

    Notes, styles, regions, identifiers, cue settings and tags are dropped, and character references are decoded. Loose
    timestamps are accepted. Cues without text are left out. Cues that end before they start get their start as end.

    Args:
        text: The file's text.

    Returns:
        A transcript whose segments are the cues, ordered by start, and whose text is their joined text. A cue with a
        single voice has it as its speaker.

    Raises:
        ValueError: It is not WebVTT; the message names the line.
    """
    blocks = blocks_of(numbered_lines(text))
    if not blocks or not HEADER.match(blocks[0][0].text):
        found = blocks[0][0] if blocks else Line(1, "")
        raise ValueError(f"line {found.number}: expected WEBVTT, found {found.text[:60]!r}")
    cues = read_cues(_cue_blocks(blocks), names_cue=_is_identifier)
    return transcript_of(_segment(cue) for cue in cues)


def _escaped(text: str) -> str:
    for character, escape in _ESCAPES:
        text = text.replace(character, escape)
    return text


def _voice(speaker: str | None) -> str:
    name = _voice_name(speaker) if speaker else ""
    # Two hyphens and the tag's own bracket would be an arrow; readers strip the space.
    return f"<v {_escaped(name)}{' ' if name.endswith(ARROW[:-1]) else ''}>" if name else ""


def _voice_name(annotation: str) -> str:
    return " ".join(cue_text(annotation).split())


def _is_identifier(block: Sequence[Line], index: int) -> bool:
    return index == 0 and ARROW not in block[0].text


def _cue_blocks(blocks: list[list[Line]]) -> list[list[Line]]:
    """Drop everything that is not a cue: the header with its metadata, notes, styles and regions."""
    header, *rest = blocks
    first_timing = next((index for index, line in enumerate(header) if is_timing(line)), len(header))
    asides = (_ASIDE.match(block[0].text) and not any(is_timing(line) for line in block) for block in rest)
    return [header[first_timing:], *(block for block, is_aside in zip(rest, asides, strict=True) if not is_aside)]


def _segment(cue: RawCue) -> Segment:
    payload = "\n".join(cue.lines)
    voice = _VOICE.match(payload.lstrip())
    is_one_voice = voice is not None and len(_VOICE.findall(payload)) == 1
    speaker = _voice_name(_decoded(voice.group(1))) if voice and is_one_voice else None
    return Segment(cue_text(_decoded(_TAG.sub("", payload))), cue.start_ms, cue.end_ms, speaker=speaker or None)


def _decoded(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
