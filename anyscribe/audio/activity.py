"""Which moments of a sound stand out from what hums and hisses all the time, whatever they are."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.audio.levels import BANDS_HZ, FRAME_MS, SILENCE_DB, LevelMeter

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

_SECOND: Final = 1000 // FRAME_MS
_SECONDS_AROUND: Final = 8
"""How far before and after a second the noise is looked for that it is held against: in so much speech there are
pauses, be they those between two sounds."""

_QUIETEST: Final = 10
"""The noise of a second is what all but a tenth of its moments are louder than."""

_LOUDEST: Final = 20
"""The loudness of a second is what all but a twentieth of its moments are below."""

_DEPTH_DB: Final = 40.0
"""What is so much below the loudest of its surroundings is not heard beside it, however quiet it is there."""

_FAINTEST_DB: Final = -80.0


class _Limits(NamedTuple):
    """By how many decibels a moment has to be above the noise, in one band, or by how many in all of them together.

    Args:
        one: For a single band.
        together: For the sum over the bands of what is above ``each`` in it, of which `_MOST_DB` count.
        each: See there.
    """

    one: float
    together: float
    each: float


_MOST_DB: Final = 10.0
_MOMENT: Final = _Limits(one=10.0, together=16.0, each=4.0)
_MEAN: Final = _Limits(one=6.0, together=8.0, each=3.0)
"""For a moment, and for the mean of five: the less noise wavers, the nearer to it may a sound be. White, pink and brown
noise of any loudness reach neither."""

_MEAN_FRAMES: Final = 5


class _Second(NamedTuple):
    """The levels of a second in each band, its noise in each band, and how loud it is."""

    levels: tuple[Sequence[float], ...]
    noise: tuple[float, ...]
    loudness: float


class ActivityMeter:
    """Tells of each moment whether it stands out, some seconds after it was heard."""

    def __init__(self) -> None:
        self._meter = LevelMeter()
        self._around: deque[_Second] = deque(maxlen=2 * _SECONDS_AROUND + 1)
        # How many seconds of those around have been told of, or have left on the other side.
        self._told = 0

    @property
    def low(self) -> array[float]:
        """The low part of the sound; see `LevelMeter`."""
        return self._meter.low

    def hear(self, chunk: bytes) -> list[bool]:
        """Hear the next chunk, and tell of the moments that can be judged now.

        Args:
            chunk: Mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`, of any even length.
        """
        self._meter.hear(chunk)
        told: list[bool] = []
        while len(self._meter.levels[0]) >= _SECOND:
            told += self._hear_second()
        return told

    def finish(self) -> list[bool]:
        """Tell of the moments that are left."""
        self._meter.finish()
        told: list[bool] = []
        while self._meter.levels[0]:
            told += self._hear_second()
        while self._told < len(self._around):
            told += self._tell()
        return told

    def _hear_second(self) -> list[bool]:
        levels = tuple(band[:_SECOND] for band in self._meter.levels)
        for band in self._meter.levels:
            del band[:_SECOND]
        ordered = [sorted(band) for band in levels]
        noise = tuple(band[len(band) // _QUIETEST] for band in ordered)
        loudness = max(band[-1 - len(band) // _LOUDEST] for band in ordered)
        if len(self._around) == self._around.maxlen:
            self._told -= 1
        self._around.append(_Second(levels, noise, loudness))
        return self._tell() if len(self._around) > self._told + _SECONDS_AROUND else []

    def _tell(self) -> list[bool]:
        """Tell of the next second."""
        index = self._told
        self._told += 1
        near = list(self._around)[max(0, index - _SECONDS_AROUND) : index + _SECONDS_AROUND + 1]
        least = max(max(second.loudness for second in near) - _DEPTH_DB, _FAINTEST_DB)
        moments, means = [], []
        for band in range(len(BANDS_HZ)):
            # Not the very quietest second, which may hold a gap in the noise itself.
            noise = sorted(second.noise[band] for second in near)[min(1, len(near) - 1)]
            floor = max(noise, least - _MOMENT.one)
            levels = self._around[index].levels[band]
            moments.append([level - floor for level in levels])
            means.append([mean - floor for mean in self._means(index, band)])
        return [
            _stands_out(moment, _MOMENT) or (max(moment) > 0 and _stands_out(mean, _MEAN))
            for moment, mean in zip(zip(*moments, strict=True), zip(*means, strict=True), strict=True)
        ]

    def _means(self, index: int, band: int) -> list[float]:
        """Give the mean level around each moment of a second."""
        side = _MEAN_FRAMES // 2
        before = self._around[index - 1].levels[band][-side:] if index else ()
        after = self._around[index + 1].levels[band][:side] if index + 1 < len(self._around) else ()
        levels = [SILENCE_DB] * (side - len(before)) + [*before, *self._around[index].levels[band], *after]
        levels += [SILENCE_DB] * (side - len(after))
        total = sum(levels[:_MEAN_FRAMES])
        totals = [total]
        for first, last in zip(levels, levels[_MEAN_FRAMES:], strict=False):
            total += last - first
            totals.append(total)
        return [total / _MEAN_FRAMES for total in totals]


def _stands_out(excesses: Sequence[float], limits: _Limits) -> bool:
    if max(excesses) > limits.one:
        return True
    above = sum(min(excess - limits.each, _MOST_DB) for excess in excesses if excess > limits.each)
    return above > limits.together
