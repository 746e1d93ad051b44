"""Where a recording is noisier than elsewhere: noise that comes and goes is two noises, and each is known by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from anyscribe.alignment.sphinx.acoustics.spectrum import Floats, Frames

_SHORTEST_FRAMES: Final = 400
"""The noise is what is left in pauses, and in so long a stretch of speech there is one."""

_EDGE_FRAMES: Final = 100
"""So near to where the noise comes or goes, frames are of neither kind."""

_FEWEST_FRAMES: Final = 200
"""Fewer tell nothing reliable of a noise."""

_ROUNDS: Final = 10

_SILENT: Final = 6.0
"""So far below the louder half of the speech one silence is as good as another: 26 dB."""

_LOUD: Final = 2.7
"""Noise that is by no more than this below the louder half of the speech changes how words sound; 12 dB.

Where nobody pauses for long, voices themselves seem to be noise; it is by 2.9 and more below.
"""

_APART: Final = 1.5
"""Noises that differ by less, 6.5 dB, are one."""

_JUST_BELOW: Final = 0.5
"""What is softer than the noise by more than this has none of it."""


def states_of(loudness: Floats, near: Frames) -> list[Frames]:
    """Divide a sound by how much noise there is.

    Args:
        loudness: How loud each frame is, smoothed: the natural logarithm of its power.
        near: The frames to be divided, in order: those in or near speech.

    Returns:
        The frames with less and those with more noise; all of them as one where it stays nearly the same.
    """
    speech = np.sort(loudness[near])[len(near) // 2 :].mean()
    floor = _opened(loudness, _SHORTEST_FRAMES // 2) - speech
    floors = np.maximum(floor[near], -_SILENT)
    limit = (floors.min() + floors.max()) / 2
    for _ in range(_ROUNDS):
        loud, soft = floors[floors > limit], floors[floors <= limit]
        if not len(loud) or not len(soft):
            return [near]
        limit = (loud.mean() + soft.mean()) / 2
    usual = np.median(loud)
    if usual < -_LOUD or loud.mean() - soft.mean() < _APART:
        return [near]
    is_noisy = (_least(floor, _EDGE_FRAMES)[near] > limit) & (loudness[near] - speech > usual - _JUST_BELOW)
    states = [near[floors <= limit], near[is_noisy]]
    return [near] if min(map(len, states)) < _FEWEST_FRAMES else states


def _opened(values: Floats, around: int) -> Floats:
    """Take away what rises above its neighbours for less than twice so many frames."""
    return -_least(-_least(values, around), around)


def _least(values: Floats, around: int) -> Floats:
    """Give the least value around each frame."""
    padded = np.pad(values, around, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1).min(1))
