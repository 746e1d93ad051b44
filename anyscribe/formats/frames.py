"""Times in frames of a picture, as editors count them."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from anyscribe.timespan import MS_PER_SECOND

_SLOWER: Final = Fraction(1000, 1001)
_NEAR: Final = 0.005


def exact_rate(rate: float) -> Fraction:
    """Return the frame rate that people mean: 23.976 and 29.97 are a thousandth slower than 24 and 30.

    Args:
        rate: Frames a second, above 0.
    """
    slow = round(rate * 1.001) * _SLOWER
    if not float(rate).is_integer() and slow and abs(slow - rate) < _NEAR:
        return slow
    return Fraction(rate).limit_denominator(1000)


def frames_of(time_ms: int, rate: Fraction) -> int:
    """Return the frame that is shown at a time.

    Args:
        time_ms: Milliseconds from the start.
        rate: Frames a second.
    """
    return round(time_ms * rate / MS_PER_SECOND)


def timecode(frame: int, rate: Fraction) -> str:
    """Write a frame as ``HH:MM:SS:FF``, without dropping numbers.

    Args:
        frame: The frame, from 0.
        rate: Frames a second; 23.976 counts 24 of them.
    """
    per_second = max(1, round(rate))
    seconds, frame = divmod(frame, per_second)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}"
