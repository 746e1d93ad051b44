"""Where scripts put blanks, which decides how parts of a text are joined and where one may be cut."""

from __future__ import annotations

import unicodedata
from typing import Final

_HANGUL: Final = ("\uac00", "\ud7a3")
_SOUTH_EAST_ASIAN: Final = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))
"""Thai and Lao, Burmese, Khmer."""


def is_chinese_or_japanese(character: str) -> bool:
    """Tell whether a character is of a script that has no blanks at all, between words or sentences.

    Args:
        character: A single one.
    """
    # Korean is as wide, but written with blanks; pictures (category So) stand apart from the words around them.
    if character.isascii() or _HANGUL[0] <= character <= _HANGUL[1]:
        return False
    return unicodedata.east_asian_width(character) in "WF" and unicodedata.category(character) != "So"


def has_unspaced_words(character: str) -> bool:
    """Tell whether a character is of a script that has no blanks between words, though perhaps between sentences.

    Args:
        character: A single one.
    """
    if character.isascii():
        return False
    return is_chinese_or_japanese(character) or any(first <= character <= last for first, last in _SOUTH_EAST_ASIAN)
