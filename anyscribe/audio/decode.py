"""Decode any container's sound with FFmpeg's libraries, through PyAV, to what engines hear."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, BinaryIO, Final

import av
import av.audio.resampler
import av.container
import av.error
from av.audio.stream import AudioStream

from anyscribe.errors import AudioError
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame
    from av.container import InputContainer

_READ_BUFFER_BYTES: Final = 1 << 18
_SILENCE_CHUNK: Final = bytes(2 * PCM_RATE_HZ)
_SMALLEST_GAP_SAMPLES: Final = PCM_RATE_HZ // 10
"""A hole in the timestamps below 0.1 s is jitter, one above it is time that passed without sound."""


def open_media(file: BinaryIO) -> InputContainer:
    """Open a container for reading.

    Args:
        file: Its bytes; the caller closes it after the container. A file object rather than a path, because FFmpeg
            takes a path with a colon for a network address, and refuses names that are not UTF-8.

    Returns:
        The container, to be used as a context manager.

    Raises:
        av.error.FFmpegError: It is none; see `translated_faults`.
    """
    # A playlist that calls itself a recording may name other files and addresses: none of them is opened.
    options = {"protocol_whitelist": "pipe"}
    return av.container.open(file, mode="r", buffer_size=_READ_BUFFER_BYTES, container_options=options)


@contextlib.contextmanager
def translated_faults() -> Iterator[None]:
    """Turn FFmpeg's exceptions into `AudioError`, once, here at the boundary."""
    try:
        yield
    except (av.error.FFmpegError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioError(
            f"it cannot be read as a recording ({reason})",
            hint="it may be truncated or no media file; see if a player plays it",
        ) from error


def no_sound() -> AudioError:
    """Say that a file is media but has nothing to hear."""
    return AudioError("it has no audio track", hint="there is nothing in it to transcribe")


def decode(file: BinaryIO) -> Iterator[bytes]:
    """Decode the best audio track to mono 16-bit little-endian samples at `PCM_RATE_HZ`.

    The sound keeps the time of the recording: where the track starts late or has holes, silence stands for them.
    Single damaged packets are passed over, as players do.

    Args:
        file: The container's bytes, at its start.

    Yields:
        Chunks of samples, none of them empty.

    Raises:
        AudioError: It is no media, or there is nothing to hear in it.
    """
    with translated_faults(), open_media(file) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream):
            raise no_sound()
        done_samples = 0
        for chunk in _resampled(container, stream):
            done_samples += len(chunk) // 2
            yield chunk
        if not done_samples:
            raise AudioError("there is no sound in it", hint="it may be truncated; see if a player plays it")


def _resampled(container: InputContainer, stream: AudioStream) -> Iterator[bytes]:
    """Decode, fill holes with silence, and resample."""
    start_s = (container.start_time or 0) / av.time_base
    limit_s = (container.duration or 0) / av.time_base
    resampler = _new_resampler()
    done_samples = 0
    for frame in _frames(container, stream):
        if frame.time is not None:
            # Beyond the container's own end a timestamp is damage, not a hole.
            due_samples = int(min(frame.time - start_s, limit_s) * PCM_RATE_HZ)
            if due_samples - done_samples > _SMALLEST_GAP_SAMPLES:
                yield from _silence(due_samples - done_samples)
                done_samples = due_samples
        try:
            resampled = resampler.resample(frame)
        except ValueError:
            # The stream changed its rate or channels midway, which broadcasts do.
            resampler = _new_resampler()
            resampled = resampler.resample(frame)
        for part in resampled:
            if part.samples:
                done_samples += part.samples
                yield bytes(part.planes[0])[: 2 * part.samples]
    for part in resampler.resample(None):
        if part.samples:
            yield bytes(part.planes[0])[: 2 * part.samples]


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decode packet by packet, past those that are damaged."""
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        yield from frames


def _new_resampler() -> av.audio.resampler.AudioResampler:
    return av.audio.resampler.AudioResampler(format="s16", layout="mono", rate=PCM_RATE_HZ)


def _silence(samples: int) -> Iterator[bytes]:
    while samples > 0:
        chunk = _SILENCE_CHUNK[: 2 * samples]
        samples -= len(chunk) // 2
        yield chunk
