"""Count the maximum number of columns that text takes on a terminal.

Terminals count differently: one shows a family emoji in two columns, another in eight; a vowel sign of Devanagari takes
zero or one. A line that is counted too wide ends a little early. One that is counted too narrow is wrapped by the
terminal and cannot be redrawn in place. Therefore the widest count is used.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

from rich.cells import get_character_cell_size

LINE_ENDS: Final = frozenset("\n\u2028\u2029")

_PRESENTED_AS_PICTURE: Final = "\ufe0f"
_SOFT_HYPHEN: Final = "\u00ad"
_KOREAN_PARTS: Final = ("\u1160", "\u11ff")
"""Vowels and final consonants of syllables written as separate jamo."""


def cells_of(text: str) -> int:
    """Return the maximum number of columns that text takes.

    Args:
        text: Any text without control characters other than line breaks, which take no column.
    """
    if text.isascii():
        return len(text) - text.count("\n")
    cells = sum(map(_cells_of_character, text))
    # The emoji variation selector may make a character twice as wide. A mark without a base letter may take a column.
    is_mark = unicodedata.category(text[0]) in {"Mn", "Me", "Mc", "Cf"} and text[0] != _SOFT_HYPHEN
    return cells + text.count(_PRESENTED_AS_PICTURE) + is_mark


@functools.lru_cache(maxsize=4096)
def _cells_of_character(character: str) -> int:
    if character in LINE_ENDS:
        return 0
    category = unicodedata.category(character)
    is_korean_part = _KOREAN_PARTS[0] <= character <= _KOREAN_PARTS[1]
    least = 1 if category == "Mc" or character == _SOFT_HYPHEN or is_korean_part else 0
    if category not in {"Mn", "Me"} and unicodedata.east_asian_width(character) in "WF":
        least = 2
    return max(least, get_character_cell_size(character))
