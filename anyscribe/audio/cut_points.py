"""Find the place to cut: the longest silence near the wanted place, or else the quietest frame."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING, Final, cast

import av.filter

from anyscribe.audio.frames import PCM_TIME_BASE, to_bytes, to_frames
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.audio.frame import AudioFrame

    from anyscribe.audio.frames import Pcm

_FRAME_SAMPLES: Final = PCM_RATE_HZ // 100
"""Levels are measured every hundredth of a second, which is also the resolution of a cut."""

_HUM_HZ: Final = 150
"""Lower frequencies are not measured: mains hum and desk rumble occur there, in pauses as well as in words. Speech does
not need them, and fricatives do not have them."""

_NOTHING_DB: Final = -10.0
"""The level of digital silence: below what 16 bits can hold, but not far enough below to distort a comparison."""

_FLOOR_SHARE: Final = 0.1
_SPEECH_SHARE: Final = 0.9
"""Quantiles of the levels that stand for noise and for speech: in most talks, no more than 0.9 of the time is pause."""

_THRESHOLD_SHARE: Final = 0.3
"""Levels in this lowest part of the range between the two are silence …"""

_SURELY_SILENT_DB: Final = 35.0
"""… and so are levels this far below speech, for pauses of digital silence make the range wide."""

_LONG_SILENCE_FRAMES: Final = 100
"""Silences of at least this length are equally good."""

_SHORT_SILENCE_FRAMES: Final = 15
"""A shorter silence may be a stop within a word: a `p` or `t` is silent for 50 to 120 ms."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place to cut.

    Args:
        sample: Number of samples before it.
        in_speech: Whether the silence around it, if any, is no longer than a stop between two sounds.
    """

    sample: int
    in_speech: bool


def find_cut(pcm: Pcm, *, first: int, wanted: int, last: int) -> Cut:
    """Find the best place to cut.

    Args:
        pcm: Mono 16-bit audio at `PCM_RATE_HZ`; the surroundings of the possible places are examined too.
        first: The first possible cut, as the number of samples before it.
        wanted: The preferred cut.
        last: The last possible cut, not below the first.

    Returns:
        A place from the first to the last: in the middle of a silence if there is one.
    """
    levels = measure_levels(pcm)
    first_frame, last_frame = -(-first // _FRAME_SAMPLES), min(last // _FRAME_SAMPLES, len(levels))
    if not levels or first_frame > last_frame:
        return Cut(last, in_speech=True)
    wanted_frame = wanted / _FRAME_SAMPLES
    reach = max(wanted_frame - first_frame, last_frame - wanted_frame, 1)
    best, best_score, best_frames = first_frame, 0.0, 0
    for start, end in find_silences(levels):
        frame = min(max((start + end) // 2, first_frame), last_frame)
        # Only the silence on both sides of the cut counts, not the whole of one whose middle is out of reach.
        frames = 2 * min(frame - start, end - frame, _LONG_SILENCE_FRAMES // 2)
        # Squared, so that a stop within a word does not win against a pause that is slightly further away.
        score = max(0, frames) ** 2 * (1 - abs(frame - wanted_frame) / reach / 2)
        if score > best_score:
            best, best_score, best_frames = frame, score, frames
    if not best_score:
        best = min(range(first_frame, last_frame + 1), key=lambda frame: sum(levels[max(0, frame - 3) : frame + 3]))
    return Cut(best * _FRAME_SAMPLES, in_speech=best_frames < _SHORT_SILENCE_FRAMES)


def find_silences(levels: Sequence[float]) -> list[tuple[int, int]]:
    """Find silences relative to the levels of this audio: in a noisy recording, noise alone counts as silence.

    Args:
        levels: Level of each frame, in decibels; at least one frame.

    Returns:
        Pairs of the first frame of a silence and the frame after its last, in order.
    """
    ordered = sorted(levels)
    floor, speech = (ordered[int(len(ordered) * share)] for share in (_FLOOR_SHARE, _SPEECH_SHARE))
    threshold = max(floor + _THRESHOLD_SHARE * (speech - floor), speech - _SURELY_SILENT_DB)
    silences = []
    start = None
    for frame, level in enumerate([*levels, math.inf]):
        if level > threshold:
            if start is not None:
                silences.append((start, frame))
            start = None
        elif start is None:
            start = frame
    return silences


def measure_levels(pcm: Pcm) -> list[float]:
    """Measure the level of each hundredth of a second, without hum.

    Args:
        pcm: Mono 16-bit audio at `PCM_RATE_HZ`; an incomplete frame at its end is not measured.

    Returns:
        Decibels above the smallest step of 16 bits, smoothed over three frames, so that the gap between two periods of
        a deep voice is not taken for a pause.
    """
    powers: list[float] = []
    samples = array("h")
    for chunk in _without_hum(pcm):
        samples.frombytes(chunk)
        end = len(samples) - len(samples) % _FRAME_SAMPLES
        for start in range(0, end, _FRAME_SAMPLES):
            frame = samples[start : start + _FRAME_SAMPLES]
            powers.append(sum(map(mul, frame, frame)) / _FRAME_SAMPLES)
        del samples[:end]
    padded = [powers[0], *powers, powers[-1]] if powers else []
    smoothed = map(sum, zip(padded, padded[1:], padded[2:], strict=False))
    return [10 * math.log10(power / 3) if power > 3 * 10 ** (_NOTHING_DB / 10) else _NOTHING_DB for power in smoothed]


def _without_hum(pcm: Pcm) -> Iterator[bytes]:
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(sample_rate=PCM_RATE_HZ, format="s16", layout="mono", time_base=PCM_TIME_BASE),
        # Twice: a single filter leaves loud hum above quiet speech.
        graph.add("highpass", f"f={_HUM_HZ}"),
        graph.add("highpass", f"f={_HUM_HZ}"),
        graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"),
        graph.add("abuffersink"),
    ).configure()
    for frame in to_frames(pcm):
        graph.push(frame)
        # These filters hold nothing back: each frame pushed can be pulled at once.
        yield to_bytes(cast("AudioFrame", graph.pull()))
