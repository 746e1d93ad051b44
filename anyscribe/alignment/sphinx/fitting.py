"""Which of the words that were laid on a sound are said there: how well the sound fits them, and those around them."""

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
"""So badly does the sound fit a word that is not said there: in clear speech the word itself has -10 to -45 a frame.

In noise all words fit badly, down to so many times what half of them have; -70 to -90 is what a text has where it is
not said at all.
"""

SURELY_PLACED: Final = 5
"""So many words in a row that fit are where they belong; so many at a window's end that do not, and the place is lost.
"""

_FEW: Final = 3
"""Fewer words in a row that fit, between some that do not, may do so by chance."""

_MANY: Final = 10
_WELL: Final = 0.75
"""Unless they are as many as this, words between some that do not fit must fit much better than just enough."""


def fitting(placed: Sequence[Placed], longest_ms: Sequence[int]) -> list[bool]:
    """Tell of each word that was laid on a sound whether it is said there.

    Args:
        placed: The words, in order.
        longest_ms: How long each of them can be at the most.

    Returns:
        For each word whether the sound fits it, and it is no longer than it can be.
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
    """Say with which word the place in the text is lost: behind it, no few words in a row fit any more.

    Args:
        fits: As of `fitting`.

    Returns:
        The word's index, or how many words there are where the place is not lost.
    """
    end = 0
    for does_fit, run in groupby(range(len(fits)), fits.__getitem__):
        indices = list(run)
        if does_fit and (len(indices) >= SURELY_PLACED or not indices[0]):
            end = indices[-1] + 1
    return end if len(fits) - end >= SURELY_PLACED else len(fits)


def _without_chance(fits: Sequence[bool], scores: Sequence[float], limit: float) -> list[bool]:
    """Leave out words that fit by chance: few of them, or none that fits well, between some that do not fit."""
    kept: list[bool] = []
    for does_fit, run in groupby(range(len(fits)), fits.__getitem__):
        indices = list(run)
        at_edge = not indices[0] or indices[-1] == len(fits) - 1
        mean = sum(scores[index] for index in indices) / len(indices)
        is_sure = at_edge or len(indices) >= _MANY or (len(indices) >= _FEW and mean >= _WELL * limit)
        kept += [does_fit and is_sure] * len(indices)
    return kept
