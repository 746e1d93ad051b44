"""Text files of anybody: which encoding they are in."""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

from anyscribe.formats.legacy_encodings import guess_encoding

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEEN_BYTES: Final = 4_096
_LEAST_ZEROS: Final = 20
"""One byte in so many is 0 in a text of two bytes a character."""


class DecodedText(NamedTuple):
    """A text and how it was encoded.

    Args:
        text: The text, without a byte order mark.
        encoding: The encoding, as Python names it.
        mark: The byte order mark; empty if there is none.
        is_sure: Whether its letters are those of a language in this encoding.
    """

    text: str
    encoding: str
    mark: bytes
    is_sure: bool = True


def decode_text(content: bytes, language: str | None = None) -> DecodedText:
    """Decode a text file: Unicode with or without its mark, or an encoding from before Unicode.

    Args:
        content: The file's bytes. None of them is refused; what is no character becomes U+FFFD.
        language: The text's language as a code, which tells these encodings apart; None if unknown.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return DecodedText(content[len(mark) :].decode(encoding, "replace"), encoding, mark)
    start = content[:_SEEN_BYTES]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * _LEAST_ZEROS > len(start) and min(even, odd) * _LEAST_ZEROS < max(even, odd):
        # Digits, spaces and line ends have a byte that is 0, always at the same place.
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        return DecodedText(content.decode(encoding, "replace"), encoding, b"")
    try:
        return DecodedText(content.decode("utf-8"), "utf-8", b"")
    except UnicodeDecodeError:
        encoding, is_sure = guess_encoding(content, language)
        return DecodedText(content.decode(encoding, "replace"), encoding, b"", is_sure)
