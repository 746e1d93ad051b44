"""The transcripts of pieces become the transcript of the recording."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.prose import joined_text
from anyscribe.timespan import Span, shift
from anyscribe.transcript import Finding, Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEEK_MS: Final = 10
"""Whisper's frames, which a segment's ``seek`` counts."""

USAGE: Final = "usage"
"""What a reply says that it cost; it is added up."""


@dataclass(frozen=True, slots=True)
class Part:
    """What was said in a piece of a recording.

    Args:
        span: The piece's time in the recording, as measured when it was cut.
        transcript: What was said, with times from the piece's own start.
    """

    span: Span
    transcript: Transcript


def stitch(parts: Sequence[Part], *, duration_ms: int | None) -> Transcript:
    """Make one transcript of those of all pieces.

    Args:
        parts: The pieces, in order, not overlapping.
        duration_ms: The recording's length in milliseconds; None means the end of the last piece.

    Returns:
        Times count from the recording's start and stay within their piece; the language is that of most of the speech;
        ``usage`` is added up, lists such as ``logprobs`` are joined, and other members are kept if all pieces agree on
        them.
    """
    transcripts = [part.transcript for part in parts]
    if duration_ms is None and parts:
        duration_ms = parts[-1].span.end_ms
    return Transcript(
        text=joined_text(transcript.text for transcript in transcripts),
        language=_language(parts),
        duration_ms=duration_ms,
        segments=tuple(_shifted_segment(segment, part.span) for part in parts for segment in part.transcript.segments),
        words=tuple(_shifted_word(word, part.span) for part in parts for word in part.transcript.words),
        extra=merge_extra(transcripts),
        findings=tuple(_shifted_finding(finding, part.span) for part in parts for finding in part.transcript.findings),
    )


def _shifted_segment(segment: Segment, span: Span) -> Segment:
    start_ms, end_ms = _shifted(segment.start_ms, segment.end_ms, span)
    seek = None if segment.seek is None else segment.seek + span.start_ms // _SEEK_MS
    return replace(segment, start_ms=start_ms, end_ms=end_ms, seek=seek)


def _shifted_word(word: Word, span: Span) -> Word:
    start_ms, end_ms = _shifted(word.start_ms, word.end_ms, span)
    return replace(word, start_ms=start_ms, end_ms=end_ms)


def _shifted_finding(finding: Finding, span: Span) -> Finding:
    # A finding without a place of its own is about the whole piece.
    return replace(finding, span=span if finding.span is None else shift(finding.span, span.start_ms))


def _shifted(start_ms: int, end_ms: int, span: Span) -> tuple[int, int]:
    # What a server puts after a piece's end would overlap the next piece.
    start_ms = min(span.start_ms + start_ms, span.end_ms)
    return start_ms, max(start_ms, min(span.start_ms + end_ms, span.end_ms))


def _language(parts: Sequence[Part]) -> str | None:
    """Choose the language that is spoken most of the time; pieces without text tell nothing about it."""
    spoken_ms = Counter[str]()
    for part in parts:
        language = part.transcript.language
        if language and part.transcript.text.strip():
            spoken_ms[language] += _spoken_ms(part)
    named = (part.transcript.language for part in parts if part.transcript.language)
    return spoken_ms.most_common(1)[0][0] if spoken_ms else next(named, None)


def _spoken_ms(part: Part) -> int:
    timed: Sequence[Word | Segment] = part.transcript.words or part.transcript.segments
    spoken_ms = sum(unit.end_ms - unit.start_ms for unit in timed)
    return spoken_ms or part.span.length_ms


def merge_extra(transcripts: Sequence[Transcript]) -> dict[str, Any]:
    """Merge what replies say beyond the contract: ``usage`` is added up, lists are joined, the rest has to agree.

    Args:
        transcripts: The transcripts.
    """
    names = dict.fromkeys(name for transcript in transcripts for name in transcript.extra)
    merged = {name: _merged(name, [one.extra[name] for one in transcripts if name in one.extra]) for name in names}
    return {name: value for name, value in merged.items() if value is not None}


def _merged(name: str, values: Sequence[Any]) -> Any:  # noqa: ANN401 - any JSON
    values = [value for value in values if value is not None]
    if not values:
        return None
    if name == USAGE:
        return _sum(values)
    if all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    return values[0] if all(value == values[0] for value in values) else None


def _sum(values: Sequence[Any]) -> Any:  # noqa: ANN401 - any JSON
    """Add up the numbers of objects with the same members; anything else stays as the first has it."""
    if all(isinstance(value, dict) for value in values):
        names = dict.fromkeys(name for value in values for name in value)
        return {name: _sum([value[name] for value in values if name in value]) for name in names}
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return sum(values)
    return values[0]
