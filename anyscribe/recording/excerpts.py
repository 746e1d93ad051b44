"""A finished transcript at other times, or a part of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.formats.prose import joined_text
from anyscribe.formats.segment_words import SegmentWords
from anyscribe.subtitles.sentences import to_segments
from anyscribe.subtitles.written_words import with_written_words
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from anyscribe.transcript import Segment, Transcript, Word


def moved(transcript: Transcript, speed: Fraction, offset_ms: int) -> Transcript:
    """Return a transcript at other times.

    Args:
        transcript: The transcript.
        speed: What times are multiplied by.
        offset_ms: What is added to them then, in milliseconds; what would end before the start is left out.
    """
    if offset_ms < 0:
        transcript = between(transcript, round(-offset_ms / speed), None)

    def at(time_ms: int) -> int:
        return max(0, round(time_ms * speed) + offset_ms)

    def there(span: Span | None) -> Span | None:
        return None if span is None else Span(at(span.start_ms), max(1, at(span.end_ms)))

    return replace(
        transcript,
        duration_ms=None if transcript.duration_ms is None else at(transcript.duration_ms),
        segments=tuple(replace(one, start_ms=at(one.start_ms), end_ms=at(one.end_ms)) for one in transcript.segments),
        words=tuple(replace(one, start_ms=at(one.start_ms), end_ms=at(one.end_ms)) for one in transcript.words),
        findings=tuple(replace(one, span=there(one.span)) for one in transcript.findings),
    )


def between(transcript: Transcript, start_ms: int, end_ms: int | None) -> Transcript:
    """Return a part of a transcript, with the times that it has.

    A word, or a segment without words, belongs to it if its middle does.

    Args:
        transcript: The transcript.
        start_ms: Where the part begins, in milliseconds.
        end_ms: Where it ends; None for the end.
    """

    def is_inside(timed: Segment | Word | Span) -> bool:
        middle = timed.start_ms + timed.end_ms
        return 2 * start_ms <= middle and (end_ms is None or middle < 2 * end_ms)

    if not (transcript.segments or transcript.words):
        return transcript
    if not transcript.words:
        segments = tuple(one for one in transcript.segments if is_inside(one))
        words: tuple[Word, ...] = ()
    else:
        spoken = with_written_words(replace(transcript, segments=to_segments(transcript)))
        if all(map(is_inside, spoken.words)):
            return transcript
        segments = tuple(_cut(spoken, tuple(filter(is_inside, spoken.words))))
        words = tuple(filter(is_inside, spoken.words))
    return replace(
        transcript,
        text=joined_text(segment.text for segment in segments),
        segments=segments,
        words=words,
        # What a reply says beyond the contract is about all of it.
        extra={},
        findings=tuple(one for one in transcript.findings if one.span is None or is_inside(one.span)),
    )


def _cut(transcript: Transcript, words: tuple[Word, ...]) -> Iterator[Segment]:
    """Yield the segments that have some of the words, without what other words say."""
    wanted = set(map(id, words))
    own = SegmentWords(transcript)
    for segment in transcript.segments:
        kept = [id(word) in wanted for word in own.of(segment)]
        if kept and all(kept):
            yield segment
        elif any(kept):
            parts = list(own.parts(segment, segment.text))
            inside = [at for at, (_, number) in enumerate(parts) if number is not None and kept[number]]
            text = "".join(text for text, _ in parts[inside[0] : inside[-1] + 1])
            said = [word for word in own.of(segment) if id(word) in wanted]
            yield replace(segment, text=text, start_ms=said[0].start_ms, end_ms=said[-1].end_ms)
