"""Check that a recording is complete: half a transcript that looks whole is worse than no transcript."""

from __future__ import annotations

import functools
import re
import struct
from typing import TYPE_CHECKING, BinaryIO, Final

import av
import av.error

from anyscribe.audio.decode import stated_length
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from av.container import InputContainer

_EXACT_FORMATS: Final = frozenset({"flac", "mov", "matroska"})
"""Containers that state their length exactly. FFmpeg estimates the length of AAC from the first frame's bitrate, and
takes the length of Ogg and MPEG from the last page in the file, so theirs proves nothing."""

_TAIL_S: Final = 2
_SHORTFALL_SHARE: Final = 50
"""Writers round, and headers are estimates: a fiftieth of the whole may be missing at the end …"""

_SHORTFALL_MS: Final = (500, 10_000)
"""… but up to the first is always allowed, and more than the second never."""

_SHORTFALL_BYTES: Final = 1 << 16
"""Likewise the most for WAV and MP3, whose size in bytes is not an estimate, but often wrong by a header."""

_ID3_BYTES: Final = 10
_FIRST_FRAME_BYTES: Final = 512
_HAS_FRAMES_AND_BYTES: Final = 0b11

_UNKNOWN_RIFF_BYTES: Final = 0x7FFF_0000
"""A RIFF size from this value on comes from a program that wrote to a pipe and could not go back to fill it in."""


def check_whole(file: BinaryIO, container: InputContainer, size_bytes: int) -> None:
    """Raise if a file ends earlier than its header states; this costs one seek for a file of any length.

    Args:
        file: The container's bytes; its position does not matter and is changed.
        container: The open container; its position is changed.
        size_bytes: The file's size.

    Raises:
        AudioError: The file is cut off.
    """
    name = container.format.name.partition(",")[0]
    if name == "wav":
        _check_riff(file, size_bytes)
    elif name == "mp3":
        _check_xing(file, size_bytes)
    elif name in _EXACT_FORMATS and (length := stated_length(container)):
        _check_last_packet(container, length)


def _check_riff(file: BinaryIO, size_bytes: int) -> None:
    """Check a WAV's header, since FFmpeg silently takes the length of a short WAV from the file's size."""
    file.seek(0)
    header = file.read(8)
    if len(header) < 8 or header[:4] != b"RIFF":  # noqa: PLR2004 - a RIFF header
        return
    stated_bytes = struct.unpack("<I", header[4:])[0] + 8
    if stated_bytes < _UNKNOWN_RIFF_BYTES:
        _check_size(stated_bytes, size_bytes)


def _check_xing(file: BinaryIO, size_bytes: int) -> None:
    """Check the size that most encoders write into the first frame of an MP3, which FFmpeg ignores.

    Source: LAME's description of its info tag, https://wiki.hydrogenaudio.org/index.php?title=MP3#VBR_headers
    """
    file.seek(0)
    header = file.read(_ID3_BYTES)
    tag_bytes = 0
    if header.startswith(b"ID3") and len(header) == _ID3_BYTES:
        # Four groups of seven bits, so that no byte looks like the start of a frame.
        tag_bytes = _ID3_BYTES + functools.reduce(lambda size, byte: size << 7 | byte & 0x7F, header[6:])
    file.seek(tag_bytes)
    frame = file.read(_FIRST_FRAME_BYTES)
    found = re.search(rb"(?:Xing|Info)(.{12})", frame, re.DOTALL)
    if found:
        flags, _frames, stated_bytes = struct.unpack(">III", found[1])
        if flags & _HAS_FRAMES_AND_BYTES == _HAS_FRAMES_AND_BYTES:
            _check_size(tag_bytes + stated_bytes, size_bytes)


def _check_size(stated_bytes: int, size_bytes: int) -> None:
    if stated_bytes - size_bytes > min(stated_bytes // _SHORTFALL_SHARE, _SHORTFALL_BYTES):
        raise _cut_off(f"{stated_bytes:,} bytes are promised, {size_bytes:,} are there")


def _check_last_packet(container: InputContainer, length: int) -> None:
    """Compare the end of the last packet with the stated length, in FFmpeg's units of microseconds."""
    start = container.start_time or 0
    stated_ms = length * 1000 // av.time_base
    end_ms = 0
    try:
        container.seek(max(start, start + length - _TAIL_S * av.time_base))
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                packet_end = (packet.pts + (packet.duration or 0)) * packet.time_base
                end_ms = max(end_ms, round(packet_end * 1000) - start * 1000 // av.time_base)
    except av.error.FFmpegError:
        # The missing part cannot be found or read: end_ms is the end of the readable part, 0 if unknown.
        pass
    least, most = _SHORTFALL_MS
    if stated_ms - end_ms > min(max(least, stated_ms // _SHORTFALL_SHARE), most):
        where = f"it ends at {end_ms / 1000:.1f} s" if end_ms else "its end is missing"
        raise _cut_off(f"{stated_ms / 1000:.1f} s are promised, {where}")


def _cut_off(what: str) -> AudioError:
    return AudioError(
        f"the recording is cut off ({what})",
        remedy="copy it again, or convert the readable part with a tool such as ffmpeg",
    )
