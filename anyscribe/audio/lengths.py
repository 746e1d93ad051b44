"""How long the sound of a recording is, found without decoding it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import av
import av.error

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

EXACT_FORMATS: Final = frozenset({"flac", "mov", "matroska"})
"""Containers that state their length exactly, and not by their last timestamp. FFmpeg estimates the length of AAC from
the first frame's bitrate, and takes the length of Ogg and MPEG from the last page in the file: that proves nothing."""

_CLOCKED_FORMATS: Final = frozenset({"mpeg", "mpegts"})
"""Containers whose length FFmpeg computes from timestamps, which jump where broadcasts were joined."""

_LEAST_BITS_PER_S: Final = 6_000
"""No recording has less in such a container."""

_TOLERANCE: Final = 1.25
_LEAST_SHARE: Final = 0.6
"""At least this share of a file that holds nothing else is sound."""

_FIRST_TAIL_S: Final = 2
_LONGER: Final = 16
"""How many times further back the last packet is searched for, if it was not found."""

_DURATION_TAG: Final = re.compile(r"(\d+):(\d{2}):(\d{2}(?:\.\d+)?)")
"""A track's end, as most writers of Matroska state it in a tag."""


def name_format(container: InputContainer) -> str:
    """Return FFmpeg's first name of a container's format."""
    return container.format.name.partition(",")[0]


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
    from_zero = name_format(container) == "matroska"
    return max(0, container.duration - max(0, container.start_time or 0)) if from_zero else container.duration


def stated_end_ms(container: InputContainer, stream: AudioStream) -> int | None:
    """Return the time from a recording's start to the end of its sound, as far as the container states it.

    Args:
        container: The open container.
        stream: The audio track.

    Returns:
        Milliseconds; None if it is not stated, or only for all tracks together.
    """
    start_ms = (container.start_time or 0) * 1000 / av.time_base
    if tag := _DURATION_TAG.match(_duration_tag(stream)):
        hours, minutes, seconds = tag.groups()
        return max(0, round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000 - max(0.0, start_ms)))
    if stream.duration is not None and stream.time_base is not None:
        late_ms = 0.0
        if stream.start_time is not None and container.start_time is not None:
            late_ms = float(stream.start_time * stream.time_base * 1000) - start_ms
        return round(float(stream.duration * stream.time_base * 1000) + max(0.0, late_ms))
    length = stated_length(container)
    if length is None or (name_format(container) == "matroska" and len(container.streams) > 1):
        return None
    return round(length * 1000 / av.time_base)


def last_packet_ms(container: InputContainer, stream: AudioStream) -> int | None:
    """Return the time from a recording's start to the end of the last packet of its sound.

    This costs a few seeks for a file of any length.

    Args:
        container: The open container; its position is changed.
        stream: The audio track.

    Returns:
        Milliseconds; None if no packet can be found.
    """
    start = container.start_time or 0
    length = stated_length(container)
    if length is None:
        return None
    tail_s = _FIRST_TAIL_S
    while True:
        end_ms = _end_from(container, stream, max(start, start + length - tail_s * av.time_base))
        if end_ms is not None or tail_s * av.time_base > length:
            return None if end_ms is None else end_ms - start * 1000 // av.time_base
        tail_s *= _LONGER


def sound_end_ms(container: InputContainer, stream: AudioStream, size_bytes: int) -> int | None:
    """Return the time from a recording's start to the end of its sound, as well as it can be told without decoding.

    Args:
        container: The open container; its position is changed.
        stream: The audio track.
        size_bytes: The size of its file.

    Returns:
        Milliseconds; None if it cannot be told, or if what the container says is not possible.
    """
    stated_ms = stated_end_ms(container, stream)
    name = name_format(container)
    if name == "flac" or (stated_ms is None and name in EXACT_FORMATS):
        # A FLAC has one track, whose frames go on if its header says too little.
        return max(stated_ms or 0, last_packet_ms(container, stream) or 0) or None
    if stated_ms is None or name not in _CLOCKED_FORMATS:
        return stated_ms
    return stated_ms if _is_possible(container, stream, stated_ms, size_bytes) else None


def _is_possible(container: InputContainer, stream: AudioStream, length_ms: int, size_bytes: int) -> bool:
    """Return whether a file of this size can hold sound of this length."""
    bits_per_s = stream.codec_context.bit_rate
    longest_ms = 8000 * size_bytes / (bits_per_s or _LEAST_BITS_PER_S)
    is_alone = len(container.streams) == 1 and bits_per_s
    return (_LEAST_SHARE * longest_ms if is_alone else 0) <= length_ms <= _TOLERANCE * longest_ms


def _duration_tag(stream: AudioStream) -> str:
    return next((value for name, value in stream.metadata.items() if name.upper().startswith("DURATION")), "")


def _end_from(container: InputContainer, stream: AudioStream, time: int) -> int | None:
    """Return the latest end of the sound's packets after a seek, in milliseconds on the container's own clock."""
    end_ms: int | None = None
    try:
        container.seek(time)
        for packet in container.demux(stream):
            if packet.pts is not None and packet.time_base is not None:
                packet_end_ms = round((packet.pts + (packet.duration or 0)) * packet.time_base * 1000)
                end_ms = packet_end_ms if end_ms is None else max(end_ms, packet_end_ms)
    except av.error.FFmpegError:
        # The missing part cannot be found or read: this is the end of the readable part.
        pass
    return end_ms
