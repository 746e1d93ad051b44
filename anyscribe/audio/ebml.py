"""Read as much of Matroska's structure as tells where a file ends.

Source: RFC 8794, sections 4 and 5, and RFC 9559, section 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

EBML_ID: Final = b"\x1a\x45\xdf\xa3"
"""The bytes with which every Matroska and WebM file begins."""

_SEGMENT_ID: Final = b"\x18\x53\x80\x67"
_HEAD_BYTES: Final = 512


def matroska_end(file: BinaryIO, start: int = 0) -> int | None:
    """Return where a Matroska or WebM recording ends, as it states it itself.

    Args:
        file: The file; its position changes.
        start: The recording's first byte.

    Returns:
        The byte after its last one; None if it does not state that, as after being written to a pipe, or is no such
        recording.
    """
    file.seek(start)
    head = file.read(_HEAD_BYTES)
    position = 0
    for expected in (EBML_ID, _SEGMENT_ID):
        width, length = _size(head[position + len(expected) :])
        if not head.startswith(expected, position) or length is None:
            return None
        position += len(expected) + width + length
    return start + position


def _size(encoded: bytes) -> tuple[int, int | None]:
    """Read an element's size: its own width in bytes, and the number; None if it is unknown."""
    if not encoded or not encoded[0]:
        return 0, None
    width = 9 - encoded[0].bit_length()
    number = int.from_bytes(encoded[:width]) & ((1 << 7 * width) - 1)
    return width, None if len(encoded) < width or number == (1 << 7 * width) - 1 else number
