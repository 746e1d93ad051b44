"""``text``: what was said, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats.prose import without_mark
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the text as it is.

    Args:
        transcript: What was said.

    Returns:
        The text and one line feed; nothing at all where nothing was said.
    """
    return f"{transcript.text}\n" if transcript.text else ""


def parse(text: str) -> Transcript:
    """Read a reply that is nothing but text; every string is one.

    Args:
        text: The reply, perhaps with a leading blank or a trailing line feed.

    Returns:
        A transcript with that text and no times.
    """
    return Transcript(text=without_mark(text).strip())
