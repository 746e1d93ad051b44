"""Find the passages of a text that nobody says, whatever stands beside them.

In the likeliest way through a text, a passage that nobody says takes sounds from those beside it, and one that stands
there twice divides its sounds. So where several passages in a row fit badly, each is looked for once more, alone; those
that fit best keep their sounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.alignment.ctc.placement import NOT_FOUND, heard_words
from anyscribe.alignment.ctc.trellis import STATES_BETWEEN, Trellis
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anyscribe.alignment.ctc.network import Floats
    from anyscribe.alignment.ctc.placement import FoundWord

_LEAST: Final = 0.0
_BELOW_MIDDLE: Final = 0.4
_CHANCE: Final = 1.5
"""A passage is not said if it fits worse than this, and so much worse than the middle one of the text. Few sounds fit
well or badly by chance: this much, divided by the square root of their number."""

_LEAST_SOUNDS: Final = 12
"""Fewer, a word or three, may be spoken unclearly."""

_DOUBTFUL: Final = 0.6
"""A passage that fits so much worse than the middle one may be robbed of its sounds."""

_ROOM_FRAMES: Final = 25
"""So much of the passages beside those is searched too, since they may begin or end in their sounds."""

_MOST_FRAMES: Final = 1_500
"""In more, a short text would fit somewhere by chance."""

_SHARED: Final = 0.5
"""Of two passages that have more of their sounds in common, only one is said."""


@dataclass(frozen=True, slots=True)
class _PassagePlace:
    """Where a passage is heard.

    Args:
        sounds: How many sounds it has.
        fit: How much likelier these are than any others, as mean natural logarithm for a sound.
        first: Its first frame.
        end: The frame after its last one.
        frames: The frames of its words.
    """

    sounds: int
    fit: float
    first: int = 0
    end: int = 0
    frames: frozenset[int] = frozenset()


def unsaid_passages(
    passages: Sequence[Sequence[int]],
    text: Sequence[Sequence[int]],
    heard: Mapping[int, FoundWord],
    blocks: Sequence[tuple[Floats, Floats]],
) -> set[int]:
    """Return the indices of the passages that are not said.

    Args:
        passages: The indices of each passage's words, in order; empty for one that cannot be pronounced.
        text: The sounds of each word.
        heard: Where the words are in the likeliest way through the text.
        blocks: Entries and blanks of all frames, as `Trellis.advance` takes them.
    """
    places = {index: _place(words, text, heard) for index, words in enumerate(passages) if words}
    if len(places) < 2:  # noqa: PLR2004 - there is nothing to compare it with
        return set()
    doubtful = _middle(places) - _DOUBTFUL
    sound = _HeardFrames(blocks)
    spoken = list(places)
    is_doubted = [places[index].fit < doubtful for index in spoken]
    for is_run, run in groupby(range(len(spoken)), is_doubted.__getitem__):
        own = list(run)
        if is_run and len(own) > 1:
            # What stands beside them may have taken some of their sounds.
            first, end = max(0, own[0] - 1), min(len(spoken), own[-1] + 2)
            room = Span(
                max(0, places[spoken[first - 1]].end - _ROOM_FRAMES) if first else 0,
                min(sound.frames, places[spoken[end]].first + _ROOM_FRAMES) if end < len(spoken) else sound.frames,
            )
            alone = {
                index: _alone([text[word] for word in passages[index]], places[index], sound, room)
                for index in spoken[first:end]
            }
            places |= _said(alone, places, doubtful)
    middle = min(_LEAST, _middle(places) - _BELOW_MIDDLE)
    return {
        index
        for index, place in places.items()
        if place.sounds >= _LEAST_SOUNDS and place.fit < middle - _CHANCE / math.sqrt(place.sounds)
    }


def _middle(places: Mapping[int, _PassagePlace]) -> float:
    return float(np.median([place.fit for place in places.values()]))


def _said(
    alone: Mapping[int, _PassagePlace], together: Mapping[int, _PassagePlace], least: float
) -> dict[int, _PassagePlace]:
    """Return the passages that fit well alone; those that fit best keep their sounds.

    Args:
        alone: Where each passage fits best by itself.
        together: Where it is in the likeliest way through the text.
        least: How well it has to fit.
    """
    found = {}
    taken: set[int] = set()
    for index, place in sorted(alone.items(), key=lambda one: -one[1].fit):
        is_free = len(place.frames & taken) <= _SHARED * len(place.frames)
        if is_free and place.fit >= max(least, together[index].fit):
            taken |= place.frames
            found[index] = place
    return found


def _place(
    words: Sequence[int], text: Sequence[Sequence[int]], heard: Mapping[int, FoundWord], shift: int = 0
) -> _PassagePlace:
    """Return where a passage is in a way through a text."""
    sounds = sum(len(text[word]) for word in words)
    found = [heard[word] for word in words if word in heard]
    missed = sounds - sum(one.sounds for one in found)
    fit = (sum(one.gain for one in found) + NOT_FOUND * missed) / sounds
    if not found:
        return _PassagePlace(sounds, fit)
    frames = frozenset(frame + shift for one in found for frame in range(one.first_frame, one.last_frame + 1))
    return _PassagePlace(sounds, fit, found[0].first_frame + shift, found[-1].last_frame + 1 + shift, frames)


def _alone(text: Sequence[Sequence[int]], place: _PassagePlace, sound: _HeardFrames, room: Span) -> _PassagePlace:
    """Return where a passage fits best between two frames, near the place where it was."""
    begin, end = room
    if end - begin > _MOST_FRAMES:
        if not place.end:
            # Nobody knows where to look; everywhere would take long, and find it by chance.
            return place
        begin, end = max(begin, place.first - _MOST_FRAMES // 2), min(end, place.end + _MOST_FRAMES // 2)
    trellis = Trellis(text, sound.other)
    frames = 0
    for entries, blanks in sound.between(begin, end):
        trellis.advance(entries, blanks, 0, len(text))
        frames += len(blanks)
    if not frames:
        return _PassagePlace(place.sounds, NOT_FOUND)
    return _place(range(len(text)), text, heard_words(trellis.finish(), text), begin)


class _HeardFrames:
    """Parts of what is heard.

    Args:
        blocks: Entries and blanks of all frames.
    """

    def __init__(self, blocks: Sequence[tuple[Floats, Floats]]) -> None:
        self._blocks = blocks
        self._begins = [0, *accumulate(len(blanks) for _, blanks in blocks)]
        self.frames: Final = self._begins[-1]
        self.other: Final = blocks[0][0].shape[1] - STATES_BETWEEN
        """The column of anything else."""

    def between(self, begin: int, end: int) -> Iterator[tuple[Floats, Floats]]:
        """Yield the entries and blanks of the frames between two of them, block by block."""
        for first, (entries, blanks) in zip(self._begins, self._blocks, strict=False):
            here = slice(max(begin - first, 0), max(end - first, 0))
            if len(blanks[here]):
                yield entries[here], blanks[here]
