"""Find roughly which part of a text is said when, however long the recording and the text are.

Each block of some seconds is compared with the whole text: how well does it fit if it ends after this or that word? The
best places of all blocks together, in order, are the way that the exact search follows. So untranscribed minutes and
pages of text that are not said lead nobody astray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Indices = NDArray[np.int32]

BLOCK_FRAMES: Final = 500

_CERTAIN_BLANK: Final = np.float32(np.log(0.8))
"""Frames in which nothing is heard say nothing about the place; they are most of all."""

_MOST_WORDS: Final = 80
"""As many words at most are said in a block; passing over more costs `_LEAP`."""

_WORD: Final = np.float32(0.5)
"""Going a word forward."""

_UNSAID: Final = np.float32(0.4)
"""A word at the end of the text that is not said."""

_LEAP: Final = np.float32(150.0)
_AHEAD_WORDS: Final = 4_000
_BEAM: Final = np.float32(400.0)
_IMPOSSIBLE: Final = np.float32(-1e30)


class CoarseSearch:
    """Compares blocks of a recording with the text, in order.

    Args:
        words: The sounds of each word, as columns of what `take` takes; no word is empty.
        pause: The column of pauses.
    """

    def __init__(self, words: Sequence[Sequence[int]], pause: int) -> None:
        lengths = np.array([1 + len(word) for word in words], np.int32)
        self._pauses = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        self._columns = np.array([column for word in words for column in (pause, *word)] + [pause], np.intp)
        self._pause = pause
        self._first = 0
        self._scores = np.zeros(1, np.float32)
        self._came_from: list[tuple[int, Indices]] = []

    def take(self, entries: Floats, blanks: Floats) -> None:
        """Compare the next block.

        Args:
            entries: See `anyscribe.alignment.ctc.trellis.Trellis.advance`; `BLOCK_FRAMES` rows, or fewer at the end.
            blanks: Likewise.
        """
        count = len(self._pauses)
        first = self._first + int(np.argmax(self._scores > self._scores.max() - _BEAM))
        end = min(count, max(self._first + len(self._scores), first + _AHEAD_WORDS))
        before = np.full(end - first, _IMPOSSIBLE, np.float32)
        kept = self._scores[first - self._first :]
        before[: len(kept)] = kept
        fits = self._fits(entries, blanks, first, end)
        # From the words just before, at no price, or from any earlier one.
        padded = np.concatenate([np.full(_MOST_WORDS, _IMPOSSIBLE, np.float32), before])
        forward = _WORD * np.arange(_MOST_WORDS, -1, -1, dtype=np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(padded, _MOST_WORDS + 1) - forward
        places = np.arange(len(before), dtype=np.int32)
        nearest = windows.argmax(axis=1).astype(np.int32) + places - _MOST_WORDS
        near = windows.max(axis=1)
        best = np.maximum.accumulate(before)
        farthest = np.maximum.accumulate(np.where(before >= best, places, 0))
        leaps = best - _LEAP > near
        came_from = np.where(leaps, farthest, nearest)
        scores = np.where(leaps, best - _LEAP, near) + fits
        # Or nothing of the text is said.
        stays = before >= scores
        self._came_from.append((first, np.where(stays, places, came_from).astype(np.int32) + first))
        self._scores = np.where(stays, before, scores)
        self._first = first

    def finish(self) -> list[int]:
        """Return how many words have been said at the end of each block."""
        left = len(self._pauses) - 1 - self._first - np.arange(len(self._scores))
        word = self._first + int(np.argmax(self._scores - np.minimum(_LEAP, _UNSAID * left)))
        said = []
        for first, came_from in reversed(self._came_from):
            said.append(word)
            word = int(came_from[word - first])
        return said[::-1]

    def _fits(self, entries: Floats, blanks: Floats, first: int, end: int) -> Floats:
        """Return how much likelier a block is if it ends after each of some words than if nothing of them is said."""
        is_heard = blanks < _CERTAIN_BLANK
        heard = entries[is_heard]
        heard = heard - heard[:, self._pause, None]
        stays = np.maximum(heard, (blanks[is_heard] - entries[is_heard, self._pause])[:, None])
        pauses = self._pauses[first:end] - self._pauses[first]
        columns = self._columns[self._pauses[first] :][: pauses[-1] + 1]
        firsts, lasts = pauses[:-1] + 1, pauses[1:] - 1
        scores = np.full(len(columns), _IMPOSSIBLE, np.float32)
        scores[pauses] = 0
        moved = np.full(len(columns), _IMPOSSIBLE, np.float32)
        for entry, stay in zip(heard, stays, strict=True):
            stayed = stay.take(columns)
            stayed += scores
            moved[1:] = scores[:-1]
            moved[firsts[1:]] = np.maximum(moved[firsts[1:]], scores[lasts[:-1]])
            moved += entry.take(columns)
            np.maximum(moved, stayed, out=scores)
            # The place of the first word is free.
            scores[pauses] = np.maximum(scores[pauses], 0)
        ends: Floats = scores[pauses]
        ends[1:] = np.maximum(ends[1:], scores[lasts])
        return ends
