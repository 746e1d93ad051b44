"""Judge whether a transcript can be complete: what looks wrong, and where.

All findings are heuristics, and false alarms make users ignore them. So each one requires strong evidence, and of
several findings about one place, only the most significant is reported.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.completeness.hallucinations import find_after_end, find_in_silence
from anyscribe.completeness.low_confidence import find_unsure, neighbours
from anyscribe.completeness.missing_speech import find_empty, find_too_little, find_too_much, speech_blocks
from anyscribe.completeness.odd_words import find_stretched, find_without_length
from anyscribe.completeness.repetition import MAX_COMPRESSION, compression, find_loops, find_repetitive
from anyscribe.completeness.speech_map import SpeechMap
from anyscribe.completeness.timed_text import (
    TimedText,
    in_reading_order,
    in_time,
    is_note,
    joined_tokens,
    quoted,
    timed_texts,
)
from anyscribe.formats.prose import running_text
from anyscribe.speaking_time import speaking_ms
from anyscribe.timespan import Span, hull, overlap_ms, subtract
from anyscribe.transcript import Doubt, Finding
from anyscribe.words import bare_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.transcript import Segment, Transcript

# Less is a click.
_LEAST_SPEECH_MS: Final = 100
# Less text is repetitive by chance.
_LEAST_REPETITIVE_MS: Final = 6_000
_REPETITIVE: Final = "repeats itself: the text is {:.1f} times as long as compressed"
_MOST_DOUBTS: Final = 20
# Findings are compared with this many at most; beyond them, the count of the rest may include one place twice.
_MOST_COMPARED: Final = 500


class _Rank(IntEnum):
    """Of two findings about one place, the one with the lower rank is reported."""

    LOOP = 1
    UNSPOKEN = 2
    REPETITIVE = 3
    EMPTY = 4
    TOO_LITTLE = 5
    TOO_MUCH = 6
    UNSURE = 7
    STRETCHED = 8
    WITHOUT_LENGTH = 9


_DOUBTS: Final = {
    _Rank.LOOP: Doubt.LOOP,
    _Rank.UNSPOKEN: Doubt.UNSPOKEN,
    _Rank.REPETITIVE: Doubt.LOOP,
    _Rank.EMPTY: Doubt.HOLE,
    _Rank.TOO_LITTLE: Doubt.HOLE,
}


class _Found(NamedTuple):
    rank: _Rank
    span: Span | None
    finding: str


def find_problems(
    transcript: Transcript,
    speech: Sequence[Span] | None,
    *,
    duration_ms: int | None,
) -> tuple[Finding, ...]:
    """Find what looks wrong with a transcript.

    A transcript without times is judged as a whole, by the amount of its text; one that is stitched from such pieces is
    better judged piece by piece. All times are relative to the recording, also for a piece.

    Args:
        transcript: The transcript.
        speech: Spans of detected speech; for a piece, within the piece. None means that speech detection did not run.
        duration_ms: End of the recording (or piece), in milliseconds from the recording's start; None means the
            transcript's own duration, if known.

    Returns:
        Findings in order of time, those without a place last; at most 20, and one more that counts the rest. Empty for
        most transcripts, and always for silence without text.
    """
    text = transcript.text if transcript.text.strip() else running_text(part.text for part in transcript.segments)
    parts = in_time(timed_texts(transcript))
    end_ms = transcript.duration_ms if duration_ms is None else duration_ms
    voiced = None if speech is None else SpeechMap(speech)
    found = [*_repetitions(text, in_reading_order(transcript)), *_repetitive_segments(transcript.segments)]
    found += [_Found(_Rank.UNSURE, *one) for one in find_unsure(transcript, voiced)]
    found += [_Found(_Rank.STRETCHED, *one) for one in find_stretched(transcript.words)]
    found += [_Found(_Rank.WITHOUT_LENGTH, *one) for one in find_without_length(transcript.words, end_ms)]
    if end_ms is not None:
        found += [_Found(_Rank.UNSPOKEN, *one) for one in find_after_end(parts, end_ms)]
    if voiced is not None:
        found += _against_speech(text, parts, voiced, end_ms)
    return _reported(_distinct(found))


def _against_speech(text: str, parts: Sequence[TimedText], voiced: SpeechMap, end_ms: int | None) -> Iterator[_Found]:
    """Compare the text with the detected speech."""
    if voiced.total_ms < _LEAST_SPEECH_MS:
        if speaking_ms(text) and not is_note(text):
            span = hull(parts) if parts else None
            yield _Found(_Rank.UNSPOKEN, span, f"no speech was detected, but the transcript has text: {quoted(text)}")
        return
    if not parts and (speaking_ms(text) or is_note(text)):
        # The text has no place in the recording, so it may be anywhere.
        start_ms = voiced.spans[0].start_ms
        parts = [TimedText(text, start_ms, max(voiced.spans[-1].end_ms, end_ms or 0))]
    else:
        yield from (_Found(_Rank.UNSPOKEN, *one) for one in find_in_silence(parts, voiced))
    empty = find_empty(parts, voiced)
    for span in empty:
        yield _Found(_Rank.EMPTY, span, "sounds like speech, but the transcript is empty")
    rest = SpeechMap(subtract(voiced.spans, empty))
    blocks = speech_blocks(parts, rest)
    yield from (_Found(_Rank.TOO_LITTLE, *one) for one in find_too_little(parts, blocks, rest))
    yield from (_Found(_Rank.TOO_MUCH, *one) for one in find_too_much(blocks))


def _repetitions(text: str, parts: Sequence[TimedText]) -> Iterator[_Found]:
    timed = [(token, part) for part in parts for token in bare_words(part.text)]
    tokens = [token for token, _ in timed] if timed else bare_words(text)
    loops = find_loops(tokens)
    for loop in loops:
        unit = quoted(joined_tokens(tokens[loop.first : loop.first + loop.unit]))
        span = _place(timed[loop.first : loop.last + 1])
        yield _Found(_Rank.LOOP, span, f"says {unit} {loop.times:,} times in a row")
    for first, last, ratio in find_repetitive(tokens, loops):
        span = _place(timed[first : last + 1])
        yield _Found(_Rank.REPETITIVE, span, _REPETITIVE.format(ratio))


def _repetitive_segments(segments: Sequence[Segment]) -> Iterator[_Found]:
    """Find segments that the engine reports as repetitive; check them, since their script alone may be the reason."""
    for run in neighbours(segment for segment in segments if (segment.compression_ratio or 0) > MAX_COMPRESSION):
        tokens = bare_words(" ".join(segment.text for segment in run))
        ratio = compression(tokens)
        if ratio > MAX_COMPRESSION and speaking_ms("".join(tokens)) >= _LEAST_REPETITIVE_MS:
            yield _Found(_Rank.REPETITIVE, hull(run), _REPETITIVE.format(ratio))


def _place(timed: Sequence[tuple[str, TimedText]]) -> Span | None:
    """Return the span of words by the parts that they come from; None if there are no parts."""
    return hull([part for _, part in timed]) if timed else None


def _distinct(found: Iterable[_Found]) -> list[_Found]:
    """Keep one finding for each place: the most significant one, and of the same kind the longest."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (one.rank, -one.span.length_ms if one.span else 0)):
        if not any(_is_same_place(one, other) for other in kept[:_MOST_COMPARED]):
            kept.append(one)
    return kept


def _is_same_place(one: _Found, other: _Found) -> bool:
    if one.span is None or other.span is None:
        return one.span is other.span and one.rank is not other.rank
    return 2 * overlap_ms(one.span, other.span) >= one.span.length_ms


def _reported(found: Sequence[_Found]) -> tuple[Finding, ...]:
    """Sort findings by time; if there are too many, keep the most significant ones."""
    shown = sorted(found[:_MOST_DOUBTS], key=lambda one: (one.span is None, one.span or (0, 0), one.rank))
    doubts = [Finding(one.span, one.finding, _DOUBTS.get(one.rank)) for one in shown]
    if len(found) > _MOST_DOUBTS:
        rest = len(found) - _MOST_DOUBTS
        doubts.append(Finding(None, f"{rest:,} more {'place looks' if rest == 1 else 'places look'} wrong"))
    return tuple(doubts)
