"""``srt``: SubRip, as players, editors and other servers write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anyscribe.formats.cue_text import (
    ARROW,
    Line,
    blocks_of,
    cue_text,
    cues_to_write,
    is_timing,
    numbered_lines,
    read_cues,
    transcript_of,
)
from anyscribe.formats.timestamps import srt_timestamp
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

# SubRip has no escapes, and many readers take any line with an arrow in it for a timing line. A word joiner (U+2060) is
# invisible, allows no line break and splits the arrow. An arrow that is split already gets one more, so that reading,
# which takes one away, gives back exactly what was written.
_JOINER = "\u2060"
_ARROW_IN_TEXT = re.compile(f"--({_JOINER}*)>")
_SPLIT_ARROW = re.compile(f"--{_JOINER}({_JOINER}*)>")


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the segments as cues, numbered from 1, each with a blank line after it.

    Args:
        transcript: What was said; each segment with text becomes a cue, by start.

    Returns:
        The file's text, without byte order mark and with line feeds; empty where there are no cues.
    """
    return "".join(
        f"{number}\n{srt_timestamp(segment.start_ms)} --> {srt_timestamp(end_ms)}\n{_protected(text)}\n\n"
        for number, (segment, text, end_ms) in enumerate(cues_to_write(transcript.segments), start=1)
    )


def parse(text: str) -> Transcript:
    """Read SubRip back, also as others write it.

    A byte order mark, any line ends, blank lines too many, missing or wrong numbers, loose timestamps and coordinates
    behind them are taken in stride; cues without text are left out, cues that end before they start end at their start.

    Args:
        text: The file's text; nothing but white space is silence.

    Returns:
        A transcript whose segments are the cues, by start, and whose text is theirs, joined.

    Raises:
        ValueError: It is not SubRip, or was cut short; the message names the line.
    """
    blocks = _with_numbers_attached(blocks_of(numbered_lines(text)))
    cues = read_cues(blocks, names_cue=lambda block, index: _is_number(block[index]))
    if blocks and len(blocks[-1]) == 1 and blocks[-1][0].text.strip() == str(len(cues) + 1):
        raise ValueError(f"line {blocks[-1][0].number}: cut off after the number of a cue")
    return transcript_of(
        Segment(_SPLIT_ARROW.sub(r"--\1>", cue_text("\n".join(cue.lines))), cue.start_ms, cue.end_ms) for cue in cues
    )


def _protected(text: str) -> str:
    if ARROW[:-1] not in text:
        return text
    return _ARROW_IN_TEXT.sub(rf"--{_JOINER}\1>", text)


def _is_number(line: Line) -> bool:
    stripped = line.text.strip()
    return stripped.isascii() and stripped.isdigit()


def _with_numbers_attached(blocks: list[list[Line]]) -> list[list[Line]]:
    """Put a number that stands alone to the timing line below it: some files have a blank line after every line."""
    attached: list[list[Line]] = []
    for block in blocks:
        previous = attached[-1] if attached else []
        if len(previous) == 1 and _is_number(previous[0]) and is_timing(block[0]):
            previous.extend(block)
        else:
            attached.append(block)
    return attached
