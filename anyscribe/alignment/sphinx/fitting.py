"""Decide which of the aligned words are really spoken, by how well the audio fits them and the words around them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.decoding import FRAME_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.alignment.sphinx.grammar import Placed

_UNFIT: Final = -60.0
_UNFIT_IN_NOISE: Final = -80.0
_UNFIT_SHARE: Final = 2.0
"""A word with a lower score is not spoken there: in clear speech a spoken word has -10 to -45 per frame.

In noise all words fit badly: the limit is then the median times ``_UNFIT_SHARE``. A text that is not spoken at all has
-70 to -90.
"""

SURELY_PLACED: Final = 5
"""This many consecutive words that fit are in the right place; if this many at a window's end do not, the place is
lost."""

_FEW: Final = 3
"""Fewer words in a row that fit, between some that do not, may do so by chance."""

_MANY: Final = 10
_WELL: Final = 0.75
"""Unless they are as many as this, words between some that do not fit must fit much better than just enough."""


def fitting(placed: Sequence[Placed], longest_ms: Sequence[int]) -> list[bool]:
    """Return for each aligned word whether it is spoken there.

    Args:
        placed: The words, in order.
        longest_ms: The longest possible duration of each word, in milliseconds.

    Returns:
        For each word whether the audio fits it and it is not too long.
    """
    if not placed:
        return []
    scores = [one.fit / (one.end_frame - one.start_frame) for one in placed]
    ordered = sorted(scores)
    limit = _UNFIT
    middle = ordered[len(scores) // 2]
    if middle > _UNFIT:
        limit = max(_UNFIT_IN_NOISE, min(_UNFIT, _UNFIT_SHARE * middle))
    fits = [
        score >= limit and (one.end_frame - one.start_frame) * FRAME_MS <= most_ms
        for one, score, most_ms in zip(placed, scores, longest_ms, strict=True)
    ]
    return _without_chance(fits, scores, limit)


def place_lost(fits: Sequence[bool]) -> int:
    """Return the word at which the place in the text is lost: after it, no run of words fits.

    Args:
        fits: The result of `fitting`.

    Returns:
        The word's index, or the number of words if the place is not lost.
    """
    end = 0
    for does_fit, run in groupby(range(len(fits)), fits.__getitem__):
        indices = list(run)
        if does_fit and (len(indices) >= SURELY_PLACED or not indices[0]):
            end = indices[-1] + 1
    return end if len(fits) - end >= SURELY_PLACED else len(fits)


def _without_chance(fits: Sequence[bool], scores: Sequence[float], limit: float) -> list[bool]:
    """Drop words that fit by chance: a few of them, or ones that barely fit, between words that do not fit."""
    kept: list[bool] = []
    for does_fit, run in groupby(range(len(fits)), fits.__getitem__):
        indices = list(run)
        at_edge = not indices[0] or indices[-1] == len(fits) - 1
        mean = sum(scores[index] for index in indices) / len(indices)
        is_sure = at_edge or len(indices) >= _MANY or (len(indices) >= _FEW and mean >= _WELL * limit)
        kept += [does_fit and is_sure] * len(indices)
    return kept
