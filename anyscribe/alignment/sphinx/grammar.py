"""The ways to say a stretch of text: a finite-state grammar, and the mapping of the decoder's path to tokens."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTHING: Final = "(NULL)"
"""The decoder's name for a step without audio."""

_CERTAIN: Final = 1.0

_SKIPS: Final = (1e-60, 1e-80, 1e-100)
"""How likely it is that one, two, three tokens in a row are in the text, but were not said.

The model takes its frames for independent of each other, which makes it far too sure: next to its odds, these are high.
A skip that is cheaper than a badly spoken word leads the search astray.
"""

_ENTRY: Final = 1e-60
"""The highest probability that the audio starts at a token after the first four."""

_NEXT_ENTRY: Final = 0.8
"""How much less likely the next token is: enough to distinguish the entries by their cost."""

_END: Final = 1e-10
"""The probability that the audio ends before the text."""

_VARIANT: Final = re.compile(r"\(\d+\)$")
"""``for(2)`` is the second pronunciation of ``for``."""


class DecodedStep(NamedTuple):
    """One step of the decoder's path; frames count from the utterance's start, the last one included.

    Args:
        label: A word of the grammar, a filler such as ``<sil>``, or `NOTHING`.
        first_frame: Where it starts.
        last_frame: Where it ends.
        cost: What the step itself cost, as of `cost_of`; the decoder rounds it down.
        fit: How well the audio fits, in the same unit, over all its frames; 0 at best.
    """

    label: str
    first_frame: int
    last_frame: int
    cost: float
    fit: float = 0.0


class Placed(NamedTuple):
    """One token's place in the audio, in frames, half-open, and how well the audio fits; see `DecodedStep`."""

    token: int
    start_frame: int
    end_frame: int
    fit: float = 0.0


class Grammar:
    """The grammar of one stretch of text; the audio may contain only its beginning.

    Between any two words there may be silence or noise: the decoder adds that by itself. Up to three tokens in a row
    may be missing in the audio.

    Args:
        readings: For each token how it may be said, likeliest first; nothing for one that is not spoken.
        entries: How many tokens the audio may start with; 1 means that it starts with the first.
    """

    def __init__(self, readings: Sequence[Sequence[Sequence[str]]], *, entries: int = 1) -> None:
        self._spoken = [index for index, ways in enumerate(readings) if any(ways)]
        self.words: set[str] = set()
        self.transitions: list[tuple[int, int, float] | tuple[int, int, float, str]] = []
        # From a state, by a word: the next state, and the token that the word belongs to.
        self._arcs: dict[tuple[int, str], tuple[int, int]] = {}
        end = len(self._spoken)
        self.final = end + 1
        self._states = end + 2
        # From a state, without audio: the next states with the costs of the steps.
        self._steps: dict[int, list[tuple[float, int]]] = {}
        for state, token in enumerate(self._spoken):
            for way in readings[token]:
                if way:
                    self._add_way(state, token, way)
        for state in range(end):
            for length, probability in enumerate(_SKIPS[: end - state], 1):
                self._add_step(state, state + length, probability)
            self._add_step(state, self.final, _END)
        self._add_step(end, self.final, _CERTAIN)
        for place in range(len(_SKIPS) + 1, min(entries, end)):
            self._add_step(0, place, _ENTRY * _NEXT_ENTRY**place)

    def place(self, heard: Iterable[DecodedStep]) -> list[Placed]:
        """Return which token was said where.

        Args:
            heard: The decoder's path, from its first state on.

        Returns:
            The tokens that were said, in order.
        """
        placed: list[Placed] = []
        state = 0
        for step in heard:
            if step.label == NOTHING:
                state = min(self._steps[state], key=lambda way: abs(way[0] - step.cost))[1]
                continue
            arc = self._arcs.get((state, _VARIANT.sub("", step.label)))
            if arc is None:  # a filler
                continue
            state, token = arc
            if placed and placed[-1].token == token:
                placed[-1] = placed[-1]._replace(end_frame=step.last_frame + 1, fit=placed[-1].fit + step.fit)
            else:
                placed.append(Placed(token, step.first_frame, step.last_frame + 1, step.fit))
        return placed

    def _add_way(self, state: int, token: int, way: Sequence[str]) -> None:
        """Add one way to say a token; ways that begin alike share their beginning."""
        after = state + 1
        for word in way[:-1]:
            known = self._arcs.get((state, word))
            if known is None:
                known = self._states, token
                self._states += 1
                self._add_arc(state, word, known)
            elif known[0] == after:
                # The beginning of this way is itself a whole way, so the two cannot be distinguished.
                return
            state = known[0]
        if (state, way[-1]) not in self._arcs:
            self._add_arc(state, way[-1], (after, token))

    def _add_arc(self, state: int, word: str, target: tuple[int, int]) -> None:
        self._arcs[state, word] = target
        self.words.add(word)
        self.transitions.append((state, target[0], _CERTAIN, word))

    def _add_step(self, state: int, target: int, probability: float) -> None:
        """Add a step without audio; the decoder never takes two of them in a row."""
        self.transitions.append((state, target, probability))
        self._steps.setdefault(state, []).append((cost_of(probability), target))


def cost_of(probability: float) -> float:
    """Return the decoder's form of a probability: its logarithm to base 1.0001, shifted down by ten bits."""
    return math.log(probability, 1.0001) / 1024
