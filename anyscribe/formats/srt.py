"""``srt``: SubRip; read it as players, editors and servers write it."""

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

# SubRip has no escapes, and many readers take any line with an arrow for a timing line. A word joiner (U+2060) is
# invisible, allows no line break and splits the arrow. An arrow that is already split gets one more joiner, so that
# reading, which removes one, returns exactly the text that was written.
_JOINER = "\u2060"
_ARROW_IN_TEXT = re.compile(f"--({_JOINER}*)>")
_SPLIT_ARROW = re.compile(f"--{_JOINER}({_JOINER}*)>")


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the segments as cues, numbered from 1, each followed by an empty line.

    SubRip has no speakers: where the speaker changes, the name is written before the text.

    Args:
        transcript: The transcript; each segment with text becomes a cue, ordered by start.

    Returns:
        The file's text, without a byte order mark and with line feeds; empty if there are no cues.
    """
    cues = []
    speaker: str | None = None
    for number, (segment, text, end_ms) in enumerate(cues_to_write(transcript.segments), start=1):
        name = " ".join(cue_text(segment.speaker or "").split())
        said = f"{name}: {text}" if name and segment.speaker != speaker else text
        speaker = segment.speaker
        cues.append(f"{number}\n{srt_timestamp(segment.start_ms)} --> {srt_timestamp(end_ms)}\n{_protected(said)}\n\n")
    return "".join(cues)


def parse(text: str) -> Transcript:
    """Read SubRip, also as other programs write it.

    A byte order mark, any line endings, extra empty lines, missing or wrong numbers, loose timestamps and coordinates
    after them are accepted. Cues without text are left out. Cues that end before they start get their start as end.

    Args:
        text: The file's text; a file of only whitespace is an empty transcript.

    Returns:
        A transcript whose segments are the cues, ordered by start, and whose text is their joined text.

    Raises:
        ValueError: It is not SubRip, or was cut off; the message names the line.
    """
    blocks = _with_numbers_attached(blocks_of(numbered_lines(text)))
    cues = read_cues(blocks, names_cue=lambda block, index: _is_number(block[index]))
    if blocks and len(blocks[-1]) == 1 and blocks[-1][0].text.strip() == str(len(cues) + 1):
        raise ValueError(f"line {blocks[-1][0].number}: cut off after the number of a cue")
    return transcript_of(
        Segment(without_joiners(cue_text("\n".join(cue.lines))), cue.start_ms, cue.end_ms) for cue in cues
    )


def without_joiners(text: str) -> str:
    """Return the text that was written, with its arrows whole.

    Args:
        text: A text as a file has it.
    """
    return _SPLIT_ARROW.sub(r"--\1>", text)


def _protected(text: str) -> str:
    if ARROW[:-1] not in text:
        return text
    return _ARROW_IN_TEXT.sub(rf"--{_JOINER}\1>", text)


def _is_number(line: Line) -> bool:
    stripped = line.text.strip()
    return stripped.isascii() and stripped.isdigit()


def _with_numbers_attached(blocks: list[list[Line]]) -> list[list[Line]]:
    """Attach a lone number to the timing line below it: some files have an empty line after every line."""
    attached: list[list[Line]] = []
    for block in blocks:
        previous = attached[-1] if attached else []
        if len(previous) == 1 and _is_number(previous[0]) and is_timing(block[0]):
            previous.extend(block)
        else:
            attached.append(block)
    return attached
