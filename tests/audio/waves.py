"""WAV files with any number of channels, and the levels of samples."""

from __future__ import annotations

import math
import struct
from array import array
from typing import TYPE_CHECKING

from anyscribe.audio import probe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RATE_HZ = 16_000


def samples_of(path: Path) -> array[int]:
    """Return a recording's samples, mixed, at 16 kHz."""
    return array("h", b"".join(probe(path).pcm()))


def write_wav(path: Path, channels: Sequence[Sequence[int]], *, tag: int = 1) -> Path:
    """Write channels of 16-bit samples at 16 kHz, without a channel layout.

    Args:
        path: The output file.
        channels: The samples of each channel, all of one length.
        tag: The codec's number; 1 is PCM.
    """
    count = len(channels)
    interleaved = array("h", bytes(2 * count * len(channels[0])))
    for index, channel in enumerate(channels):
        interleaved[index::count] = array("h", channel)
    data = interleaved.tobytes()
    form = struct.pack("<HHIIHH", tag, count, RATE_HZ, 2 * count * RATE_HZ, 2 * count, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


def level(samples: Sequence[int]) -> float:
    """Return the root mean square."""
    return math.sqrt(sum(sample * sample for sample in samples) / max(1, len(samples)))


def least_share(mixture: Sequence[int], channels: Sequence[Sequence[int]], *, window: int = RATE_HZ // 10) -> float:
    """Return the mixture's smallest level as a share of the loudest channel's, over all windows that are not quiet."""
    shares = []
    for start in range(0, len(mixture) - window, window):
        loudest = max(level(channel[start : start + window]) for channel in channels)
        if loudest > 300:
            shares.append(level(mixture[start : start + window]) / loudest)
    return min(shares)
