"""Text files of anybody: which encoding they are in."""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

from anyscribe.formats.legacy_encodings import legacy_encoding

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEEN_BYTES: Final = 4_096


class DecodedText(NamedTuple):
    """A text and how it was encoded.

    Args:
        text: The text, without a byte order mark.
        encoding: The encoding, as Python names it.
        mark: The byte order mark; empty if there is none.
    """

    text: str
    encoding: str
    mark: bytes


def decode_text(content: bytes) -> DecodedText:
    """Decode a text file: Unicode with or without its mark, or an old encoding.

    Args:
        content: The file's bytes. None of them is refused; what is no character becomes U+FFFD.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return DecodedText(content[len(mark) :].decode(encoding, "replace"), encoding, mark)
    start = content[:_SEEN_BYTES]
    if start.count(0) * 3 > len(start):
        # Every second byte of European text is 0.
        encoding = "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        return DecodedText(content.decode(encoding, "replace"), encoding, b"")
    try:
        return DecodedText(content.decode("utf-8"), "utf-8", b"")
    except UnicodeDecodeError:
        encoding = legacy_encoding(content)
        return DecodedText(content.decode(encoding, "replace"), encoding, b"")
