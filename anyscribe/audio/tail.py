"""Is the recording all there? Half a transcript that looks whole is worse than none."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, Final

import av
import av.error

from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from av.container import InputContainer

_EXACT_FORMATS: Final = frozenset({"flac", "mov", "matroska"})
"""Containers that state their length exactly. FFmpeg estimates that of MP3 and AAC from the first frame's bitrate, and
takes that of Ogg and MPEG from the last page there is, so that theirs proves nothing."""

_TAIL_S: Final = 2
_SHORTFALL_MS: Final = 1000
"""An end this much before the stated one, and a fiftieth of the whole, is no rounding."""

_UNKNOWN_RIFF_BYTES: Final = 0x7FFF_0000
"""A RIFF size from here on was written by a program whose output was a pipe and who could not go back to fill it in."""


def check_whole(file: BinaryIO, container: InputContainer, size_bytes: int) -> None:
    """Refuse a file that ends before its header says; costs one seek, whatever the length.

    Args:
        file: The container's bytes; its position does not matter and is not kept.
        container: The open container; its position is not kept.
        size_bytes: The file's size.

    Raises:
        AudioError: The file is cut off.
    """
    name = container.format.name.partition(",")[0]
    if name == "wav":
        _check_riff(file, size_bytes)
    elif name in _EXACT_FORMATS and container.duration:
        _check_last_packet(container, container.duration)


def _check_riff(file: BinaryIO, size_bytes: int) -> None:
    """FFmpeg silently takes a short WAV's length from the file's size; its header still tells."""
    file.seek(0)
    header = file.read(8)
    if len(header) < 8 or header[:4] != b"RIFF":  # noqa: PLR2004 - a RIFF header
        return
    stated_bytes = struct.unpack("<I", header[4:])[0] + 8
    if size_bytes < stated_bytes < _UNKNOWN_RIFF_BYTES and stated_bytes - size_bytes > stated_bytes // 50:
        raise _cut_off(f"{stated_bytes:,} bytes are promised, {size_bytes:,} are there")


def _check_last_packet(container: InputContainer, duration: int) -> None:
    """Compare the end of the last packet with the stated length, in FFmpeg's units of microseconds."""
    start = container.start_time or 0
    stated_ms = duration * 1000 // av.time_base
    end_ms = 0
    try:
        container.seek(max(start, start + duration - _TAIL_S * av.time_base))
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                packet_end = (packet.pts + (packet.duration or 0)) * packet.time_base
                end_ms = max(end_ms, round(packet_end * 1000) - start * 1000 // av.time_base)
    except av.error.FFmpegError:
        # What was to be there cannot be found or read: end_ms tells how far it goes, 0 if not even that is known.
        pass
    if stated_ms - end_ms > max(_SHORTFALL_MS, stated_ms // 50):
        where = f"it ends at {end_ms / 1000:.1f} s" if end_ms else "its end is missing"
        raise _cut_off(f"{stated_ms / 1000:.1f} s are promised, {where}")


def _cut_off(what: str) -> AudioError:
    return AudioError(
        f"the recording is cut off ({what})",
        hint="copy it again, or convert what is there with a tool such as ffmpeg",
    )
