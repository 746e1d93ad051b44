"""``diarized_json``: the text by speaker, as OpenAI's diarizing model answers.

Source: OpenAI's reference of ``POST /v1/audio/transcriptions``, ``TranscriptionDiarized``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.json_writing import json_line
from anyscribe.timespan import to_seconds

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript

SEGMENT_TYPE = "transcript.text.segment"
"""What each segment calls itself."""


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the text, a segment for each part of it with its speaker, and the members that were passed through.

    Args:
        transcript: The transcript. The contract wants a speaker everywhere: an empty one stands where none is known.

    Returns:
        One line of JSON with its line feed.
    """
    members: dict[str, Any] = {
        "task": "translate" if transcript.is_translated else "transcribe",
        "duration": None if transcript.duration_ms is None else to_seconds(transcript.duration_ms),
        "text": transcript.text,
        "segments": [_members(number, segment) for number, segment in enumerate(transcript.segments, 1)],
    }
    return json_line(members, {name: value for name, value in transcript.extra.items() if name != "words"})


def _members(number: int, segment: Segment) -> dict[str, Any]:
    return {
        "type": SEGMENT_TYPE,
        "id": f"seg_{number:03}",
        "start": to_seconds(segment.start_ms),
        "end": to_seconds(segment.end_ms),
        "text": segment.text,
        "speaker": segment.speaker or "",
    }
