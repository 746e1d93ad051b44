"""Find all the sound in a file whose header speaks of a part of it only.

Programs that crash leave headers that say too little, WAV cannot state more than 4 GiB, and people join recordings with
``cat``. FFmpeg stops where the header says. So a file is divided into parts, and each is read as a file of its own.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from anyscribe.audio.ebml import EBML_ID, matroska_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNKNOWN_BYTES: Final = 0x7FFF_0000
"""A size in RIFF or AIFF from this value on: a program wrote to a pipe, and could not go back to fill it in."""

_ALL_BYTES: Final = 0xFFFF_FFFF
"""As a chunk's size: up to the end of the file."""

_LEAST_SHARE_S: Final = 10
"""Less than a tenth of a second of sound after the stated end is padding, or a tag."""

_HEAD_BYTES: Final = 8
_LARGE_BOX: Final = 1
_LAST_BOX: Final = 0

_OGG_PAGE: Final = re.compile(rb"OggS\x00[\x00-\x07]")

_SIGNATURES: Final = (
    *(
        re.compile(pattern, re.DOTALL)
        for pattern in (
            rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",  # ASF, of WMA and WMV
            rb"\.snd\x00\x00\x00[\x18-\x60]",  # AU
            rb"caff\x00\x01\x00\x00desc",
            rb"fLaC[\x00\x80]\x00\x00\x22",
            rb"FLV\x01[\x00\x01\x04\x05]\x00\x00\x00\x09",
            rb"TTA1\x01\x00",
            rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00",  # Wave64
        )
    ),
    _OGG_PAGE,
)
"""The bytes with which files begin in containers that have them nowhere else; of Ogg, any page.

Source: the specifications of the containers.
"""

_CHUNK_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 128
"""More than the length of any signature."""

_OGG_BEGINNING_FLAG: Final = 2
_OGG_FLAGS: Final = 5


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file that is a recording of its own.

    Args:
        start: Its first byte.
        end: The byte after its last one.
        patches: Bytes to read instead of the file's own, as (place in the file, bytes): a size that was wrong.
    """

    start: int
    end: int
    patches: tuple[tuple[int, bytes], ...] = ()

    @property
    def size_bytes(self) -> int:
        """The number of its bytes."""
        return self.end - self.start

    def view(self, file: BinaryIO) -> BinaryIO:
        """Return the part as a file.

        Args:
            file: The whole file, which several views may share; its position changes as they are read.
        """
        return cast("BinaryIO", _View(file, self))


def find_parts(file: BinaryIO, size_bytes: int) -> list[FilePart]:
    """Divide a file into the recordings that it is made of.

    Args:
        file: The file; its position changes.
        size_bytes: Its size.

    Returns:
        The parts, in order, at least one. Where only one recording is found, that is the whole file.
    """
    head = _read(file, 0, _OVERLAP_BYTES)
    if _is_head(head):
        return list(_chunked_parts(file, size_bytes))
    starts = list(_starts(file, head, size_bytes))
    return [FilePart(start, end) for start, end in zip(starts, [*starts[1:], size_bytes], strict=True)]


def _starts(file: BinaryIO, head: bytes, size_bytes: int) -> Iterable[int]:
    """Return where the recordings of a file begin: by the container's structure if that takes no more than seeks."""
    if head[4:8] == b"ftyp":
        return _movie_starts(file, size_bytes)
    if head.startswith(EBML_ID):
        return _matroska_starts(file)
    if _is_avi(head):
        return _avi_starts(file)
    signature = next((one for one in _SIGNATURES if one.match(head)), None)
    return [0] if signature is None else _signed_starts(file, signature)


def _chunked_parts(file: BinaryIO, size_bytes: int) -> Iterator[FilePart]:
    """Yield the parts of a file of RIFF or AIFF chunks."""
    start = 0
    while True:
        part = _chunked_part(file, start, size_bytes)
        yield part
        if part.end >= size_bytes:
            return
        start = part.end


def _chunked_part(file: BinaryIO, start: int, size_bytes: int) -> FilePart:
    """Follow the chunks of one recording to its end; let its sound reach as far as there is no other structure."""
    whole = FilePart(start, size_bytes)
    head = _read(file, start, 12)
    order = {b"RIFF": "<", b"FORM": ">"}.get(head[:4])
    if order is None:
        return whole
    position, bytes_per_s = start + len(head), 0
    while len(chunk := _read(file, position, 8)) == _HEAD_BYTES:
        name, length = chunk[:4], struct.unpack(f"{order}I", chunk[4:])[0]
        if _is_head(_read(file, position, 12)):
            return FilePart(start, position)
        if name == b"fmt ":
            bytes_per_s = struct.unpack("<I", _read(file, position + 16, 4).ljust(4, b"\0"))[0]
        elif name == b"COMM":
            bytes_per_s = _aiff_bytes_per_s(_read(file, position + 8, 18))
        following = position + 8 + length + length % 2
        if name in {b"data", b"SSND"}:
            if length in {0, _ALL_BYTES} or length >= UNKNOWN_BYTES or following >= size_bytes:
                return whole
            is_understated = size_bytes - following >= max(bytes_per_s // _LEAST_SHARE_S, 1)
            if is_understated and not _has_structure(file, following, size_bytes, order):
                actual = min(size_bytes - position - 8, _ALL_BYTES)
                return FilePart(start, size_bytes, ((position + 4, struct.pack(f"{order}I", actual)),))
        position = following
    return whole


def _has_structure(file: BinaryIO, position: int, size_bytes: int, order: str) -> bool:
    """Return whether chunks, or another recording, begin at a place: then sound does not go on there."""
    count = 0
    while position + _HEAD_BYTES <= size_bytes:
        head = _read(file, position, 12)
        if _is_head(head):
            return True
        name, length = head[:4], struct.unpack(f"{order}I", head[4:8])[0]
        if not all(0x20 <= byte < 0x7F for byte in name) or position + 8 + length > size_bytes:  # noqa: PLR2004 - ASCII
            return False
        position += 8 + length + length % 2
        count += 1
    return count > 0


def _is_head(head: bytes) -> bool:
    return head[:4] + head[8:12] in {b"RIFFWAVE", b"FORMAIFF", b"FORMAIFC"}


def _aiff_bytes_per_s(common: bytes) -> int:
    """Return the rate of uncompressed AIFF from its common chunk; the sample rate is an 80-bit float."""
    if len(common) < 18:  # noqa: PLR2004 - the chunk's length
        return 0
    channels, _frames, bits, exponent, mantissa = struct.unpack(">hIhHQ", common)
    rate_hz = mantissa >> max(0, 63 - (exponent - 16383)) if exponent >= 16383 else 0  # noqa: PLR2004 - its bias
    return max(0, int(channels) * ((int(bits) + 7) // 8) * int(rate_hz))


def _movie_starts(file: BinaryIO, size_bytes: int) -> Iterator[int]:
    """Follow the boxes of MP4 and related files; each ``ftyp`` after the first one begins another recording.

    Source: ISO/IEC 14496-12, section 4.2.
    """
    yield 0
    position, has_movie = 0, False
    while len(head := _read(file, position, 16)) >= _HEAD_BYTES:
        length, name = struct.unpack(">I4s", head[:8])
        if name == b"ftyp" and has_movie:
            yield position
            has_movie = False
        has_movie = has_movie or name in {b"moov", b"moof"}
        if length == _LARGE_BOX and len(head) == 16:  # noqa: PLR2004 - a box with a 64-bit size
            length = struct.unpack(">Q", head[8:])[0]
        if length == _LAST_BOX or length < _HEAD_BYTES or position + length >= size_bytes:
            return
        position += length


def _matroska_starts(file: BinaryIO) -> Iterator[int]:
    """Follow the segments of Matroska; one without a size reaches to the end of the file."""
    start: int | None = 0
    while start is not None:
        yield start
        start = matroska_end(file, start)
        if start is not None and _read(file, start, len(EBML_ID)) != EBML_ID:
            return


def _avi_starts(file: BinaryIO) -> Iterator[int]:
    """Follow the RIFF chunks of AVI; those after the first gigabyte have another name, and begin no recording."""
    position = 0
    while (head := _read(file, position, 12))[:4] == b"RIFF":
        if _is_avi(head):
            yield position
        length: int = struct.unpack("<I", head[4:8].ljust(4, b"\0"))[0]
        position += _HEAD_BYTES + length + length % 2


def _is_avi(head: bytes) -> bool:
    return head[:4] + head[8:12] == b"RIFFAVI "


def _signed_starts(file: BinaryIO, signature: re.Pattern[bytes]) -> list[int]:
    """Find where recordings begin by their first bytes."""
    if signature is not _OGG_PAGE:
        return [position for position, _ in _search(file, signature)]
    # A recording begins with a page for each of its streams.
    starts, was_beginning = [], False
    for position, page in _search(file, signature):
        is_beginning = bool(page[_OGG_FLAGS] & _OGG_BEGINNING_FLAG)
        if is_beginning and not was_beginning:
            starts.append(position)
        was_beginning = is_beginning
    return starts if starts[:1] == [0] else [0]


def _search(file: BinaryIO, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each place where a pattern of up to `_OVERLAP_BYTES` is found, and what was found."""
    position = 0
    file.seek(0)
    rest = b""
    while chunk := file.read(_CHUNK_BYTES):
        content = rest + chunk
        end = 0
        for found in pattern.finditer(content):
            yield position + found.start(), found[0]
            end = found.end()
        rest = content[max(end, len(content) - _OVERLAP_BYTES) :]
        position += len(content) - len(rest)


def _read(file: BinaryIO, position: int, count: int) -> bytes:
    file.seek(position)
    return file.read(count)


class _View(io.RawIOBase):
    """A part of a file, with patches, as a file of its own."""

    def __init__(self, file: BinaryIO, part: FilePart) -> None:
        super().__init__()
        # FFmpeg tells some containers by the extension only.
        self.name = getattr(file, "name", "")
        self._file = file
        self._part = part
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._part.size_bytes}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._part.size_bytes - self._position)
        start = self._part.start + self._position
        content = bytearray(_read(self._file, start, left if size < 0 else min(size, left)))
        self._position += len(content)
        for place, patch in self._part.patches:
            for index, byte in enumerate(patch, start=place - start):
                if 0 <= index < len(content):
                    content[index] = byte
        return bytes(content)
