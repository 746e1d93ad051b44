"""Sound between bytes and FFmpeg's frames."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from av.audio.frame import AudioFrame

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

Pcm = bytes | bytearray | memoryview
"""Mono 16-bit little-endian samples at `PCM_RATE_HZ`, whole ones."""

PCM_TIME_BASE: Final = Fraction(1, PCM_RATE_HZ)
_SECOND_BYTES: Final = 2 * PCM_RATE_HZ


def to_frames(pcm: Pcm, *, first_sample: int = 0) -> Iterator[AudioFrame]:
    """Make frames of sound.

    Args:
        pcm: Any amount.
        first_sample: How many samples came before it.

    Yields:
        Frames of a second, which are few enough, and the rest.
    """
    view = memoryview(pcm).cast("B")
    for start in range(0, len(view), _SECOND_BYTES):
        part = view[start : start + _SECOND_BYTES]
        frame = AudioFrame("s16", "mono", len(part) // 2)
        plane = frame.planes[0]
        # FFmpeg's own buffer may be a little longer than what is in it.
        plane.update(bytes(part).ljust(plane.buffer_size, b"\0"))
        frame.sample_rate = PCM_RATE_HZ
        frame.pts, frame.time_base = first_sample + start // 2, PCM_TIME_BASE
        yield frame


def to_bytes(frame: AudioFrame) -> bytes:
    """Give the samples of a frame that is mono and 16 bits.

    Args:
        frame: Such a frame.
    """
    return bytes(frame.planes[0])[: 2 * frame.samples]
