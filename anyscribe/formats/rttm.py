"""``rttm``: who speaks when, for programs that score diarization.

Source: https://www.nist.gov/document/rt-09-evaluation-plan (appendix A)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.formats.cue_text import cues_to_write, one_line

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write each segment with text as a turn of its speaker, ``unknown`` if it has none.

    Args:
        transcript: The transcript.
        metadata: The title, which names the recording.

    Returns:
        The file's text with line feeds; empty if there are no segments.
    """
    recording = _name(metadata.title) or "recording"
    return "".join(
        f"SPEAKER {recording} 1 {segment.start_ms / 1000:.3f} {(end_ms - segment.start_ms) / 1000:.3f}"
        f" <NA> <NA> {_name(segment.speaker or '') or 'unknown'} <NA> <NA>\n"
        for segment, _, end_ms in cues_to_write(transcript.segments)
    )


def _name(text: str) -> str:
    """Make a name one word: spaces part the fields."""
    return "_".join(one_line(text).split())
