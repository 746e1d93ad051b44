"""Shared code of SubRip and WebVTT: cues to write, and the lines of a cue file to read.

Both formats put an empty line between cues and a line with an arrow above each cue's text, so the same texts break
both. This module has the rules that keep a text from being read as something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyscribe.formats.prose import running_text, without_mark
from anyscribe.formats.timestamps import TIMING_LINE, timestamp_ms
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ARROW = "-->"
_QUOTED_CHARACTERS = 60
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cue file with its number, from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class RawCue:
    """A cue as read from a file: its time, and the lines below it, with escapes not yet decoded."""

    start_ms: int
    end_ms: int
    lines: list[str] = field(default_factory=list)


def cue_text(text: str) -> str:
    """Make a text safe to write in a cue.

    Empty lines would end the cue, so they are dropped. Whitespace around each line is stripped. Readers disagree on
    what ends a line (CR, VT, FF, the information separators, NEL, LS and PS do for some), so all of them become line
    feeds. NUL ends the file for readers written in C; it becomes U+FFFD, as in WebVTT.

    Args:
        text: Any text.

    Returns:
        Stripped, non-empty lines, separated by line feeds; an empty string if there are none.
    """
    stripped = (line.strip() for line in text.replace("\0", "\ufffd").splitlines())
    return "\n".join(line for line in stripped if line)


def cues_to_write(segments: Iterable[Segment]) -> Iterator[tuple[Segment, str, int]]:
    """Yield each segment with text as a cue, ordered by start, at least 1 ms long.

    Args:
        segments: The segments, in any order.

    Yields:
        The segment, its text made safe by `cue_text`, and its end in milliseconds, which is after its start.
    """
    for segment in sorted(segments, key=lambda segment: segment.start_ms):
        text = cue_text(segment.text)
        if text:
            yield segment, text, max(segment.end_ms, segment.start_ms + 1)


def parts_to_write(transcript: Transcript) -> Iterator[tuple[Segment, str, int]]:
    """Yield the segments as `cues_to_write` does; a text without times is one part from the start to the end.

    Args:
        transcript: The transcript.
    """
    whole = Segment(transcript.text, 0, transcript.duration_ms or 0)
    return cues_to_write(transcript.segments or (whole,))


def numbered_lines(text: str) -> list[Line]:
    """Split a cue file into lines, with any line endings.

    Args:
        text: The file's text, with or without a byte order mark.

    Returns:
        All lines, including empty ones.
    """
    lines = _LINE_END.sub("\n", without_mark(text)).split("\n")
    return [Line(number, line) for number, line in enumerate(lines, start=1)]


def blocks_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Group lines into blocks separated by lines that are empty or only whitespace.

    Args:
        lines: The lines, in order.

    Returns:
        The blocks, none of them empty, without the separating lines.
    """
    blocks: list[list[Line]] = []
    continues = False
    for line in lines:
        is_blank = not line.text or line.text.isspace()
        if not is_blank and continues:
            blocks[-1].append(line)
        elif not is_blank:
            blocks.append([line])
        continues = not is_blank
    return blocks


def is_timing(line: Line) -> bool:
    """Return whether the line gives a cue its time.

    Args:
        line: Any line.

    Returns:
        True only if both times can be read.
    """
    return ARROW in line.text and TIMING_LINE.match(line.text) is not None


def read_cues(blocks: Iterable[Sequence[Line]], *, names_cue: Callable[[Sequence[Line], int], bool]) -> list[RawCue]:
    """Read cues from blocks; tolerate deviations that are unambiguous.

    A timing line starts a cue anywhere in a block; the line above it may name the cue. A block without a timing line
    continues the text of the previous cue, since servers write texts that contain empty lines.

    Args:
        blocks: Lines as grouped by `blocks_of`.
        names_cue: Takes a block and the index of a line above a timing line; returns whether that line names the cue.

    Returns:
        The cues, in the file's order.

    Raises:
        ValueError: A timing cannot be read, or text comes before the first one; the message names the line.
    """
    cues: list[RawCue] = []
    for block in blocks:
        for index, line in enumerate(block):
            if timing := TIMING_LINE.match(line.text) if ARROW in line.text else None:
                start_ms, end_ms = (timestamp_ms(timestamp) for timestamp in timing.groups())
                cues.append(RawCue(start_ms, max(start_ms, end_ms)))
            elif index + 1 < len(block) and is_timing(block[index + 1]) and names_cue(block, index):
                continue
            elif not cues or _should_be_timing(block, index, names_cue):
                raise ValueError(f"line {line.number}: expected a timing, found {line.text[:_QUOTED_CHARACTERS]!r}")
            else:
                cues[-1].lines.append(line.text)
    return cues


def _should_be_timing(block: Sequence[Line], index: int, names_cue: Callable[[Sequence[Line], int], bool]) -> bool:
    # An arrow further down is text: the text of a cue may contain arrows.
    return ARROW in block[index].text and (index == 0 or (index == 1 and names_cue(block, 0)))


def transcript_of(segments: Iterable[Segment]) -> Transcript:
    """Return a transcript of the cues of a file.

    Args:
        segments: The cues, in the file's order; cues without text are left out.

    Returns:
        A transcript with the cues, ordered by start, and their joined text.
    """
    ordered = tuple(sorted((segment for segment in segments if segment.text), key=lambda segment: segment.start_ms))
    return Transcript(text=running_text(segment.text for segment in ordered), segments=ordered)


def one_line(text: str) -> str:
    """Make a text safe to write in a line of its own, such as a name.

    Args:
        text: Any text.
    """
    return " ".join(cue_text(text).split())


def named_cues(segments: Iterable[Segment]) -> Iterator[tuple[Segment, str, int]]:
    """Yield cues as `cues_to_write` does, with the speaker's name before the text where the speaker changes.

    Args:
        segments: The segments, in any order.
    """
    speaker: str | None = None
    for segment, text, end_ms in cues_to_write(segments):
        name = one_line(segment.speaker or "")
        yield segment, f"{name}: {text}" if name and segment.speaker != speaker else text, end_ms
        speaker = segment.speaker
