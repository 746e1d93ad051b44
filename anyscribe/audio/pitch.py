"""How the pitch of a sound moves: so speech is told from noise, which has none, and from music, where it stays."""

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
"""Samples in which the sound is compared with itself, and from one such comparison to the next."""

_SHORTEST_PERIOD: Final = 4
_LONGEST_PERIOD: Final = 27
"""In samples: voices have their pitch between 74 and 500 Hz."""

_SHORTEST_LOOKED_FOR: Final = 2
"""Tones above that are looked for too, else a multiple of their period would be taken for that of a voice."""

_VOICED: Final = 0.7
"""How like itself, a period later, a voice is at least; noise hardly ever is."""

_FIRST_AMONG_EQUALS: Final = 0.9
"""The shortest of the periods that are so near to the best counts: each multiple of one is a period too."""

_SMALLEST_ENERGY: Final = 1e-9

_STEADY: Final = 0.006
_JUMP: Final = 0.15
"""A voice's pitch moves by more than the one and less than the other within two steps, which is 3 to 65 semitones a
second, and does not turn in between. A tone stays, from one tone to the next it jumps, and in noise it wavers."""

SAMPLES_JUDGED: Final = 6 * _STEP
"""How many samples of the low part are judged in one go; so many beginnings of windows are in them."""

MOVEMENTS_JUDGED: Final = SAMPLES_JUDGED // _STEP - 1
"""How often the pitch can move in them."""

SAMPLES_NEEDED: Final = SAMPLES_JUDGED + _WINDOW + _LONGEST_PERIOD + 1
"""How many have to be there for it, since windows and periods reach beyond."""


class Movement(NamedTuple):
    """How often the pitch glided as in speech, and how often there was one that did not."""

    gliding: int
    other: int


def pitch_movement(low: Sequence[float]) -> Movement:
    """Follow the pitch through a tenth of a second.

    Args:
        low: `SAMPLES_NEEDED` samples of the low part; see `anyscribe.audio.levels.LevelMeter`.
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
    """Measure the period of a voice, in samples; None where there is none."""
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
            # The peak of the parabola through the three.
            bend = left - 2 * middle + right
            return _SHORTEST_LOOKED_FOR + index + (0.5 * (left - right) / bend if bend else 0.0)
    return None
