"""Find the likeliest way through a text's sounds: a Viterbi search.

The states are the sounds of the text in order. A sound is entered in the frame in which it is heard; it lasts while
nothing else is heard, since the network marks each sound in one frame and writes blanks between them. Before each word
and after the last one are two more states: *other*, in which anything may be heard (music, laughter, words that are not
in the text), and *pause*, in which little is. Words that are not said are passed over, at a price.

Only the words near the place where `anyscribe.alignment.ctc.coarse` found the text are searched at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Indices = NDArray[np.int32]

# Prices are negative natural logarithms of probabilities; `docs/decisions/0022-aligner.md` says how they were chosen.
_OTHER: Final = np.float32(8.0)
"""Beginning to hear anything else than the text between two words."""

_SKIP: Final = np.float32(100.0)
_SKIPPED_WORD: Final = np.float32(12.0)
"""Passing over words: once, and for each word."""

_ONE: Final = np.float32(45.0)
"""Passing over one word: people leave out single words more often than several."""

_LEAP: Final = np.float32(500.0)
"""Passing over any number of words."""

_FRAMES_A_LEAP: Final = 5
"""Leaps begin in every fifth frame only, to save time."""

_LINGER: Final = np.float32(0.1)
"""A frame between two sounds of a word, so that no word is on both sides of a silence."""

_MOST_BYTES: Final = 48 << 20
_IMPOSSIBLE: Final = np.float32(-1e30)

_STAY, _PASS = 0, 4
"""Other moves are the number of states that they go forward."""

STATES_BETWEEN: Final = 2
"""The states before a word: other, then pause."""


class Path(NamedTuple):
    """The likeliest way.

    Args:
        states: The state in each frame: those before each word, then its sounds; those after the last word.
        gains: How much likelier each frame is in this state than outside the text.
    """

    states: Indices
    gains: Floats


class _Frames(NamedTuple):
    """What is kept of some frames until it is known which way is the likeliest.

    Args:
        first_word: The first word in the window.
        moves: How the state was reached, for each frame and state of the window.
        origins: For each frame and word of the window: the state that words are passed over from.
        entries: The price of entering each sound.
        stays: The price of staying in it.
    """

    first_word: int
    moves: NDArray[np.uint8]
    origins: Indices
    entries: Floats
    stays: Floats


class Trellis:
    """The search, which takes the frames of a recording in order.

    Args:
        words: The sounds of each word, as columns of what `advance` takes; no word is empty.
        other: The column of anything else; that of a pause follows.
    """

    def __init__(self, words: Sequence[Sequence[int]], other: int) -> None:
        lengths = np.array([STATES_BETWEEN + len(word) for word in words], np.int32)
        self.befores: Final[Indices] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        """The first state before each word, and after the last one."""

        between = (other, other + 1)
        self._columns = np.array([column for word in words for column in (*between, *word)] + [*between], np.intp)
        self._other = other
        self._first_word = self._end_word = 0
        self._scores = np.array([0, _IMPOSSIBLE], np.float32)
        self._frames = 0
        self._blocks: list[_Frames] = []
        self._kept_bytes = 0
        self._settled: list[Path] = []

    def advance(self, entries: Floats, blanks: Floats, first_word: int, end_word: int) -> None:
        """Take the next frames.

        Args:
            entries: The logarithm of the probability of each sound, of anything else, and of a pause: a row for each
                frame, a column for each.
            blanks: The logarithm of the probability that nothing is heard, for each frame.
            first_word: The first word that is searched; never before that of the last call. Earlier words are searched
                too if no way has come so far.
            end_word: The word after the last one that is; never before that of the last call.
        """
        base = self.befores[self._first_word]
        if not np.any(self._scores[self.befores[min(first_word, self._end_word)] - base :] > _IMPOSSIBLE / 2):
            likeliest = int(np.argmax(self._scores)) + base
            first_word = int(np.searchsorted(self.befores, likeliest, side="right")) - 1
        self._move_window(min(first_word, self._end_word), end_word)
        self._search(entries, np.maximum(entries, blanks[:, None]))
        if self._kept_bytes > _MOST_BYTES:
            self._settle(len(self._blocks) // 2)

    def finish(self) -> Path:
        """Return the likeliest way through all frames."""
        self._trace(self._blocks, self._last_state())
        return Path(*(np.concatenate(parts) for parts in zip(*self._settled, strict=True)))

    def _search(self, entries: Floats, stays: Floats) -> None:
        """Find the likeliest way to each state of the window, frame by frame."""
        base = self.befores[self._first_word]
        others = self.befores[self._first_word : self._end_word + 1] - base
        columns = self._columns[base:][: others[-1] + STATES_BETWEEN]
        later, pauses, firsts, lasts = others[1:], others + 1, others[:-1] + STATES_BETWEEN, others[1:] - 1
        price = _SKIPPED_WORD * np.arange(len(others), dtype=np.float32)
        lingering = np.full(len(columns), _LINGER)
        lingering[others] = lingering[pauses] = lingering[lasts] = 0
        moves = np.zeros((len(entries), len(columns)), np.uint8)
        origins = np.zeros((len(entries), len(others)), np.int32)
        before = np.full(len(others), _IMPOSSIBLE, np.float32)
        moved = np.full(len(columns), _IMPOSSIBLE, np.float32)
        scores = self._scores
        for frame, (entry, stay, move, origin) in enumerate(zip(entries, stays, moves, origins, strict=True)):
            stayed = stay.take(columns)
            stayed += scores
            stayed -= lingering
            moved[1:] = scores[:-1]
            before[1:] = scores[lasts]
            in_others, in_pauses = scores[others], scores[pauses]
            # Words may be passed over from all that is before them.
            ends = np.maximum(in_others, in_pauses)
            places = others + (in_pauses > in_others)
            places = np.where(before > ends, others - 1, places)
            np.maximum(ends, before, out=ends)
            leaps = (self._frames + frame) % _FRAMES_A_LEAP == 0
            worth = ends if leaps else ends + price
            best = np.maximum.accumulate(worth)
            passed = best[:-1] - (_LEAP if leaps else price[1:] + _SKIP)
            np.maximum.accumulate(np.where(worth >= best, places, 0), out=origin)
            one = ends[:-1] - _ONE
            np.copyto(origin[:-1], places[:-1], where=one > passed)
            np.maximum(passed, one, out=passed)
            # To what is before a word: from the last sound, or passing over words.
            from_sounds = before[1:] - _OTHER
            moved[later] = np.maximum(from_sounds, passed)
            # To a pause: from anything else, or from the last sound.
            straight = before > in_others
            moved[pauses] = np.maximum(in_others, before)
            # To a word's first sound: from the pause, or from the last sound.
            directly = before[:-1] > in_pauses[:-1]
            moved[firsts] = np.maximum(before[:-1], in_pauses[:-1])
            moved += entry.take(columns)
            np.greater(moved, stayed, out=move.view(np.bool_))
            move[later] *= np.where(passed > from_sounds, np.uint8(_PASS), np.uint8(1))
            move[pauses] *= 1 + straight.view(np.uint8)
            move[firsts] *= 1 + 2 * directly.view(np.uint8)
            scores = np.maximum(moved, stayed)
        self._scores = scores
        self._blocks.append(_Frames(self._first_word, moves, origins, entries, stays))
        self._kept_bytes += sum(array.nbytes for array in self._blocks[-1][1:])
        self._frames += len(entries)

    def _move_window(self, first_word: int, end_word: int) -> None:
        base = self.befores[self._first_word]
        # Prices of long recordings would exceed the precision of their differences.
        kept = self._scores[self.befores[first_word] - base :] - self._scores.max()
        length = self.befores[end_word] + STATES_BETWEEN - self.befores[first_word]
        self._scores = np.full(length, _IMPOSSIBLE, np.float32)
        self._scores[: len(kept)] = np.maximum(kept, _IMPOSSIBLE)
        self._first_word, self._end_word = first_word, end_word

    def _last_state(self) -> int:
        """Return the state in which the likeliest way ends, between two words; later words are not said."""
        others = self.befores[self._first_word : self._end_word + 1]
        local = others - others[0]
        states = np.concatenate([others, others + 1, others[1:] - 1])
        scores = self._scores[np.concatenate([local, local + 1, local[1:] - 1])]
        left = len(self.befores) - 1 - np.arange(self._first_word, self._end_word + 1)
        unsaid = np.where(left > 0, np.minimum(np.minimum(_ONE * left, _SKIP + _SKIPPED_WORD * left), _LEAP), 0)
        return int(states[np.argmax(scores - np.concatenate([unsaid, unsaid, unsaid[1:]]))])

    def _settle(self, blocks: int) -> None:
        """Decide for the likeliest way through the first blocks; the ways that differ from it there are dropped."""
        reached = np.nonzero(self._scores > _IMPOSSIBLE / 2)[0]
        states = (reached + self.befores[self._first_word]).astype(np.int32)
        for block in self._blocks[: blocks - 1 : -1]:
            for frame in range(len(block.moves) - 1, -1, -1):
                states = self._states_before(block, frame, states)
        chosen = states[int(np.argmax(self._scores[reached]))]
        self._scores[reached[states != chosen]] = _IMPOSSIBLE
        self._trace(self._blocks[:blocks], int(chosen))
        del self._blocks[:blocks]
        self._kept_bytes = sum(sum(array.nbytes for array in block[1:]) for block in self._blocks)

    def _states_before(self, block: _Frames, frame: int, states: Indices) -> Indices:
        """Return the state in the frame before, for each state in a frame."""
        base = self.befores[block.first_word]
        moves = block.moves[frame].take(states - base)
        passes = np.nonzero(moves == _PASS)[0]
        before = states - moves
        words = np.searchsorted(self.befores, states[passes]) - 1 - block.first_word
        before[passes] = block.origins[frame].take(words) + base
        result: Indices = before.astype(np.int32)
        return result

    def _trace(self, blocks: Sequence[_Frames], state: int) -> None:
        """Follow the way that leads to a state back through blocks, and keep it."""
        states: list[int] = []
        gains: list[float] = []
        for block in reversed(blocks):
            base = int(self.befores[block.first_word])
            for frame in range(len(block.moves) - 1, -1, -1):
                move = int(block.moves[frame, state - base])
                prices = block.stays if move == _STAY else block.entries
                states.append(state)
                gains.append(prices[frame, self._columns[state]] - block.stays[frame, self._other])
                if move == _PASS:
                    word = int(np.searchsorted(self.befores, state)) - 1 - block.first_word
                    state = base + int(block.origins[frame, word])
                else:
                    state -= move
        self._settled.append(Path(np.array(states[::-1], np.int32), np.array(gains[::-1], np.float32)))
