"""Which times of an answer carry information, and which parts of its text have none. Pure functions.

Times are judged against the recording's measured length, never against the duration that a server states.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeVar

from anyscribe.speaking_time import speaking_ms
from anyscribe.subtitles.timed_tokens import find_words, letters_of, words_of_segments
from anyscribe.timespan import Span, hull
from anyscribe.transcript import Segment
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.transcript import Transcript, Word

    Unit = TypeVar("Unit", Segment, Word)

_AFTER_END_MS: Final = 1_000
"""Containers state their length only roughly."""

_TOO_FAST: Final = 10
"""Nothing is spoken this many times faster than usual: such times are in another unit, or are none."""

_COARSE_MS: Final = 20_000
"""A segment of this length without words says too little about when its text is spoken."""

_ONE_CUE_MS: Final = 7_000
"""Text of this speaking time needs more than one cue, and so more than one segment over the whole recording."""

_HOLE_MS: Final = 1_500
"""A part of a text without words, from this speaking time on, is timed; a shorter one is spread between its words."""

_LEAST_LETTERS: Final = 4
_FEW_LETTERS: Final = 20
"""Texts that are written in two ways (``20``, ``twenty``) differ by this many letters."""

_SURE_LETTERS: Final = 12
_NEAR_LETTERS: Final = 40
_FAR_LETTERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of the text.

    Args:
        text: The part.
        span: When it is spoken, as the engine says; None if its times carry no information.
        words: Its words, as the engine timed them; empty if it did not.
        segment: The engine's segment; None for a part of the text that is in no segment.
    """

    text: str
    span: Span | None = None
    words: tuple[Word, ...] = ()
    segment: Segment | None = None

    @property
    def is_coarse(self) -> bool:
        """Whether its time says too little about the times of its words."""
        return self.span is None or (self.span.length_ms >= _COARSE_MS and speaking_ms(self.text) > _ONE_CUE_MS)


@dataclass(frozen=True, slots=True)
class JudgedTimes:
    """A transcript whose times are judged.

    Args:
        transcript: The transcript, without segments and words whose times carry no information; all others are inside
            the recording.
        parts: All of its text, in order.
        late: Text that the engine places after the recording's end.
        reasons: What was found about the times, for the trace; empty if nothing was changed but ends.
        unplaced_chars: About how many characters of the text are in no part.
    """

    transcript: Transcript
    parts: tuple[TextPart, ...]
    late: tuple[Segment | Word, ...] = ()
    reasons: tuple[str, ...] = ()
    unplaced_chars: int = 0


def judge_times(transcript: Transcript, duration_ms: int | None) -> JudgedTimes:
    """Find out which times of a transcript carry information.

    Dropped are times that cannot be within the recording, all segments (or words) if they have no length, one time for
    all, or a time that covers the recording, and segments without text. If the text says more than the segments, the
    rest becomes parts without a time.

    Args:
        transcript: What the engine answered.
        duration_ms: The recording's measured length in milliseconds; None if unknown.
    """
    return _Judge(transcript, duration_ms).judged()


def with_known_times(judged: JudgedTimes) -> Transcript:
    """Return the transcript with all of its text in segments, if it has segments; nothing is timed.

    A part without a time lasts from the end of the part before it to the start of the part after it.

    Args:
        judged: The judged transcript.
    """
    transcript = judged.transcript
    if not transcript.segments or all(part.segment and part.span for part in judged.parts):
        return transcript
    return replace(transcript, segments=tuple(_segments(judged.parts, transcript.duration_ms)))


def gaps_around(parts: Sequence[TextPart], duration_ms: int | None) -> list[Span | None]:
    """Return for each part the time between the parts with times before and after it; None if there is none.

    Args:
        parts: All parts, in order.
        duration_ms: The recording's length in milliseconds; None if unknown.
    """
    starts_ms = list(accumulate((part.span.end_ms if part.span else 0 for part in parts), max, initial=0))[:-1]
    ends_ms: list[int | None] = []
    end_ms = duration_ms
    for part in reversed(parts):
        ends_ms.append(end_ms)
        end_ms = part.span.start_ms if part.span else end_ms
    return [
        Span(start_ms, end_ms) if end_ms is not None and start_ms < end_ms else None
        for start_ms, end_ms in zip(starts_ms, reversed(ends_ms), strict=True)
    ]


def _segments(parts: Sequence[TextPart], duration_ms: int | None) -> Iterator[Segment]:
    last_ms = 0
    for part, gap in zip(parts, gaps_around(parts, duration_ms), strict=True):
        segment = part.segment or Segment(part.text, 0, 0)
        if part.span is None:
            gap = gap or Span(last_ms, last_ms)  # noqa: PLW2901 - no time is left
            segment = replace(segment, start_ms=gap.start_ms, end_ms=gap.end_ms)
        last_ms = max(last_ms, segment.end_ms)
        yield segment


class _Judge:
    """Judges one transcript."""

    def __init__(self, transcript: Transcript, duration_ms: int | None) -> None:
        self._transcript = transcript
        self._duration_ms = duration_ms
        self._reasons: list[str] = []
        self._late: list[Segment | Word] = []

    def judged(self) -> JudgedTimes:
        """Judge the transcript."""
        transcript = self._transcript
        given = [segment for segment in transcript.segments if segment.text.strip()]
        if transcript.segments and not given:
            self._reasons.append("the segments have no text")
        segments = self._sound(given, "segments")
        words = self._sound([word for word in transcript.words if word.text.strip()], "words")
        is_timeless = bool(given) and not segments
        if is_timeless:
            # They still divide the text, and name speakers.
            segments = _timed_by_words(given, words)
            is_timeless = not any(segment.end_ms for segment in segments)
        if len(segments) == 1 and not words and (is_timeless or self._covers(segments[0])) and not segments[0].speaker:
            self._reasons.append("one segment covers everything")
            segments = []
        untimed = {id(segment) for segment in segments if self._is_untimed(segment)}
        if untimed and not is_timeless:
            self._reasons.append(f"{len(untimed):,} segments have no time")
        timed = [word for word in words if not self._is_late(word)]
        parts, unplaced = _parts(transcript.text, segments, timed, untimed)
        if segments and len(parts) > len(segments):
            self._reasons.append("the text says more than the segments")
        judged = replace(
            transcript,
            duration_ms=self._length_ms(),
            segments=() if is_timeless else tuple(map(self._inside, segments)),
            words=tuple(map(self._inside, timed)),
        )
        if given == list(transcript.segments) and not self._reasons:
            # Nothing to say: keep even what has no text.
            judged = replace(judged, segments=tuple(map(self._inside, transcript.segments)))
        inside = tuple(self._part_inside(part) for part in parts)
        return JudgedTimes(judged, inside, tuple(self._late), tuple(self._reasons), unplaced)

    def _length_ms(self) -> int | None:
        """Return the measured length, unless the one that the server states is the same but for rounding."""
        stated_ms, measured_ms = self._transcript.duration_ms, self._duration_ms
        if stated_ms is None or measured_ms is None:
            return stated_ms
        return stated_ms if abs(stated_ms - measured_ms) <= _AFTER_END_MS else measured_ms

    def _sound(self, units: list[Unit], name: str) -> list[Unit]:
        """Return units in order of time, or none if their times carry no information as a whole."""
        if not units:
            return []
        spoken_ms = sum(speaking_ms(unit.text) for unit in units)
        late = [unit for unit in units if self._is_late(unit)]
        first_ms = min(unit.start_ms for unit in units)
        length_ms = max(unit.end_ms for unit in units) - first_ms
        reason = ""
        if 2 * sum(speaking_ms(unit.text) for unit in late) > spoken_ms and not any(map(self._is_plausible, units)):
            reason = "lie outside the recording"
        elif length_ms == 0 or (self._is_too_fast(length_ms, spoken_ms) and not self._is_most(length_ms)):
            reason = "are too close together"
        elif len(units) > 1 and len({(unit.start_ms, unit.end_ms) for unit in units}) == 1:
            reason = "are all the same"
        if reason:
            self._reasons.append(f"the times of the {name} {reason}")
            return []
        if late:
            self._late += late
            self._reasons.append(f"{len(late):,} {name} lie after the recording's end")
        return units

    def _is_late(self, unit: Segment | Word) -> bool:
        return self._duration_ms is not None and unit.start_ms >= self._duration_ms + _AFTER_END_MS

    def _is_plausible(self, unit: Segment | Word) -> bool:
        """Return whether a time is inside the recording and long enough: then no other unit of time was meant."""
        length_ms = unit.end_ms - unit.start_ms
        is_inside = self._duration_ms is None or unit.end_ms <= self._duration_ms + _AFTER_END_MS
        return is_inside and length_ms > 0 and not self._is_too_fast(length_ms, speaking_ms(unit.text))

    def _is_untimed(self, segment: Segment) -> bool:
        length_ms = segment.end_ms - segment.start_ms
        return self._is_late(segment) or length_ms <= 0 or self._is_too_fast(length_ms, speaking_ms(segment.text))

    def _is_too_fast(self, length_ms: int, spoken_ms: float) -> bool:
        return length_ms * _TOO_FAST < spoken_ms

    def _is_most(self, length_ms: int) -> bool:
        return self._duration_ms is not None and 2 * length_ms >= self._duration_ms

    def _covers(self, segment: Segment) -> bool:
        length_ms = segment.end_ms - segment.start_ms
        is_all = self._duration_ms is None or length_ms >= 0.8 * self._duration_ms
        return is_all and speaking_ms(segment.text) > _ONE_CUE_MS

    def _inside(self, unit: Unit) -> Unit:
        """Let an end after the recording's end be the recording's end."""
        if self._duration_ms is None or unit.end_ms <= self._duration_ms:
            return unit
        return replace(unit, end_ms=max(unit.start_ms, self._duration_ms))

    def _part_inside(self, part: TextPart) -> TextPart:
        segment = self._inside(part.segment) if part.segment else None
        span = None if part.span is None or segment is None else Span(segment.start_ms, segment.end_ms)
        return replace(part, segment=segment, span=span if segment else part.span)


def _timed_by_words(segments: Sequence[Segment], words: Sequence[Word]) -> list[Segment]:
    """Return segments with the times of their words; a segment without words begins and ends at 0."""
    text = " ".join(segment.text for segment in segments)
    anchors = find_words(text, words) if words else []
    begins = [anchor.begin for anchor in anchors]
    timed = []
    at = 0
    for segment in segments:
        end = at + len(segment.text)
        own = [anchor.word for anchor in anchors[bisect_left(begins, at) : bisect_left(begins, end)]]
        span = hull(own) if own else Span(0, 0)
        timed.append(replace(segment, start_ms=span.start_ms, end_ms=span.end_ms))
        at = end + 1
    return timed


def _parts(
    text: str, segments: Sequence[Segment], words: Sequence[Word], untimed: set[int]
) -> tuple[tuple[TextPart, ...], int]:
    """Divide a text into its segments and what is in none; return also how much of it cannot be found in them."""
    if not segments:
        return tuple(_stretches(text, words)), 0
    rest = _Rest(text, segments)
    own_words = words_of_segments(segments, words)
    parts = []
    for piece, segment in rest.pieces:
        if segment is None:
            parts.append(TextPart(piece))
            continue
        span = None if id(segment) in untimed else Span(segment.start_ms, segment.end_ms)
        parts.append(TextPart(segment.text, span, own_words[id(segment)] if span else (), segment))
    return tuple(parts), rest.unplaced_chars


def _stretches(text: str, words: Sequence[Word]) -> Iterator[TextPart]:
    """Divide a text without segments into stretches with and without words."""
    anchors = find_words(text, words) if words else []
    if not anchors:
        if text.strip():
            yield TextPart(text.strip())
        return
    begin = 0
    group: list[Word] = []
    hole_from = 0
    for anchor in anchors:
        hole = _whole_words(text, hole_from, anchor.begin)
        hole_from = anchor.end
        if hole and speaking_ms(text[slice(*hole)]) >= _HOLE_MS:
            yield from _stretch(text[begin : hole[0]], group)
            yield TextPart(text[slice(*hole)].strip())
            begin, group = hole[1], []
        group.append(anchor.word)
    tail = _whole_words(text, hole_from, len(text))
    if tail and speaking_ms(text[slice(*tail)]) >= _HOLE_MS:
        yield from _stretch(text[begin : tail[0]], group)
        yield TextPart(text[slice(*tail)].strip())
    else:
        yield from _stretch(text[begin:], group)


def _stretch(text: str, words: Sequence[Word]) -> Iterator[TextPart]:
    if text.strip():
        yield TextPart(text.strip(), hull(words) if words else None, tuple(words))


def _whole_words(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Return the part of a gap in a text that begins and ends between words; None if there is no word in it."""
    while 0 < begin < end and not text[begin].isspace():
        begin += 1
    while begin < end < len(text) and not text[end - 1].isspace():
        end -= 1
    return (begin, end) if text[begin:end].strip() else None


class _Rest:
    """What a text says beyond its segments.

    Args:
        text: The text.
        segments: Its segments, in order, with text.
    """

    def __init__(self, text: str, segments: Sequence[Segment]) -> None:
        self.pieces: list[tuple[str, Segment | None]] = [(segment.text, segment) for segment in segments]
        self.unplaced_chars = 0
        if split_words(text) == split_words(" ".join(segment.text for segment in segments)):
            return
        self._text = text
        self._letters, self._positions = letters_of(text)
        found, missed = self._found(segments)
        if 2 * len(found) < len(segments):
            # The segments have another text: only the amounts can be compared.
            said = sum(len(letters_of(segment.text)[0]) for segment in segments)
            surplus = len(self._letters) - said
            self.unplaced_chars = surplus if surplus > max(_FEW_LETTERS, said // 10) else 0
            return
        self._fill(segments, found, missed)

    def _found(self, segments: Sequence[Segment]) -> tuple[dict[int, tuple[int, int]], dict[int, int]]:
        """Return where in the letters each segment is, and the length of those that are not there."""
        found: dict[int, tuple[int, int]] = {}
        missed: dict[int, int] = {}
        at = missed_letters = 0
        for index, segment in enumerate(segments):
            wanted = letters_of(segment.text)[0]
            reach = _FAR_LETTERS if len(wanted) >= _SURE_LETTERS else 2 * missed_letters + _NEAR_LETTERS
            begin = self._letters.find(wanted, at, at + reach + len(wanted)) if wanted else at
            if begin < 0:
                missed[index] = len(wanted)
                missed_letters += len(wanted)
                continue
            at = begin + len(wanted)
            found[index] = begin, at
            missed_letters = 0
        return found, missed

    def _fill(self, segments: Sequence[Segment], found: dict[int, tuple[int, int]], missed: dict[int, int]) -> None:
        """Put what is between two segments that follow each other in the text between them."""
        pieces: list[tuple[str, Segment | None]] = []
        at = missed_letters = 0
        for index, segment in enumerate(segments):
            if index in missed:
                missed_letters += missed[index]
            else:
                begin, end = found[index]
                self._between(pieces, at, begin, missed_letters)
                at, missed_letters = end, 0
            pieces.append((segment.text, segment))
        self._between(pieces, at, len(self._letters), missed_letters)
        self.pieces = pieces

    def _between(self, pieces: list[tuple[str, Segment | None]], begin: int, end: int, missed_letters: int) -> None:
        surplus = end - begin - missed_letters
        if missed_letters:
            self.unplaced_chars += surplus if surplus > max(_FEW_LETTERS, missed_letters // 4) else 0
        elif surplus >= _LEAST_LETTERS:
            last = len(self._text) if end == len(self._letters) else self._positions[end]
            piece = self._text[self._positions[begin] : last].strip()
            pieces.append((piece, None))
