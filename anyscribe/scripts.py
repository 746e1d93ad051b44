"""How scripts use spaces, which decides how parts of a text are joined and where a text may be split."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_HANGUL: Final = ("\uac00", "\ud7a3")
_SOUTH_EAST_ASIAN: Final = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))
"""Thai and Lao, Burmese, Khmer."""


def is_chinese_or_japanese(character: str) -> bool:
    """Return whether a character belongs to a script without any spaces, between words or sentences.

    Args:
        character: A single character.
    """
    # Korean is as wide, but written with spaces; pictures (category So) are separate from the words around them.
    if character.isascii() or _HANGUL[0] <= character <= _HANGUL[1]:
        return False
    return unicodedata.east_asian_width(character) in "WF" and unicodedata.category(character) != "So"


def has_unspaced_words(character: str) -> bool:
    """Return whether a character belongs to a script without spaces between words, but perhaps between sentences.

    Args:
        character: A single character.
    """
    if character.isascii():
        return False
    return is_chinese_or_japanese(character) or any(first <= character <= last for first, last in _SOUTH_EAST_ASIAN)


_NEVER_FIRST: Final = frozenset(
    # Small kana, the prolonged sound mark and the repetition marks; full-width and half-width.
    "\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e\u3095\u3096"
    "\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5\u30f6"
    "\u30fc\u3005\u303b\u309d\u309e\u30fd\u30fe\uff67\uff68\uff69\uff6a\uff6b\uff6c\uff6d\uff6e\uff6f\uff70\uff9e\uff9f"
    # Stops, commas, exclamation and question marks, middle dots, ellipses, dashes, signs after a number.
    "!%),.:;?]}\u00b0\u00b7\u2010\u2013\u2014\u2015\u2025\u2026\u2030\u203c\u2047\u2048\u2049\u22ef\u2103"
    "\u3001\u3002\u301c\u30a0\u30fb\uff01\uff05\uff0c\uff0e\uff1a\uff1b\uff1f\uff5e\uff61\uff64\uff65"
    # Thai and Lao vowels that follow their consonant, and repetition and abbreviation marks.
    "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ec6"
)
_NEVER_LAST: Final = frozenset(
    # Currency signs, and the Thai and Lao vowels that are written before their consonant.
    "#$([{\u00a3\u00a5\u20a9\u20ac\uff03\uff04\uffe1\uffe5\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"
)
_CLOSING: Final = frozenset(("Pe", "Pf", "Mn", "Mc", "Me", "Cf", "Sk"))
"""Categories that never begin a line: closing marks, and characters that join or change the one before."""
_OPENING: Final = frozenset(("Ps", "Pi", "Cf"))
_OF_WORDS_AND_NUMBERS: Final = frozenset(("Lu", "Ll", "Nd"))
_ZERO_WIDTH_BLANK: Final = "\u200b"
_OF_DECIMALS: Final = frozenset(".,\uff0e\uff0c")


@lru_cache(maxsize=1 << 16)
def can_part(left: str, right: str) -> bool:
    """Return whether a line may end between two adjacent characters without a space between them.

    It may next to a character of a script without spaces, unless the right one may not begin a line, the left one may
    not end a line, or both belong to the same number, word in full-width letters, or cluster.

    Source: JIS X 4051 and "Requirements for Japanese Text Layout" (W3C), 3.1.7 and 3.1.8; Unicode Standard Annex 14.

    Args:
        left: A single character.
        right: The one after it.
    """
    if not (has_unspaced_words(left) or has_unspaced_words(right)):
        return False
    if left == _ZERO_WIDTH_BLANK:
        return True
    if left in _NEVER_LAST or right in _NEVER_FIRST or left in "\"'" or right in "\"'":
        return False
    before, after = unicodedata.category(left), unicodedata.category(right)
    if before in _OPENING or after in _CLOSING or left.isspace() or right.isspace():
        return False
    if after == "Nd" and left in _OF_DECIMALS:
        return False
    return not (before in _OF_WORDS_AND_NUMBERS and after in _OF_WORDS_AND_NUMBERS)
