"""Check that a recording is complete: half a transcript that looks whole is worse than no transcript."""

from __future__ import annotations

import functools
import re
import struct
from typing import TYPE_CHECKING, BinaryIO, Final

from anyscribe.audio.ebml import matroska_end
from anyscribe.audio.joined import UNKNOWN_BYTES
from anyscribe.audio.lengths import EXACT_FORMATS, last_packet_ms, name_format, stated_end_ms
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_SHORTFALL_SHARE: Final = 50
"""Writers round, and headers are estimates: a fiftieth of the whole may be missing at the end …"""

_SHORTFALL_MS: Final = (500, 10_000)
"""… but up to the first is always allowed, and more than the second never."""

_SHORTFALL_BYTES: Final = 1 << 16
"""Likewise the most for WAV and MP3, whose size in bytes is not an estimate, but often wrong by a header."""

_ID3_BYTES: Final = 10
_FIRST_FRAME_BYTES: Final = 512
_HAS_FRAMES_AND_BYTES: Final = 0b11


def check_whole(file: BinaryIO, container: InputContainer, stream: AudioStream, size_bytes: int) -> None:
    """Raise if a file ends earlier than its header states; this costs a few seeks for a file of any length.

    Args:
        file: The container's bytes; its position does not matter and is changed.
        container: The open container; its position is changed.
        stream: The audio track.
        size_bytes: The file's size.

    Raises:
        AudioError: The file is cut off.
    """
    name = name_format(container)
    if name == "wav":
        _check_riff(file, size_bytes)
    elif name == "mp3":
        _check_xing(file, size_bytes)
    elif name in EXACT_FORMATS:
        stated_bytes = matroska_end(file) if name == "matroska" else None
        if stated_bytes is not None and stated_bytes <= size_bytes:
            # Whatever other tracks say of the length, this is all of it.
            return
        if stated_ms := stated_end_ms(container, stream):
            _check_end(stated_ms, last_packet_ms(container, stream) or 0)
        if stated_bytes is not None:
            _check_size(stated_bytes, size_bytes)


def _check_riff(file: BinaryIO, size_bytes: int) -> None:
    """Check a WAV's header, since FFmpeg silently takes the length of a short WAV from the file's size."""
    file.seek(0)
    header = file.read(8)
    if len(header) < 8 or header[:4] != b"RIFF":  # noqa: PLR2004 - a RIFF header
        return
    stated_bytes = struct.unpack("<I", header[4:])[0] + 8
    if stated_bytes < UNKNOWN_BYTES:
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


def _check_end(stated_ms: int, end_ms: int) -> None:
    least, most = _SHORTFALL_MS
    if stated_ms - end_ms > min(max(least, stated_ms // _SHORTFALL_SHARE), most):
        where = f"it ends at {end_ms / 1000:.1f} s" if end_ms else "its end is missing"
        raise _cut_off(f"{stated_ms / 1000:.1f} s are promised, {where}")


def _cut_off(what: str) -> AudioError:
    return AudioError(
        f"the recording is cut off ({what})",
        remedy="copy it again, or convert the readable part with a tool such as ffmpeg",
    )
