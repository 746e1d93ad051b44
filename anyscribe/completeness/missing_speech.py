"""Compare speech and text: speech without text, too little text for it, or too much."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, Final

from anyscribe.completeness.timed_text import TimedText, amount_of, is_note
from anyscribe.formats.prose import running_text
from anyscribe.timespan import MS_PER_SECOND, Span, subtract, total_ms, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.completeness.speech_map import SpeechMap

# Speech without text: much more than the combined error of voice activity and word times, which is seconds, and longer
# than a laugh or an "uh". If there is no text at all, no such error.
_LEAST_MISSING_MS: Final = 8_000
_LEAST_UNHEARD_MS: Final = 3_000
_LONGEST_PAUSE_MS: Final = 5_000
# A word that seems longer was stretched over something else: Whisper does so with words next to a pause, an aligner
# with words next to missing text.
_LONGEST_WORD_MS: Final = 2_000

# People speak at half to twice the usual speed, and never at three times for long: a record holder reaches 3.8 times
# (655 words a minute), without taking a breath.
_SLOWEST: Final = 3
_FASTEST: Final = 3
_TOO_MUCH_MS: Final = 5_000
_BLOCK_MS: Final = 30_000


def find_empty(parts: Iterable[TimedText], voiced: SpeechMap) -> list[Span]:
    """Find spans of speech, including short pauses, that contain no text.

    Args:
        parts: All text; for an empty transcript, less speech is enough.
        voiced: The detected speech.

    Returns:
        Spans in order of time, each from its first speech to its last.
    """
    covered = union(span for part in parts for span in _cover(part))
    least_ms = _LEAST_MISSING_MS if covered else _LEAST_UNHEARD_MS
    ends = [span.end_ms for span in covered]
    pieces = subtract(voiced.spans, covered)
    # Pieces with the same number of texts before them lie between the same two texts.
    gaps = groupby(pieces, key=lambda piece: bisect_right(ends, piece.start_ms))
    return [
        Span(cluster[0].start_ms, cluster[-1].end_ms)
        for _, gap in gaps
        for cluster in _clusters(gap)
        if total_ms(cluster) >= least_ms
    ]


def _clusters(pieces: Iterable[Span]) -> Iterator[list[Span]]:
    cluster: list[Span] = []
    for piece in pieces:
        if cluster and piece.start_ms - cluster[-1].end_ms > _LONGEST_PAUSE_MS:
            yield cluster
            cluster = []
        cluster.append(piece)
    if cluster:
        yield cluster


def _cover(part: TimedText) -> tuple[Span, ...]:
    # A word without length still covers its time.
    whole = Span(part.start_ms, max(part.end_ms, part.start_ms + 1))
    longest_ms = max(_LONGEST_WORD_MS, round(_SLOWEST * part.usual_ms))
    if not part.is_word or is_note(part.text) or whole.length_ms <= 2 * longest_ms:
        return (whole,)
    return Span(whole.start_ms, whole.start_ms + longest_ms), Span(whole.end_ms - longest_ms, whole.end_ms)


def speech_blocks(parts: Iterable[TimedText], voiced: SpeechMap) -> list[TimedText]:
    """Join neighbours until they contain enough speech for the amount of text to be meaningful.

    Args:
        parts: All text that has times, in order.
        voiced: The detected speech, without the spans that `find_empty` found.

    Returns:
        Blocks in order, with half a minute of speech or slightly more, except the last one and those before a note.
    """
    blocks: list[TimedText] = []
    group: list[TimedText] = []
    for part in parts:
        is_full = group and voiced.within(group[0].start_ms, part.start_ms) >= _BLOCK_MS
        if group and (is_full or is_note(part.text)):
            blocks.append(_joined(group))
            group = []
        if not is_note(part.text):
            group.append(part)
    if group:
        blocks.append(_joined(group))
    return blocks


def find_too_little(
    parts: Iterable[TimedText], blocks: Iterable[TimedText], voiced: SpeechMap
) -> Iterator[tuple[Span, str]]:
    """Find spans that contain some text, but much less than is spoken there.

    Args:
        parts: All text that has times; parts that are not words are also judged separately.
        blocks: The same text, as joined by `speech_blocks`.
        voiced: The detected speech, without the spans that `find_empty` found.

    Yields:
        Spans, with a description of the problem; those of single parts first, each kind in order of time.
    """

    def is_little(part: TimedText) -> bool:
        heard_ms = voiced.within(part.start_ms, part.end_ms)
        return not is_note(part.text) and heard_ms >= _SLOWEST * part.usual_ms + _LEAST_MISSING_MS

    for candidates in ([part for part in parts if not part.is_word], blocks):
        for little, run in groupby(candidates, key=is_little):
            if little:
                whole = _joined(list(run))
                heard_ms = voiced.within(whole.start_ms, whole.end_ms)
                finding = f"has {_length(heard_ms)} of speech, but only {amount_of(whole.text)}"
                yield Span(whole.start_ms, whole.end_ms), finding


def find_too_much(blocks: Iterable[TimedText]) -> Iterator[tuple[Span, str]]:
    """Find spans with more text than can be said in the time.

    The limit is their whole time, not the speech detected in it, since a quiet voice may go undetected.

    Args:
        blocks: All text that has times, as joined by `speech_blocks`.

    Yields:
        Spans, with a description of the problem, in order of time.
    """
    for block in blocks:
        if block.usual_ms > _FASTEST * (block.end_ms - block.start_ms) + _TOO_MUCH_MS:
            span = Span(block.start_ms, max(block.end_ms, block.start_ms + 1))
            yield span, f"has {amount_of(block.text)}, more than can be said in that time"


def _joined(parts: Sequence[TimedText]) -> TimedText:
    text = running_text(part.text for part in parts)
    return TimedText(text, parts[0].start_ms, max(part.end_ms for part in parts))


def _length(time_ms: int) -> str:
    minutes, seconds = divmod(time_ms // MS_PER_SECOND, 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
