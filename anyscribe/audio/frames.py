"""Convert audio between bytes and FFmpeg's frames."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from av.audio.frame import AudioFrame

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

Pcm = bytes | bytearray | memoryview
"""Whole mono 16-bit little-endian samples at `PCM_RATE_HZ`."""

PCM_TIME_BASE: Final = Fraction(1, PCM_RATE_HZ)
_SECOND_BYTES: Final = 2 * PCM_RATE_HZ


def to_frames(pcm: Pcm, *, first_sample: int = 0) -> Iterator[AudioFrame]:
    """Convert samples to FFmpeg's frames.

    Args:
        pcm: Any number of samples.
        first_sample: Number of samples before it.

    Yields:
        Frames of one second, which keeps their number low, and the rest.
    """
    view = memoryview(pcm).cast("B")
    for start in range(0, len(view), _SECOND_BYTES):
        part = view[start : start + _SECOND_BYTES]
        frame = AudioFrame("s16", "mono", len(part) // 2)
        plane = frame.planes[0]
        # FFmpeg's buffer may be slightly longer than its content.
        plane.update(bytes(part).ljust(plane.buffer_size, b"\0"))
        frame.sample_rate = PCM_RATE_HZ
        frame.pts, frame.time_base = first_sample + start // 2, PCM_TIME_BASE
        yield frame


def to_bytes(frame: AudioFrame) -> bytes:
    """Return the samples of a mono 16-bit frame.

    Args:
        frame: A mono 16-bit frame.
    """
    return bytes(frame.planes[0])[: 2 * frame.samples]
