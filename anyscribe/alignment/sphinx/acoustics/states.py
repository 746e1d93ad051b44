"""Find the noisier parts of a recording: noise that comes and goes is treated as two separate noises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from anyscribe.alignment.sphinx.acoustics.spectrum import Floats, Frames

_SHORTEST_FRAMES: Final = 400
"""The noise is what remains in pauses; a stretch of speech of this length contains one."""

_EDGE_FRAMES: Final = 100
"""Frames this close to a change of the noise belong to neither kind."""

_FEWEST_FRAMES: Final = 200
"""Fewer frames are not enough to measure a noise."""

_ROUNDS: Final = 10

_SILENT: Final = 6.0
"""Levels this far below the louder half of the speech all count as silence: 26 dB."""

_LOUD: Final = 2.7
"""Noise at most this far below the louder half of the speech changes how words sound; 12 dB.

In speech without long pauses, voices themselves look like noise, at 2.9 or more below.
"""

_APART: Final = 1.5
"""Noises that differ by less, 6.5 dB, are one."""

_JUST_BELOW: Final = 0.5
"""Frames that are softer than the noise by more than this do not contain it."""


def states_of(loudness: Floats, near: Frames) -> list[Frames]:
    """Divide the audio by its amount of noise.

    Args:
        loudness: How loud each frame is, smoothed: the natural logarithm of its power.
        near: The frames to be divided, in order: those in or near speech.

    Returns:
        The frames with less and those with more noise; all of them in one list if the noise is nearly constant.
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
    """Remove peaks that last less than twice this many frames."""
    return -_least(-_least(values, around), around)


def _least(values: Floats, around: int) -> Floats:
    """Return the least value around each frame."""
    padded = np.pad(values, around, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1).min(1))
