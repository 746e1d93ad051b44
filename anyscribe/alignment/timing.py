"""Time each word of a text in its audio."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.alignment.aligner import Alignment
from anyscribe.alignment.estimation import estimate_words
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span
from anyscribe.transcript import Timing, Word
from anyscribe.unspoken import unspoken_spans
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from anyscribe.alignment.aligner import Aligner
    from anyscribe.alignment.passages import Passage


_LEAST_ABSENT: Final = 10
_SILENT: Final = "-"
"""What stands for a word that nobody says: it has no sounds."""
_MOST_BETWEEN: Final = 2
"""So many words in a row are told if they are not found; a few among them may be found by chance."""


class TimedWords(NamedTuple):
    """The words of a text.

    Args:
        words: All words, in order, each with its characters unchanged; they are inside the audio and do not overlap.
        absent: Runs of words that are not in the audio.
    """

    words: tuple[Word, ...]
    absent: tuple[tuple[Word, ...], ...] = ()


def time_words(
    passages: Sequence[Passage],
    sound: Iterable[bytes],
    speech: Sequence[Span],
    *,
    aligner: Aligner | None,
) -> TimedWords:
    """Time each word of a text in its audio.

    The aligner finds words; words that it does not find are spread over the speech around them.

    Args:
        passages: The text, in order. If a passage's span is known, its words are estimated inside it.
        sound: The audio of the recording or piece from its start, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`, in
            chunks of any even length. It is read once, and at most some minutes of it are in memory.
        speech: The spans of speech, in order, in milliseconds from the audio's start; empty if unknown.
        aligner: Finds words in the audio; None estimates the times of all words.

    Returns:
        All words of all passages.
    """
    divided = [split_words(passage.text) for passage in passages]
    tokens = [token for part in divided for token in part]
    if tokens and aligner is not None:
        bounds = list(accumulate(map(len, divided), initial=0))
        unspoken = set(_unspoken(passages, divided))
        said = [_SILENT if index in unspoken else token for index, token in enumerate(tokens)]
        alignment = aligner.align(said, sound, speech, bounds[:-1])
        alignment = _with_unspoken(alignment, unspoken, bounds)
    else:
        alignment = Alignment({}, sum(len(chunk) for chunk in sound) // PCM_BYTES_PER_MS)
    hints = [passage.span for passage, part in zip(passages, divided, strict=True) for _ in part]
    timed = _words(tokens, hints, alignment, speech)
    # What nobody says has no right time.
    judged = (replace(word, confidence=0.0) if at in alignment.unsaid else word for at, word in enumerate(timed))
    words = tuple(_in_order(judged, alignment.length_ms))
    return TimedWords(words, tuple(words[first:end] for first, end in _runs(sorted(alignment.absent))))


def _unspoken(passages: Sequence[Passage], divided: Sequence[Sequence[str]]) -> Iterator[int]:
    """Yield the indices of the words that are names of speakers or descriptions of sounds."""
    index = 0
    spans_of = unspoken_spans([passage.text for passage in passages])
    for passage, part, spans in zip(passages, divided, spans_of, strict=True):
        at = 0
        for token in part:
            begin = passage.text.index(token, at)
            at = begin + len(token)
            if any(first < at and begin < end for first, end in spans):
                yield index
            index += 1


def _with_unspoken(alignment: Alignment, unspoken: AbstractSet[int], bounds: Sequence[int]) -> Alignment:
    """Put names and descriptions where the words beside them are said, so that they take no time from others."""
    found = dict(alignment.spans)
    for first, end in pairwise(bounds):
        before = None
        for index in range(first, end):
            if index not in unspoken:
                before = index
                continue
            after = next((other for other in range(index + 1, end) if other not in unspoken), None)
            beside = before if after is None else after
            if beside is not None and beside in alignment.spans:
                start_ms, end_ms = alignment.spans[beside]
                at_ms = end_ms if after is None else start_ms
                found[index] = Span(at_ms, at_ms)
    return replace(alignment, spans=found, doubtful=alignment.doubtful | (found.keys() - alignment.spans.keys()))


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the end of each long run of places."""
    begins = [index for index, (left, right) in enumerate(pairwise(places), 1) if right - left > _MOST_BETWEEN + 1]
    for begin, end in pairwise((0, *begins, len(places))):
        if end - begin >= _LEAST_ABSENT:
            yield places[begin], places[end - 1] + 1


def _words(
    tokens: Sequence[str],
    hints: Sequence[Span | None],
    alignment: Alignment,
    speech: Sequence[Span],
) -> Iterator[Word]:
    """Merge the words that were found with estimates of the others."""
    found, length_ms = alignment.spans, alignment.length_ms
    order = sorted(found)
    index = before_ms = 0
    while index < len(tokens):
        if index in found:
            start_ms, before_ms = found[index]
            timing = Timing.ESTIMATED if index in alignment.doubtful else Timing.ALIGNED
            yield Word(tokens[index], start_ms, before_ms, timing=timing, confidence=alignment.confidences.get(index))
            index += 1
            continue
        after = index + 1
        while after < len(tokens) and after not in found and hints[after] == hints[index]:
            after += 1
        following = bisect_left(order, after)
        after_ms = found[order[following]].start_ms if following < len(order) else length_ms
        span = _estimated_span(hints[index], before_ms, after_ms)
        if span is None:
            estimates = [Word(token, before_ms, before_ms, timing=Timing.ESTIMATED) for token in tokens[index:after]]
        else:
            estimates = estimate_words(tokens[index:after], speech, span)
        yield from estimates
        before_ms = max(before_ms, estimates[-1].end_ms)
        index = after


def _estimated_span(hint: Span | None, before_ms: int, after_ms: int) -> Span | None:
    """Return the span for words that were not found: between the found ones, within the passage if the two agree."""
    if hint is not None and max(hint.start_ms, before_ms) < min(hint.end_ms, after_ms):
        return Span(max(hint.start_ms, before_ms), min(hint.end_ms, after_ms))
    return Span(before_ms, after_ms) if before_ms < after_ms else None


def _in_order(words: Iterable[Word], length_ms: int) -> Iterator[Word]:
    before_ms = 0
    for word in words:
        start_ms = min(max(word.start_ms, before_ms), length_ms)
        before_ms = min(max(word.end_ms, start_ms), length_ms)
        yield replace(word, start_ms=start_ms, end_ms=before_ms)
