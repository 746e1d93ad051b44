"""Track the pitch of audio, to tell speech from noise, which has no pitch, and from music, which has a steady one."""

from __future__ import annotations

import math
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.audio.levels import LOW_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

_WINDOW: Final = LOW_RATE_HZ * 40 // 1000
_STEP: Final = LOW_RATE_HZ * 20 // 1000
"""Samples in the window that is compared with the audio around it, and from one window to the next."""

_SHORTEST_PERIOD: Final = 4
_LONGEST_PERIOD: Final = 27
"""In samples: the pitch of voices is between 74 and 500 Hz."""

_SHORTEST_LOOKED_FOR: Final = 2
"""Higher tones are searched for too; otherwise a multiple of their period would be taken for that of a voice."""

_VOICED: Final = 0.7
"""The least similarity of a voice to itself one period later; noise hardly ever reaches it."""

_FIRST_AMONG_EQUALS: Final = 0.9
"""The shortest period with this share of the best similarity is chosen: each multiple of a period is a period too."""

_SMALLEST_ENERGY: Final = 1e-9

_STEADY: Final = 0.006
_JUMP: Final = 0.15
"""Within two steps, a voice's pitch moves by more than the first and less than the second, which is 3 to 65 semitones a
second, and does not reverse. In a tone it stays, from one tone to the next it jumps, and in noise it wavers."""

SAMPLES_JUDGED: Final = 6 * _STEP
"""Samples of the low frequencies judged at a time; all windows begin within them."""

MOVEMENTS_JUDGED: Final = SAMPLES_JUDGED // _STEP - 1
"""How many movements of the pitch they can contain."""

SAMPLES_NEEDED: Final = SAMPLES_JUDGED + _WINDOW + _LONGEST_PERIOD + 1
"""Samples needed to judge them, since windows and periods extend beyond."""


class Movement(NamedTuple):
    """How often the pitch glided as in speech, and how often a pitch was present but did not."""

    gliding: int
    other: int


def pitch_movement(low: Sequence[float]) -> Movement:
    """Track the pitch for a tenth of a second.

    Args:
        low: `SAMPLES_NEEDED` samples of the low frequencies; see `anyscribe.audio.levels.LevelMeter`.
    """
    energies = list(accumulate(map(mul, low, low), initial=0.0))
    periods = [_period(low, energies, at) for at in range(0, SAMPLES_JUDGED + 1, _STEP)]
    gliding = other = 0
    for first, second, third in zip(periods, periods[1:], periods[2:], strict=False):
        if first and second and third:
            change, next_change = math.log(second / first), math.log(third / second)
            glides = change * next_change > 0 and _STEADY < abs(change + next_change) < _JUMP
            gliding += glides
            other += not glides
    return Movement(gliding, other)


def _period(low: Sequence[float], energies: Sequence[float], at: int) -> float | None:
    """Return the period of a voice, in samples; None if there is no voice."""
    end = at + _WINDOW
    window = low[at:end]
    energy = energies[end] - energies[at]
    if energy < _SMALLEST_ENERGY:
        return None
    likeness = [
        sum(map(mul, window, low[at + period : end + period]))
        / math.sqrt(energy * (energies[end + period] - energies[at + period]) + _SMALLEST_ENERGY**2)
        for period in range(_SHORTEST_LOOKED_FOR, _LONGEST_PERIOD + 2)
    ]
    enough = max(_VOICED, _FIRST_AMONG_EQUALS * max(likeness[1:-1]))
    for index in range(1, len(likeness) - 1):
        left, middle, right = likeness[index - 1 : index + 2]
        if middle >= enough and left <= middle >= right:
            if index + _SHORTEST_LOOKED_FOR < _SHORTEST_PERIOD:
                return None
            # The peak of the parabola through the three points.
            bend = left - 2 * middle + right
            return _SHORTEST_LOOKED_FOR + index + (0.5 * (left - right) / bend if bend else 0.0)
    return None
