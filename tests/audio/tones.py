"""Writes recordings of a tone in any container, with chosen start times and gaps."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RATE_HZ = 16_000
LOUD = 1000


def tone(milliseconds: int, rate_hz: int = RATE_HZ) -> bytes:
    """Return a 440 Hz tone, loud from its first sample."""
    count = milliseconds * rate_hz // 1000
    return array("h", (round(9000 * math.cos(2 * math.pi * 440 * n / rate_hz)) for n in range(count))).tobytes()


def write_recording(  # noqa: PLR0913 - the parameters of a recording
    path: Path,
    pieces: Sequence[tuple[int, int]],
    *,
    codec: str = "flac",
    rate_hz: int = RATE_HZ,
    picture_ms: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a recording.

    Args:
        path: The output file; its extension chooses the container.
        pieces: Start and end of each tone, in milliseconds; there are no packets between two of them.
        codec: The audio codec.
        rate_hz: The sample rate.
        picture_ms: The length of the video; 0 for none. With video, the recording starts at 0 whenever the audio
            starts.
        options: Options for the container's muxer.
    """
    with av.open(str(path), "w", options=options or {}) as container:
        film = None
        if picture_ms:
            film = container.add_stream("mpeg4", rate=10)
            film.width = film.height = 32
            film.pix_fmt = "yuv420p"
        sound = container.add_stream(codec, rate=rate_hz)
        sound.layout = "mono"
        for number in range(picture_ms // 100):
            picture = av.VideoFrame(32, 32, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 10)
            container.mux(film.encode(picture))
        if film is not None:
            container.mux(film.encode(None))
        for start_ms, end_ms in pieces:
            samples = tone(end_ms - start_ms, rate_hz)
            for offset in range(0, len(samples) // 2, 1024):
                part = samples[2 * offset : 2 * (offset + 1024)]
                frame = av.AudioFrame("s16", "mono", len(part) // 2)
                frame.planes[0].update(part.ljust(frame.planes[0].buffer_size, b"\0"))
                frame.sample_rate = rate_hz
                frame.pts, frame.time_base = start_ms * rate_hz // 1000 + offset, Fraction(1, rate_hz)
                container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


def loud_stretches(pcm: bytes, *, shortest_gap_ms: int = 20) -> list[tuple[int, int]]:
    """Return the loud stretches of a recording, in milliseconds; ignore pauses that are shorter than the gap."""
    samples = array("h", pcm)
    stretches: list[tuple[int, int]] = []
    for window in range(0, len(samples), 16):
        if max(map(abs, samples[window : window + 16])) < LOUD:
            continue
        at = window // 16
        if stretches and at - stretches[-1][1] < shortest_gap_ms:
            stretches[-1] = (stretches[-1][0], at + 1)
        else:
            stretches.append((at, at + 1))
    return stretches
