"""``text``: the plain text alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats.prose import without_mark
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the text unchanged.

    Args:
        transcript: The transcript.

    Returns:
        The text and one line feed; an empty string if the text is empty.
    """
    return f"{transcript.text}\n" if transcript.text else ""


def parse(text: str) -> Transcript:
    """Read a plain text reply; every string is valid.

    Args:
        text: The reply, possibly with a leading space or a trailing line feed.

    Returns:
        A transcript with that text and no times.
    """
    return Transcript(text=without_mark(text).strip())
