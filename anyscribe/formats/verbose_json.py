"""``verbose_json``: the text with its language, duration, segments and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.timespan import to_seconds

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript, Word


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write all members that the contract names, null if unknown, then the members that were passed through.

    ``words`` is left out if there are none. ``segments`` is left out if there are only words, as servers do when only
    word times are requested.

    Args:
        transcript: The transcript.

    Returns:
        One line of JSON with its line feed.
    """
    from anyscribe.formats.json_writing import json_line  # noqa: PLC0415 - load msgspec only for JSON

    members: dict[str, Any] = {
        "task": "translate" if transcript.is_translated else "transcribe",
        "language": transcript.language,
        "duration": None if transcript.duration_ms is None else to_seconds(transcript.duration_ms),
        "text": transcript.text,
    }
    if transcript.segments or not transcript.words:
        members["segments"] = [_segment_members(number, segment) for number, segment in enumerate(transcript.segments)]
    if transcript.words:
        members["words"] = [_word_members(word) for word in transcript.words]
    left_out = {"segments", "words"} - members.keys()
    return json_line(members, {name: value for name, value in transcript.extra.items() if name not in left_out})


def _segment_members(number: int, segment: Segment) -> dict[str, Any]:
    members = {
        "id": number,
        "seek": segment.seek,
        "start": to_seconds(segment.start_ms),
        "end": to_seconds(segment.end_ms),
        "text": segment.text,
        "tokens": segment.tokens or (),
        "temperature": segment.temperature,
        "avg_logprob": segment.avg_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_prob,
    }
    return members if segment.speaker is None else {**members, "speaker": segment.speaker}


def _word_members(word: Word) -> dict[str, Any]:
    members: dict[str, Any] = {"word": word.text, "start": to_seconds(word.start_ms), "end": to_seconds(word.end_ms)}
    if word.probability is not None:
        members["probability"] = word.probability
    if word.speaker is not None:
        members["speaker"] = word.speaker
    # The contract has no such members; readers ignore those that they do not know.
    members["timing"] = word.timing.value
    if word.confidence is not None:
        members["confidence"] = word.confidence
    return members
