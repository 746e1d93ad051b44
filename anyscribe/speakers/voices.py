"""Which voices there are: vectors of speech that are near each other are one voice's.

How many there are is not known. Pieces of speech are put together, the nearest first; then voices that are too much
alike, or that say too little to be known again, are given up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from anyscribe.speakers.units import Unit

    Floats = NDArray[np.float32]
    Labels = NDArray[np.intp]

_PIECE_MS: Final = 1_500
_LEAST_PIECE_MS: Final = 800
_LEAST_VOICE_MS: Final = 3_000
_LEAST_UNLIKE_MS: Final = 1_200
_LEAST_SHARE: Final = 0.01
_LEAST_UNLIKE_SHARE: Final = 0.002
"""Who says less in all than the first time, or the first share of a long recording, is not told apart from the others;
the second ones count for a voice that is unlike each of the others."""

_MOST_PIECES: Final = 2_000
"""Voices are looked for in so many pieces, from all of the recording; time and memory grow with their square."""

_ROUNDS: Final = 5
_STEP: Final = 0.04


@dataclass(frozen=True, slots=True)
class Likeness:
    """What cosines mean with the vectors of one voice model.

    Args:
        together: Pieces are put together up to this mean cosine; what is too much then is given up later.
        alike: Two voices with at least this cosine are one.
        unlike: A voice whose cosine with each of the others is below this is unlike them.
    """

    together: float
    alike: float
    unlike: float


class HeardVoices(NamedTuple):
    """What a voice model heard.

    Args:
        vectors: The voice around each unit: a row of length 1.
        narrow: The same from shorter windows, in which neighbours are heard less; None if there are none.
        likeness: What cosines of the vectors mean in this recording.
    """

    vectors: Floats
    narrow: Floats | None
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Count:
    """How many voices there may be.

    Args:
        least: The least.
        most: The most; None for any number.
    """

    least: int = 1
    most: int | None = None


def find_voices(vectors: Floats, units: Sequence[Unit], likeness: Likeness, count: Count) -> Floats:
    """Find the voices of a recording.

    Args:
        vectors: The voice of each unit: a row of length 1.
        units: The units, at least one.
        likeness: What the cosines of the vectors mean.
        count: How many voices there may be.

    Returns:
        A row of length 1 for each voice; fewer than the least only if there are no pieces for more.
    """
    pieces, lengths_ms, _ = _pieces(vectors, units, np.zeros(len(units), np.intp))
    is_long = lengths_ms >= _LEAST_PIECE_MS
    if is_long.sum() >= count.least:
        pieces, lengths_ms = pieces[is_long], lengths_ms[is_long]
    if len(pieces) > _MOST_PIECES:
        chosen = np.linspace(0, len(pieces) - 1, _MOST_PIECES).astype(int)
        pieces, lengths_ms = pieces[chosen], lengths_ms[chosen]
    voices = _distinct(pieces, lengths_ms, _put_together(pieces, lengths_ms, likeness.together), likeness, count)
    together = likeness.together
    # Too few: the pieces of the least alike voices are kept apart.
    while len(voices) < count.least and together < 1:
        together += _STEP
        labels = _put_together(pieces, lengths_ms, together)
        voices = _distinct(pieces, lengths_ms, labels, replace(likeness, alike=np.inf), count)
    return voices


def voices_of(vectors: Floats, units: Sequence[Unit], labels: Labels, likeness: Likeness, count: Count) -> Floats:
    """Return the voices of a recording if it is known which units are one voice's; some of them may turn out as one.

    Args:
        vectors: The voice of each unit: a row of length 1.
        units: The units, at least one.
        labels: The number of each unit's voice.
        likeness: What the cosines of the vectors mean.
        count: How many voices there may be.

    Returns:
        A row of length 1 for each voice.
    """
    return _distinct(*_pieces(vectors, units, labels), likeness, count)


def _distinct(vectors: Floats, lengths_ms: Floats, labels: Labels, likeness: Likeness, count: Count) -> Floats:
    """Give up voices until all that are left differ and say enough.

    Args:
        vectors: Pieces of speech: a row of length 1 each.
        lengths_ms: How long each is.
        labels: The number of the voice that each is taken for.
        likeness: What the cosines of the vectors mean.
        count: How many voices there may be.

    Returns:
        A row of length 1 for each voice that is left.
    """
    all_ms = float(lengths_ms.sum())
    enough_ms, enough_unlike_ms = (
        min(max(least_ms, share * all_ms), all_ms / (2 * max(2, count.least)))
        for least_ms, share in ((_LEAST_VOICE_MS, _LEAST_SHARE), (_LEAST_UNLIKE_MS, _LEAST_UNLIKE_SHARE))
    )
    while True:
        voices, labels = _settled(vectors, lengths_ms, labels)
        if len(voices) == 1:
            return voices
        said_ms = np.bincount(labels, lengths_ms)
        cosines = voices @ voices.T
        np.fill_diagonal(cosines, -1)
        # Who says little must be the more unlike the others.
        is_enough = said_ms >= np.where(cosines.max(axis=1) < likeness.unlike, enough_unlike_ms, enough_ms)
        quietest = int(np.where(is_enough, np.inf, said_ms).argmin())
        one, other = np.unravel_index(cosines.argmax(), cosines.shape)
        if not is_enough[quietest]:
            nearest = vectors[labels == quietest] @ np.delete(voices, quietest, axis=0).T
            rest = np.delete(np.arange(len(voices)), quietest)
            labels[labels == quietest] = rest[nearest.argmax(axis=1)]
        elif (count.most is not None and len(voices) > count.most) or (
            cosines.max() >= likeness.alike and len(voices) > count.least
        ):
            labels[labels == other] = one
        else:
            return voices


def _settled(vectors: Floats, lengths_ms: Floats, labels: Labels) -> tuple[Floats, Labels]:
    """Return the voices that labels stand for, and labels by which each part is with its nearest voice."""
    for _ in range(_ROUNDS):
        _, labels = np.unique(labels, return_inverse=True)
        sums = np.zeros((int(labels.max()) + 1, vectors.shape[1]), np.float32)
        np.add.at(sums, labels, vectors * lengths_ms[:, None])
        voices = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        nearest = (vectors @ voices.T).argmax(axis=1)
        if (nearest == labels).all():
            break
        labels = nearest
    _, labels = np.unique(labels, return_inverse=True)
    return voices[np.unique(nearest)], labels


def _pieces(vectors: Floats, units: Sequence[Unit], labels: Labels) -> tuple[Floats, Floats, Labels]:
    """Gather units of one label that follow each other into pieces, which say more about a voice than a word does."""
    lengths_ms = np.array([unit.span.length_ms for unit in units], np.float32)
    keys = [
        (unit.stretch, unit.begin_ms // _PIECE_MS, label) for unit, label in zip(units, labels.tolist(), strict=True)
    ]
    firsts = np.flatnonzero([index == 0 or keys[index] != keys[index - 1] for index in range(len(keys))])
    sums = np.add.reduceat(vectors * lengths_ms[:, None], firsts)
    norms = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return sums / norms, np.add.reduceat(lengths_ms, firsts), labels[firsts]


def _put_together(pieces: Floats, lengths_ms: Floats, least_cosine: float) -> Labels:
    """Put the nearest pieces together, then the nearest of these, as long as they are near enough (average linkage)."""
    likeness = pieces @ pieces.T
    np.fill_diagonal(likeness, -np.inf)
    sizes = lengths_ms.astype(np.float64)
    labels = np.arange(len(pieces))
    nearest = likeness.argmax(axis=1)
    best = likeness.max(axis=1)
    while best.max() >= least_cosine:
        one = int(best.argmax())
        other = int(nearest[one])
        row = (sizes[one] * likeness[one] + sizes[other] * likeness[other]) / (sizes[one] + sizes[other])
        sizes[one] += sizes[other]
        labels[labels == other] = one
        row[one] = -np.inf
        likeness[one], likeness[:, one] = row, row
        likeness[other], likeness[:, other] = -np.inf, -np.inf
        for stale in np.flatnonzero((nearest == one) | (nearest == other) | (row > best)):
            nearest[stale] = likeness[stale].argmax()
            best[stale] = likeness[stale, nearest[stale]]
        nearest[one], best[one] = likeness[one].argmax(), likeness[one].max()
        best[other] = -np.inf
    return labels
