"""Decode the audio of any container with FFmpeg's libraries, through PyAV, to the format that engines get."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

import av
import av.container
import av.error
from av.audio.frame import AudioFrame
from av.stream import Disposition

from anyscribe.audio.lengths import EXACT_FORMATS, name_format, stated_end_ms, stated_length
from anyscribe.audio.media_errors import translated_faults
from anyscribe.audio.mixdown import BLOCK_MS, CancellationMeter, MonoMixer
from anyscribe.audio.selection import BEST_MIX, Selection, select_track
from anyscribe.audio.timeline import Timeline
from anyscribe.errors import AudioError
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream

_READ_BUFFER_BYTES: Final = 1 << 18
_OPTIONS: Final = (
    # A playlist disguised as a recording may name other files and addresses, which must not be opened.
    ("protocol_whitelist", "pipe"),
    # Sound that starts minutes after the picture is not found at FFmpeg's own limits, which are 5 MB and 5 s.
    ("probesize", str(1 << 26)),
    ("analyzeduration", str(300 * av.time_base)),
)
_SILENCE_CHUNK: Final = bytes(2 * PCM_RATE_HZ)
_LEAST_BYTES: Final = 2 * PCM_RATE_HZ // 50
_DAMAGED_MS: Final = 500
"""Less than 20 ms of a recording longer than this is what decoders make of damage."""

_CANCELLING_BLOCKS: Final = 500 // BLOCK_MS


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
    return av.container.open(file, mode="r", buffer_size=_READ_BUFFER_BYTES, container_options=dict(_OPTIONS))


def decode(file: BinaryIO, selection: Selection = BEST_MIX) -> Iterator[bytes]:
    """Decode one recording to mono 16-bit little-endian samples at `PCM_RATE_HZ`.

    The audio keeps the timing of the recording: silence fills a late start and gaps of the track. Single damaged
    packets are skipped, as players do.

    Args:
        file: The container's bytes, at its start.
        selection: The track and the channel; by default all channels of the best track, mixed.

    Yields:
        Non-empty chunks of samples.

    Raises:
        AudioError: The file is not media, or has no such audio.
    """
    with translated_faults(), open_media(file) as container:
        stream = select_track(container, selection)
        heard_bytes = 0
        for chunk in _converted(container, stream, selection.channel):
            heard_bytes += len(chunk)
            yield chunk
        is_long = (stated_end_ms(container, stream) or 0) > _DAMAGED_MS
        if not heard_bytes or (is_long and heard_bytes < _LEAST_BYTES):
            raise AudioError("it has no audio", remedy="it may be cut off; check if a player plays it")


def cancels(file: BinaryIO, selection: Selection = BEST_MIX) -> bool:
    """Return whether channels would cancel each other for half a second or more in a plain mixture.

    Args:
        file: The container's bytes, at its start.
        selection: The track.

    Raises:
        AudioError: The file is not media, or has no such audio.
    """
    blocks = 0
    meter: CancellationMeter | None = None
    with translated_faults(), open_media(file) as container:
        for frame in _frames(container, select_track(container, selection), None):
            if meter is None or not meter.fits(frame):
                meter = CancellationMeter(frame)
            blocks += meter.cancelling_blocks(frame)
            if blocks >= _CANCELLING_BLOCKS:
                return True
    return False


def _converted(container: InputContainer, stream: AudioStream, channel: int | None) -> Iterator[bytes]:
    """Decode, fill gaps with silence, and mix."""
    timeline = _timeline(container)
    mixer: MonoMixer | None = None
    done_s = 0.0
    for frame in _frames(container, stream, timeline):
        gap_s = 0.0 if frame.time is None else timeline.gap_s(frame.time, done_s)
        # Broadcasts change their rate or channels midway.
        if mixer is None or gap_s or not mixer.fits(frame):
            yield from mixer.convert(None) if mixer else ()
            yield from _silence(round(gap_s * PCM_RATE_HZ))
            mixer = MonoMixer(frame, channel)
        done_s += gap_s + frame.samples / frame.sample_rate
        yield from mixer.convert(frame)
    yield from mixer.convert(None) if mixer else ()


def _timeline(container: InputContainer) -> Timeline:
    start_s = (container.start_time or 0) / av.time_base
    is_exact = name_format(container) in EXACT_FORMATS
    length = stated_length(container) if is_exact else None
    return Timeline(start_s, None if length is None else start_s + length / av.time_base)


def _frames(container: InputContainer, stream: AudioStream, timeline: Timeline | None) -> Iterator[AudioFrame]:
    """Decode packet by packet, skip damaged ones, and tell the timeline about those of other tracks."""
    others = [] if timeline is None else [other for other in container.streams if _has_clock(other)]
    for packet in container.demux(stream, *(other for other in others if other.index != stream.index)):
        if packet.stream_index != stream.index:
            if timeline is not None and packet.dts is not None and packet.time_base is not None:
                timeline.note_other(float(packet.dts * packet.time_base))
            continue
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        yield from (frame for frame in frames if isinstance(frame, AudioFrame))


def _has_clock(stream: Stream) -> bool:
    """Return whether a track goes on all the time: other audio, and video that is not cover art."""
    return stream.type == "audio" or (stream.type == "video" and Disposition.attached_pic not in stream.disposition)


def _silence(samples: int) -> Iterator[bytes]:
    while samples > 0:
        chunk = _SILENCE_CHUNK[: 2 * samples]
        samples -= len(chunk) // 2
        yield chunk
