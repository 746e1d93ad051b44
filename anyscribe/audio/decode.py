"""Decode the audio of any container with FFmpeg's libraries, through PyAV, to the format that engines get."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

import av
import av.audio.resampler
import av.container
import av.error
from av.audio.stream import AudioStream

from anyscribe.audio.media_errors import no_sound, translated_faults
from anyscribe.errors import AudioError
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from av.audio.frame import AudioFrame
    from av.container import InputContainer

_READ_BUFFER_BYTES: Final = 1 << 18
_SILENCE_CHUNK: Final = bytes(2 * PCM_RATE_HZ)
_SMALLEST_GAP_SAMPLES: Final = PCM_RATE_HZ // 10
"""A gap in the timestamps below 0.1 s is jitter; a longer one is time without audio."""

_LONGEST_GAP_SAMPLES: Final = 3600 * PCM_RATE_HZ
"""In a container that does not state its length, such as one written to a pipe, a longer gap is damage."""


def open_media(file: BinaryIO) -> InputContainer:
    """Open a container for reading.

    Args:
        file: Its bytes; the caller closes it after the container. A file object rather than a path, because FFmpeg
            takes a path with a colon for a network address, and refuses names that are not UTF-8.

    Returns:
        The container, to be used as a context manager.

    Raises:
        av.error.FFmpegError: The bytes are not a container; see `translated_faults`.
    """
    # A playlist disguised as a recording may name other files and addresses, which must not be opened.
    options = {"protocol_whitelist": "pipe"}
    return av.container.open(file, mode="r", buffer_size=_READ_BUFFER_BYTES, container_options=options)


def stated_length(container: InputContainer) -> int | None:
    """Return the time from a recording's start to its end as stated by its container.

    Args:
        container: The open container.

    Returns:
        Microseconds, FFmpeg's unit; None if the container does not state it.
    """
    if not container.duration:
        return None
    # Matroska counts from zero, even if the recording was cut out of a longer film and starts later.
    from_zero = container.format.name.startswith("matroska")
    return max(0, container.duration - max(0, container.start_time or 0)) if from_zero else container.duration


def decode(file: BinaryIO) -> Iterator[bytes]:
    """Decode the best audio track to mono 16-bit little-endian samples at `PCM_RATE_HZ`.

    The audio keeps the timing of the recording: silence fills a late start and gaps of the track. Single damaged
    packets are skipped, as players do.

    Args:
        file: The container's bytes, at its start.

    Yields:
        Non-empty chunks of samples.

    Raises:
        AudioError: The file is not media, or has no audio.
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
            raise AudioError("it has no audio", remedy="it may be cut off; check if a player plays it")


def _resampled(container: InputContainer, stream: AudioStream) -> Iterator[bytes]:
    """Decode, fill gaps with silence, and resample."""
    start_s = (container.start_time or 0) / av.time_base
    resampler = _new_resampler()
    done_samples = 0
    for frame in _frames(container, stream):
        if frame.time is not None:
            gap_samples = int((frame.time - start_s) * PCM_RATE_HZ) - done_samples
            if _SMALLEST_GAP_SAMPLES < gap_samples <= _longest_gap_samples(container, done_samples):
                yield from _silence(gap_samples)
                done_samples += gap_samples
        try:
            resampled = resampler.resample(frame)
        except ValueError:
            # The stream changed its rate or channels midway, as broadcasts do.
            finished, resampler = resampler, _new_resampler()
            resampled = [*finished.resample(None), *resampler.resample(frame)]
        for chunk in _samples_of(resampled):
            done_samples += len(chunk) // 2
            yield chunk
    yield from _samples_of(resampler.resample(None))


def _longest_gap_samples(container: InputContainer, done_samples: int) -> int:
    """Return how long a gap can be: a timestamp beyond the container's stated end is damage, not a gap."""
    length = stated_length(container)
    if length is None:
        return _LONGEST_GAP_SAMPLES
    return length * PCM_RATE_HZ // av.time_base + PCM_RATE_HZ - done_samples


def _samples_of(frames: Iterable[AudioFrame]) -> Iterator[bytes]:
    for frame in frames:
        if frame.samples:
            yield bytes(frame.planes[0])[: 2 * frame.samples]


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decode packet by packet, and skip damaged ones."""
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
