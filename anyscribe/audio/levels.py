"""Measure the level of audio in four bands, frame by frame, and extract its low frequencies, which contain the pitch.

FFmpeg's filters do the arithmetic, a hundred times faster than Python.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Final

import av.error
from av.audio.frame import AudioFrame
from av.filter import Graph

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from av.filter.context import FilterContext

FRAME_MS: Final = 10
"""The length of a frame."""

LOW_RATE_HZ: Final = 2_000
"""Sample rate of the low frequencies."""

LOW_SAMPLES_PER_FRAME: Final = LOW_RATE_HZ * FRAME_MS // 1000

BANDS_HZ: Final = ((150, 600), (600, 1500), (1500, 3500), (3500, 7500))
"""The bands: the lowest holds the first formant, the highest little but hissing sounds."""

SILENCE_DB: Final = -100.0
"""The lowest level reported, in dBFS."""

_SMOOTHING: Final = ("lowpass", "f=30:width_type=q:width=0.5")
"""A frame's level is a mean over about two hundredths of a second; otherwise the pulses of mains hum would show in it.
At this width, the filter's output does not become negative, and a negative power has no level."""

_FRAME_SAMPLES: Final = PCM_RATE_HZ * FRAME_MS // 1000
_BLOCK_BYTES: Final = 2 * PCM_RATE_HZ
"""Bytes filtered at a time: always the same amount, so that the result does not depend on the size of the chunks."""

_SMALLEST_POWER: Final = 10 ** (SILENCE_DB / 10)


class LevelMeter:
    """Measures audio as it arrives.

    The results are appended to ``levels``, one list for each of `BANDS_HZ` with a level in dBFS for each frame of
    `FRAME_MS`, and to ``low``, the samples of the low frequencies. The caller may delete what it has processed.
    """

    def __init__(self) -> None:
        self.levels: tuple[list[float], ...] = tuple([] for _ in BANDS_HZ)
        self.low = array("f")
        self._unfiltered = bytearray()
        self._powers = tuple(array("f") for _ in BANDS_HZ)
        # The graph owns the filters, so it is kept.
        self._graph = Graph()
        self._source, self._power_sinks, self._low_sink = _build(self._graph)

    def hear(self, chunk: bytes) -> None:
        """Measure the next chunk, as far as it fills whole blocks.

        Args:
            chunk: Mono 16-bit samples at `PCM_RATE_HZ`, of any even length.
        """
        self._unfiltered += chunk
        while len(self._unfiltered) >= _BLOCK_BYTES:
            self._filter(bytes(self._unfiltered[:_BLOCK_BYTES]))
            del self._unfiltered[:_BLOCK_BYTES]

    def finish(self) -> None:
        """Measure the remaining audio; an incomplete frame counts as a whole one."""
        rest = bytes(self._unfiltered)
        self._unfiltered.clear()
        if rest:
            self._filter(rest + bytes(-len(rest) % (2 * _FRAME_SAMPLES)))

    def _filter(self, block: bytes) -> None:
        frame = AudioFrame(format="s16", layout="mono", samples=len(block) // 2)
        frame.sample_rate = PCM_RATE_HZ
        frame.planes[0].update(block)
        self._source.push(frame)
        for levels, powers, sink in zip(self.levels, self._powers, self._power_sinks, strict=True):
            _pull(sink, powers)
            whole = len(powers) // _FRAME_SAMPLES * _FRAME_SAMPLES
            levels += [_decibels(power) for power in powers[_FRAME_SAMPLES - 1 : whole : _FRAME_SAMPLES]]
            del powers[:whole]
        _pull(self._low_sink, self.low)


def _decibels(power: float) -> float:
    return 10 * math.log10(max(power, _SMALLEST_POWER))


def _build(graph: Graph) -> tuple[FilterContext, list[FilterContext], FilterContext]:
    source = graph.add(
        "abuffer",
        sample_rate=str(PCM_RATE_HZ),
        sample_fmt="s16",
        channel_layout="mono",
        time_base=f"1/{PCM_RATE_HZ}",
    )
    floats = graph.add("aformat", "sample_fmts=flt")
    branches = graph.add("asplit", str(len(BANDS_HZ) + 1))
    source.link_to(floats)
    floats.link_to(branches)
    sinks = []
    for index, (lowest_hz, highest_hz) in enumerate(BANDS_HZ):
        highpass = graph.add("highpass", f"f={lowest_hz}")
        lowpass = graph.add("lowpass", f"f={highest_hz}")
        twice = graph.add("asplit", "2")
        squared = graph.add("amultiply")
        branches.link_to(highpass, index)
        highpass.link_to(lowpass)
        lowpass.link_to(twice)
        twice.link_to(squared, 0, 0)
        twice.link_to(squared, 1, 1)
        sinks.append(_ending(graph, squared, _SMOOTHING))
    highpass = graph.add("highpass", "f=120")
    branches.link_to(highpass, len(BANDS_HZ))
    low_sink = _ending(graph, highpass, ("aresample", str(LOW_RATE_HZ)), ("aformat", "sample_fmts=flt"))
    graph.configure()
    return source, sinks, low_sink


def _ending(graph: Graph, last: FilterContext, *filters: tuple[str, str]) -> FilterContext:
    """Add a chain of filters, and return the sink from which their output is pulled."""
    for name, options in filters:
        following = graph.add(name, options)
        last.link_to(following)
        last = following
    sink = graph.add("abuffersink")
    last.link_to(sink)
    return sink


def _pull(sink: FilterContext, samples: array[float]) -> None:
    while True:
        try:
            frame = sink.pull()
        except av.error.BlockingIOError:
            return
        if isinstance(frame, AudioFrame):
            samples.frombytes(bytes(frame.planes[0])[: frame.samples * samples.itemsize])
