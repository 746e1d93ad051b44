"""Mix the channels of audio down to one, such that nothing that is audible in any channel is lost.

The mean of the channels is not enough: two channels of opposite polarity (one wire swapped) cancel, and one speaker in
one of sixteen channels becomes sixteen times quieter. So channels are added with a sign each, which changes where they
would cancel, and the sum is scaled to at least half of the loudest channel's level. Ordinary audio gets the mean.

FFmpeg's filters do the arithmetic for every sample; Python decides once for each block.
"""

from __future__ import annotations

import math
from array import array
from itertools import pairwise
from operator import add, mul, sub
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

_MOST_LACK: Final = 1.02
_MOST_EXCESS: Final = 2.0
"""The scale stays while it lacks up to 2 % of what is wanted, and is not more than twice that: so it changes seldom."""

_AUDIBLE: Final = 10 ** (-50 / 20)
"""A block whose loudest channel is below -50 dBFS is no speech, and decides nothing."""

_FULL_SCALE: Final = 32768


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
        self._resampler = AudioResampler(format="flt", layout=first.layout, rate=PCM_RATE_HZ, frame_size=_BLOCK_SAMPLES)
        self._layout = _layout_of(first)
        self._channels = range(channels) if channel is None else range(channel - 1, min(channel, channels))
        self._signs = [1] * channels
        self._share = self._least_share = 1 / max(1, len(self._channels))
        self._graph = _SumGraph(self._layout, self._weights, self._share)

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
        mixture = before = self._graph.mix(block)
        loudest = max((mixture.levels[index] for index in self._channels), default=0.0)
        if mixture.level < _CANCELLING * loudest and self._choose_signs(block, mixture.levels):
            self._graph = _SumGraph(self._layout, self._weights, self._share)
            mixture = self._graph.mix(block)
        share = self._share_for(mixture, loudest)
        if share != self._share:
            self._share = share
            self._graph = _SumGraph(self._layout, self._weights, share)
            mixture = self._graph.mix(block)
        return mixture.scaled if mixture is before else _faded(before.scaled, mixture.scaled)

    def _share_for(self, mixture: _Mixture, loudest: float) -> float:
        """Return the share of each channel with which the mixture is loud enough and does not clip."""
        if loudest < _AUDIBLE or mixture.level <= 0:
            return self._share
        wanted = max(self._least_share, _LEAST_SHARE * loudest / mixture.level)
        share = self._share if wanted <= self._share * _MOST_LACK and self._share <= _MOST_EXCESS * wanted else wanted
        if share <= self._least_share:
            return self._least_share
        samples = array("h", mixture.scaled)
        peak = max(1, *map(abs, samples)) / _FULL_SCALE / self._share
        return max(self._least_share, min(share, 1 / peak))

    def _choose_signs(self, block: AudioFrame, levels: Sequence[float]) -> bool:
        """Choose signs with which no channel cancels those that are louder; return whether they changed."""
        order = sorted(self._channels, key=lambda index: -levels[index])
        signs = list(self._signs)
        interleaved = _interleaved(block)
        total = [signs[order[0]] * sample for sample in interleaved[order[0] :: len(signs)]]
        for index in order[1:]:
            if levels[index] <= 0:
                break
            samples = interleaved[index :: len(signs)]
            if signs[index] * sum(map(mul, total, samples)) < 0:
                signs[index] = -signs[index]
            total = list(map(add if signs[index] > 0 else sub, total, samples))
        changed, self._signs = signs != self._signs, signs
        return changed


class CancellationMeter:
    """Finds out for frames of one format whether channels cancel each other in a plain mixture.

    Args:
        first: The first frame.
    """

    def __init__(self, first: AudioFrame) -> None:
        self._format = _format_of(first)
        self._resampler = AudioResampler(format="flt", layout=first.layout, rate=PCM_RATE_HZ, frame_size=_BLOCK_SAMPLES)
        self._graph = _SumGraph(_layout_of(first), [1] * first.layout.nb_channels, 1.0)

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
    """A block mixed with some signs: the levels of its channels and of their sum, and the scaled sum."""

    levels: list[float]
    level: float
    scaled: bytes


class _SumGraph:
    """Adds the channels of blocks with fixed signs and scale, and measures levels, with FFmpeg's filters."""

    def __init__(self, layout: str, weights: Sequence[int], share: float) -> None:
        # The graph owns the filters, so it is kept.
        self._graph = graph = Graph()
        self._source = graph.add(
            "abuffer",
            sample_rate=str(PCM_RATE_HZ),
            sample_fmt="flt",
            channel_layout=layout,
            time_base=f"1/{PCM_RATE_HZ}",
        )
        terms = "+".join(f"{weight}*c{index}" for index, weight in enumerate(weights) if weight) or "0*c0"
        channels, total = graph.add("asplit", "2"), graph.add("asplit", "2")
        pan = graph.add("pan", f"mono|c0={terms}")
        self._source.link_to(channels)
        channels.link_to(pan, 1)
        pan.link_to(total)
        self._channel_squares = self._squares(channels, 0)
        self._total_squares = self._squares(total, 0)
        volume = graph.add("volume", f"volume={share:.9f}:precision=float")
        total.link_to(volume, 1)
        self._scaled = self._chain(volume, graph.add("aformat", "sample_fmts=s16"), graph.add("abuffersink"))
        graph.configure()

    def mix(self, block: AudioFrame) -> _Mixture:
        """Mix a block."""
        self._source.push(block)
        squares, total, scaled = (_pulled(sink) for sink in (self._channel_squares, self._total_squares, self._scaled))
        return _Mixture(_levels(squares), _levels(total)[0], to_bytes(scaled))

    def _squares(self, split: FilterContext, output: int) -> FilterContext:
        twice, product = self._graph.add("asplit", "2"), self._graph.add("amultiply")
        split.link_to(twice, output)
        twice.link_to(product, 0, 0)
        twice.link_to(product, 1, 1)
        # Multiplication gives a plane to each channel, and PyAV 19 cannot read more than seven planes.
        return self._chain(product, self._graph.add("aformat", "sample_fmts=flt"), self._graph.add("abuffersink"))

    def _chain(self, *filters: FilterContext) -> FilterContext:
        for one, following in pairwise(filters):
            one.link_to(following)
        return filters[-1]


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


def _interleaved(frame: AudioFrame) -> array[float]:
    """Return the samples of a frame of interleaved floats: those of all channels at one time, then the next."""
    samples = array("f")
    samples.frombytes(bytes(frame.planes[0])[: frame.samples * frame.layout.nb_channels * samples.itemsize])
    return samples


def _levels(squares: AudioFrame) -> list[float]:
    """Return the root mean square of each channel of squared samples; values that are no numbers are 0."""
    samples, channels = _interleaved(squares), squares.layout.nb_channels
    means = [sum(samples[index::channels]) / max(1, squares.samples) for index in range(channels)]
    return [math.sqrt(mean) if 0 < mean < math.inf else 0.0 for mean in means]


def _faded(before: bytes, after: bytes) -> bytes:
    """Begin a block as the one before was mixed, and fade to its own mixture."""
    samples = array("h", after)
    for index, old in enumerate(array("h", before[: 2 * _FADE_SAMPLES])):
        share = (index + 1) / _FADE_SAMPLES
        samples[index] = round((1 - share) * old + share * samples[index])
    return samples.tobytes()
