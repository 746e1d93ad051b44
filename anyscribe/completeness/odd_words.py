"""Find words whose times show that they were not heard there: without a length, or far too long and improbable."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.completeness.low_confidence import neighbours
from anyscribe.completeness.timed_text import is_note, quoted
from anyscribe.speaking_time import speaking_ms
from anyscribe.timespan import MS_PER_SECOND, Span, hull
from anyscribe.transcript import Timing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.transcript import Word

# Some servers give each word's onset only, as both of its times.
_MOST_WITHOUT_LENGTH: Final = 0.5
# If many words overlap, their times are rough, and a length of 0 is chance.
_MOST_OVERLAPPING: Final = 0.1
# Models stretch words over a pause, also correct ones, but of these they are sure.
_LONG_MS: Final = 2_000
_TIMES_USUAL: Final = 3
_IMPROBABLE: Final = 0.4
_NEIGHBOURS_MS: Final = 30_000


def find_without_length(words: Sequence[Word], end_ms: int | None) -> Iterator[tuple[Span, str]]:
    """Find words that begin and end at the same time: the model found no audio for them.

    Args:
        words: The transcript's words; those with estimated times are ignored.
        end_ms: The end of the recording, in milliseconds; None if unknown. Words there were moved from later times.

    Yields:
        Spans, with a description of the problem; in order of time.
    """
    heard = _heard(words)
    empty = [word for word in heard if word.end_ms <= word.start_ms]
    overlapping = sum(left.end_ms > right.start_ms for left, right in pairwise(heard))
    if len(empty) > _MOST_WITHOUT_LENGTH * len(heard) or overlapping > _MOST_OVERLAPPING * len(heard):
        return
    inside = [word for word in empty if end_ms is None or word.start_ms < end_ms]
    for run in neighbours(inside, within_ms=_NEIGHBOURS_MS):
        yield hull(run), f"has {_count(run)} without a length: {_quoted(run)}"


def find_stretched(words: Sequence[Word]) -> Iterator[tuple[Span, str]]:
    """Find improbable words that last for seconds, much longer than they take to say.

    Args:
        words: The transcript's words; those without a probability or with estimated times are ignored.

    Yields:
        Spans, with a description of the problem; in order of time.
    """
    stretched = [word for word in _heard(words) if _is_improbable(word) and _is_stretched(word)]
    for run in neighbours(stretched, within_ms=_NEIGHBOURS_MS):
        longest_s = max(word.end_ms - word.start_ms for word in run) / MS_PER_SECOND
        probability = max(word.probability or 0.0 for word in run)
        length, share = (f"{longest_s:.1f} s", f"{probability:.0%}")
        if len(run) > 1:
            length, share = f"up to {length}", f"{share} or less"
        yield hull(run), f"has {_count(run)} of {length} with a probability of {share}: {_quoted(run)}"


def _heard(words: Sequence[Word]) -> list[Word]:
    heard = (word for word in words if word.timing is not Timing.ESTIMATED)
    return sorted(
        (word for word in heard if speaking_ms(word.text) and not is_note(word.text)), key=lambda word: word.start_ms
    )


def _is_improbable(word: Word) -> bool:
    # A probability below 0 or NaN is none.
    return word.probability is not None and 0 <= word.probability < _IMPROBABLE


def _is_stretched(word: Word) -> bool:
    return word.end_ms - word.start_ms >= max(_LONG_MS, _TIMES_USUAL * speaking_ms(word.text))


def _count(run: Sequence[Word]) -> str:
    return "a word" if len(run) == 1 else f"{len(run):,} words"


def _quoted(run: Sequence[Word]) -> str:
    return quoted(" ".join(word.text for word in run))
