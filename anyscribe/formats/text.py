"""``text``: the plain text alone, or its paragraphs with their times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats.cue_text import one_line
from anyscribe.formats.paragraphs import paragraphs
from anyscribe.formats.prose import running_text, without_mark
from anyscribe.timespan import clock_time
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the text unchanged.

    Args:
        transcript: The transcript.

    Returns:
        The text and one line feed; an empty string if the text is empty.
    """
    return f"{transcript.text}\n" if transcript.text else ""


def render_timed(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write paragraphs, each after its time and its speaker: ``[00:14:05] Maria: …``.

    Args:
        transcript: The transcript; without segments the text is one paragraph without a time.

    Returns:
        The paragraphs with a blank line between two; an empty string if the text is empty.
    """
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    blocks = [_paragraph(segments[start:end]) for start, end in paragraphs(segments)]
    if not blocks:
        return render(transcript)
    return "\n\n".join(blocks) + "\n"


def _paragraph(segments: Sequence[Segment]) -> str:
    name = one_line(segments[0].speaker or "")
    stamp = f"[{clock_time(segments[0].start_ms)}]" + (f" {name}:" if name else "")
    return f"{stamp} {running_text(segment.text for segment in segments)}"


def parse(text: str) -> Transcript:
    """Read a plain text reply; every string is valid.

    Args:
        text: The reply, possibly with a leading space or a trailing line feed.

    Returns:
        A transcript with that text and no times.
    """
    return Transcript(text=without_mark(text).strip())
