"""Mix the channels of audio down to one, such that nothing that is audible in any channel is lost.

The mean of the channels is not enough: two channels of opposite polarity (one wire swapped) cancel, and one speaker in
one of sixteen channels becomes sixteen times quieter. So channels are added with a sign each, which changes where they
would cancel, and the sum is scaled to at least half of the loudest channel's level. Ordinary audio gets the mean.

FFmpeg's filters do the arithmetic for every sample; Python decides once for each block.
"""

from __future__ import annotations

import math
from array import array
from operator import mul
from typing import TYPE_CHECKING, Final, NamedTuple

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.filter import Graph

from anyscribe.audio.frames import to_bytes
from anyscribe.errors import AudioError
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.filter.context import FilterContext

MOST_CHANNELS: Final = 64
"""FFmpeg resamples no more of them."""

BLOCK_MS: Final = 50
_BLOCK_SAMPLES: Final = PCM_RATE_HZ * BLOCK_MS // 1000
_FADE_SAMPLES: Final = PCM_RATE_HZ * 10 // 1000
_CANCELLING: Final = 0.7
"""A sum below this share of the loudest channel cancels: with the better sign, it is at least as loud as that one."""

_LEAST_SHARE: Final = 0.5
"""The mixture's level, as a share of the loudest channel's."""

_AUDIBLE: Final = 10 ** (-50 / 20)
"""A block whose loudest channel is below -50 dBFS is no speech."""

_FULL_SCALE: Final = 32768
_LEVELS: Final = "metadata=1:reset=1:measure_perchannel=RMS_level+Peak_level:measure_overall=none"


class MonoMixer:
    """Converts frames of one format to mono 16-bit samples at `PCM_RATE_HZ`.

    Args:
        first: The first frame; all others have the same rate, sample format and layout.
        channel: The channel to take, from 1; None mixes all of them. A channel that is not there is silent.

    Raises:
        AudioError: There are more channels than FFmpeg can convert.
    """

    def __init__(self, first: AudioFrame, channel: int | None = None) -> None:
        channels = first.layout.nb_channels
        if channels > MOST_CHANNELS:
            raise AudioError(
                f"it has {channels} channels, and more than {MOST_CHANNELS} cannot be mixed",
                remedy="split it into files of fewer channels",
            )
        self._format = _format_of(first)
        self._is_mono = channels == 1 and channel in (None, 1)
        if self._is_mono:
            self._resampler = AudioResampler(format="s16", layout="mono", rate=PCM_RATE_HZ)
            return
        self._resampler = AudioResampler(
            format="fltp", layout=first.layout, rate=PCM_RATE_HZ, frame_size=_BLOCK_SAMPLES
        )
        self._layout = _layout_of(first)
        self._channels = range(channels) if channel is None else range(channel - 1, min(channel, channels))
        self._signs = [1] * channels
        self._gain = self._least_gain = 1 / max(1, len(self._channels))
        self._graph = _SumGraph(self._layout, self._weights)

    def fits(self, frame: AudioFrame) -> bool:
        """Return whether a frame has the format of the first one.

        Args:
            frame: Any frame.
        """
        return _format_of(frame) == self._format

    def convert(self, frame: AudioFrame | None) -> Iterator[bytes]:
        """Convert a frame.

        Args:
            frame: The next frame; None converts what is held back, and ends the conversion.

        Yields:
            Non-empty chunks of samples.
        """
        for resampled in self._resampler.resample(frame):
            if resampled.samples:
                yield to_bytes(resampled) if self._is_mono else self._mixed(resampled)

    @property
    def _weights(self) -> list[int]:
        return [sign if index in self._channels else 0 for index, sign in enumerate(self._signs)]

    def _mixed(self, block: AudioFrame) -> bytes:
        mixture = self._graph.mix(block)
        loudest = max((mixture.levels[index] for index in self._channels), default=0.0)
        before = mixture
        if mixture.level < _CANCELLING * loudest and self._choose_signs(block, mixture.levels):
            self._graph = _SumGraph(self._layout, self._weights)
            mixture = self._graph.mix(block)
        gain_before, self._gain = self._gain, self._gain_for(mixture, loudest)
        if mixture is before and gain_before == self._gain == self._least_gain:
            return mixture.mean
        return _faded(before, gain_before, mixture, self._gain)

    def _gain_for(self, mixture: _Mixture, loudest: float) -> float:
        if mixture.level <= 0:
            return self._least_gain
        wanted = max(self._least_gain, _LEAST_SHARE * loudest / mixture.level)
        return max(self._least_gain, min(wanted, 1 / max(mixture.peak, 1.0)))

    def _choose_signs(self, block: AudioFrame, levels: Sequence[float]) -> bool:
        """Choose signs with which no channel cancels those that are louder; return whether they changed."""
        order = sorted(self._channels, key=lambda index: -levels[index])
        signs = list(self._signs)
        total = [signs[order[0]] * sample for sample in _plane(block, order[0])]
        for index in order[1:]:
            if levels[index] <= 0:
                break
            samples = _plane(block, index)
            if signs[index] * sum(map(mul, total, samples)) < 0:
                signs[index] = -signs[index]
            sign = signs[index]
            total = [sample + sign * other for sample, other in zip(total, samples, strict=True)]
        changed, self._signs = signs != self._signs, signs
        return changed


class CancellationMeter:
    """Finds out for frames of one format whether channels cancel each other in a plain mixture.

    Args:
        first: The first frame.
    """

    def __init__(self, first: AudioFrame) -> None:
        self._format = _format_of(first)
        self._resampler = AudioResampler(
            format="fltp", layout=first.layout, rate=PCM_RATE_HZ, frame_size=_BLOCK_SAMPLES
        )
        self._graph = _SumGraph(_layout_of(first), [1] * first.layout.nb_channels)

    def fits(self, frame: AudioFrame) -> bool:
        """Return whether a frame has the format of the first one."""
        return _format_of(frame) == self._format

    def cancelling_blocks(self, frame: AudioFrame) -> int:
        """Return in how many more audible blocks of `BLOCK_MS` channels cancel each other.

        Args:
            frame: The next frame.
        """
        mixtures = [self._graph.mix(block) for block in self._resampler.resample(frame) if block.samples]
        return sum(_AUDIBLE * _CANCELLING < _CANCELLING * max(one.levels) > one.level for one in mixtures)


class _Mixture(NamedTuple):
    """A block mixed with some signs: the sum as floats with its level and peak, the mean as 16-bit samples."""

    levels: list[float]
    total: array[float]
    level: float
    peak: float
    mean: bytes


class _SumGraph:
    """Adds the channels of blocks with fixed signs, and measures levels, with FFmpeg's filters."""

    def __init__(self, layout: str, weights: Sequence[int]) -> None:
        # The graph owns the filters, so it is kept.
        self._graph = graph = Graph()
        self._source = graph.add(
            "abuffer",
            sample_rate=str(PCM_RATE_HZ),
            sample_fmt="fltp",
            channel_layout=layout,
            time_base=f"1/{PCM_RATE_HZ}",
        )
        terms = "+".join(f"{weight}*c{index}" for index, weight in enumerate(weights) if weight) or "0*c0"
        share = 1 / max(1, sum(map(abs, weights)))
        branches = graph.add("asplit", "3")
        self._source.link_to(branches)
        self._measured = self._branch(branches, 0, ("astats", _LEVELS))
        self._total = self._branch(branches, 1, ("pan", f"mono|c0={terms}"), ("astats", _LEVELS))
        volume = f"volume={share:.9f}:precision=float"
        self._mean = self._branch(
            branches, 2, ("pan", f"mono|c0={terms}"), ("volume", volume), ("aformat", "sample_fmts=s16")
        )
        graph.configure()

    def mix(self, block: AudioFrame) -> _Mixture:
        """Mix a block."""
        self._source.push(block)
        measured, total, mean = (_pulled(sink) for sink in (self._measured, self._total, self._mean))
        levels = [_amplitude(measured, index, "RMS") for index in range(block.layout.nb_channels)]
        return _Mixture(
            levels, _plane(total, 0), _amplitude(total, 0, "RMS"), _amplitude(total, 0, "Peak"), to_bytes(mean)
        )

    def _branch(self, split: FilterContext, index: int, *filters: tuple[str, str]) -> FilterContext:
        last, pad = split, index
        for name, options in (*filters, ("abuffersink", "")):
            following = self._graph.add(name, options) if options else self._graph.add(name)
            last.link_to(following, pad)
            last, pad = following, 0
        return last


def _layout_of(frame: AudioFrame) -> str:
    """Return the layout as filters take it; FFmpeg does not read its own name for channels without places."""
    channels = frame.layout.nb_channels
    return f"{channels}C" if frame.layout.name.endswith("channels") else frame.layout.name


def _format_of(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


def _pulled(sink: FilterContext) -> AudioFrame:
    frame = sink.pull()
    if not isinstance(frame, AudioFrame):
        raise TypeError(f"not audio: {frame!r}")
    return frame


def _plane(frame: AudioFrame, index: int) -> array[float]:
    samples = array("f")
    samples.frombytes(bytes(frame.planes[index])[: frame.samples * samples.itemsize])
    return samples


def _amplitude(frame: AudioFrame, index: int, name: str) -> float:
    """Return a measured level as an amplitude, 1 for full scale; silence and values that are no numbers are 0."""
    decibels = float(frame.metadata.get(f"lavfi.astats.{index + 1}.{name}_level", "-inf"))
    return 10 ** (decibels / 20) if math.isfinite(decibels) else 0.0


def _faded(before: _Mixture, gain_before: float, after: _Mixture, gain_after: float) -> bytes:
    """Begin a block with the signs and gain of the block before, and fade to its own."""
    samples = array("h")
    for index, (old, new) in enumerate(zip(before.total, after.total, strict=True)):
        share = min(1.0, (index + 1) / _FADE_SAMPLES)
        value = gain_before * (1 - share) * old + gain_after * share * new
        samples.append(max(-_FULL_SCALE, min(_FULL_SCALE - 1, round(value * _FULL_SCALE))))
    return samples.tobytes()
