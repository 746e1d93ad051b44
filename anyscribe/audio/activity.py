"""Find the frames of a recording that stand out from constant noise, such as hum and hiss."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.audio.levels import BANDS_HZ, FRAME_MS, SILENCE_DB, LevelMeter

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

_SECOND: Final = 1000 // FRAME_MS
_SECONDS_AROUND: Final = 8
"""How far around a second its noise is searched for: speech of this length contains pauses, at least those between
two sounds."""

_QUIETEST: Final = 10
"""The noise of a second is the level that all but a tenth of its frames exceed."""

_LOUDEST: Final = 20
"""The loudness of a second is the level that all but a twentieth of its frames stay below."""

_DEPTH_DB: Final = 40.0
"""A sound this far below the loudest of its surroundings is masked by it, however low the noise is."""

_FAINTEST_DB: Final = -80.0


class _Limits(NamedTuple):
    """How many decibels a frame must be above the noise, in one band or in all bands together.

    Args:
        one: Limit for a single band.
        together: Limit for the sum over the bands of the excess above ``each``, at most `_MOST_DB` for each band.
        each: The level above the noise from which a band counts towards ``together``.
    """

    one: float
    together: float
    each: float


_MOST_DB: Final = 10.0
_MOMENT: Final = _Limits(one=10.0, together=16.0, each=4.0)
_MEAN: Final = _Limits(one=6.0, together=8.0, each=3.0)
"""For a frame, and for the mean of five: the less the noise wavers, the nearer to it a sound may be. White, pink and
brown noise of any loudness reach neither."""

_MEAN_FRAMES: Final = 5


class _Second(NamedTuple):
    """The levels of a second in each band, its noise in each band, and its loudness."""

    levels: tuple[Sequence[float], ...]
    noise: tuple[float, ...]
    loudness: float


class ActivityMeter:
    """Decides for each frame whether it stands out, some seconds after the frame arrived."""

    def __init__(self) -> None:
        self._meter = LevelMeter()
        self._around: deque[_Second] = deque(maxlen=2 * _SECONDS_AROUND + 1)
        # How many of the seconds in `_around` are judged already: the index of the next one.
        self._told = 0

    @property
    def low(self) -> array[float]:
        """The low frequencies of the audio; see `LevelMeter`."""
        return self._meter.low

    def hear(self, chunk: bytes) -> list[bool]:
        """Process the next chunk, and return whether each frame that can be judged now stands out.

        Args:
            chunk: Mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`, of any even length.
        """
        self._meter.hear(chunk)
        told: list[bool] = []
        while len(self._meter.levels[0]) >= _SECOND:
            told += self._hear_second()
        return told

    def finish(self) -> list[bool]:
        """Return whether each of the remaining frames stands out."""
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
        """Return whether each frame of the next second stands out."""
        index = self._told
        self._told += 1
        near = list(self._around)[max(0, index - _SECONDS_AROUND) : index + _SECONDS_AROUND + 1]
        least = max(max(second.loudness for second in near) - _DEPTH_DB, _FAINTEST_DB)
        moments, means = [], []
        for band in range(len(BANDS_HZ)):
            # Not the quietest second, which may contain a gap in the noise itself.
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
        """Return the mean level around each frame of a second."""
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
