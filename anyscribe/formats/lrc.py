"""``lrc``: lines with the time at which each begins, as players of music show lyrics.

Source: https://en.wikipedia.org/wiki/LRC_(file_format)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import named_cues, one_line
from anyscribe.formats.prose import running_text

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

_PAUSE_MS: Final = 2_000
"""After a line without another one for so long, an empty line takes it away."""

_TAG: Final = re.compile(r"^(?=\s*\[\s*\d+:)")


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write each segment as a line; where the speaker changes, the name is written before the text.

    Args:
        transcript: The transcript.
        metadata: The title; empty for none.

    Returns:
        The file's text with line feeds; empty if there is neither text nor title.
    """
    title = one_line(metadata.title)
    lines = [f"[ti:{title}]\n"] if title else []
    cleared_ms: int | None = None
    for segment, text, end_ms in named_cues(transcript.segments):
        if cleared_ms is not None and segment.start_ms - cleared_ms >= _PAUSE_MS:
            lines.append(f"[{_time(cleared_ms)}]\n")
        # The format has no escapes; a word joiner keeps text from being read as another time.
        lines.append(f"[{_time(segment.start_ms)}]{_TAG.sub(chr(0x2060), running_text([text]))}\n")
        cleared_ms = max(end_ms, cleared_ms or 0)
    if cleared_ms is not None:
        lines.append(f"[{_time(cleared_ms)}]\n")
    return "".join(lines)


def _time(time_ms: int) -> str:
    """Write a time as minutes, which may be more than 99, and seconds with two decimals."""
    seconds, centiseconds = divmod(time_ms // 10, 100)
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{centiseconds:02d}"
