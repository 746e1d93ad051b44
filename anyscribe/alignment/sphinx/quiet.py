"""Find a place quiet enough to cut the audio."""

from __future__ import annotations

import operator
from array import array
from typing import TYPE_CHECKING, Final

from anyscribe.request import PCM_BYTES_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAME_MS: Final = 20
_PAUSE_FRAMES: Final = 10
_EVERY: Final = 2
"""Every second sample is enough to measure a frame's energy."""


def quietest_ms(pcm: bytes | bytearray, start_ms: int, end_ms: int) -> int:
    """Find the middle of the quietest 200 ms of a stretch.

    Args:
        pcm: The audio, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`.
        start_ms: The start of the stretch, in milliseconds from the audio's start.
        end_ms: The end of the stretch, likewise.

    Returns:
        The time, in milliseconds from the audio's start; ``end_ms`` if the stretch is too short for a pause.
    """
    energies = [_energy(pcm, at) for at in range(start_ms, end_ms - _FRAME_MS + 1, _FRAME_MS)]
    if len(energies) < _PAUSE_FRAMES:
        return end_ms
    first = min(range(len(energies) - _PAUSE_FRAMES + 1), key=lambda at: _loudness(energies[at : at + _PAUSE_FRAMES]))
    return start_ms + (first + _PAUSE_FRAMES // 2) * _FRAME_MS


def _energy(pcm: bytes | bytearray, at_ms: int) -> int:
    samples = array("h", bytes(pcm[at_ms * PCM_BYTES_PER_MS : (at_ms + _FRAME_MS) * PCM_BYTES_PER_MS]))[::_EVERY]
    return sum(map(operator.mul, samples, samples))


def _loudness(energies: Sequence[int]) -> int:
    return sum(energies)
