"""How many columns text takes on a terminal at most.

Terminals count differently: one shows a family emoji in two columns, another in eight; a vowel sign of Devanagari takes
none or one. A line that was counted too wide ends a little early. One that was counted too narrow is broken by the
terminal and cannot be redrawn in its place. So the widest count is taken.
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
"""Vowels and finals of a syllable that is written in its parts."""


def cells_of(text: str) -> int:
    """Count the columns that text takes at most.

    Args:
        text: Any text without control characters; a line's end takes none.
    """
    if text.isascii():
        return len(text) - text.count("\n")
    cells = sum(map(_cells_of_character, text))
    # What makes a picture out of a sign may make it twice as wide. A mark without a letter may stand by itself.
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
