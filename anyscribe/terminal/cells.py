"""How wide text may become on a terminal, and what of it must stay together: by the widest of all terminals.

Terminals count differently: a family of four is two cells here and eight there, a vowel sign of Devanagari none or one.
A line that was counted too wide ends a little early. One that was counted too narrow is broken by the terminal, and
what the terminal broke cannot be drawn again in its place. So the widest count is taken.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_ENDS: Final = frozenset("\n\u2028\u2029")

_JOINER: Final = "\u200d"
_PRESENTED_AS_PICTURE: Final = "\ufe0f"
_VIRAMA_CLASS: Final = 9
_KOREAN_PARTS: Final = ("\u1160", "\u11ff")
"""Vowels and finals of a syllable that is written in its parts."""
_EXTENDING_RANGES: Final = (
    _KOREAN_PARTS,
    ("\u200c", "\u200c"),  # the non-joiner
    ("\uff9e", "\uff9f"),  # voice marks of half-width kana
    ("\u0e33", "\u0e33"),  # am in Thai, and in Lao
    ("\u0eb3", "\u0eb3"),
    ("\U0001f3fb", "\U0001f3ff"),  # skin colours
    ("\U000e0020", "\U000e007f"),  # the letters of flags such as Scotland's
)
_FLAG_LETTERS: Final = ("\U0001f1e6", "\U0001f1ff")
_SOFT_HYPHEN: Final = "\u00ad"


def clusters(text: str) -> Iterator[str]:
    """Divide text into what a reader takes for one character: a letter with its marks, a picture with its joiners.

    Where one ends is known from the first character of the next one, whatever comes later.

    Args:
        text: Any text.

    Yields:
        Its parts in order, none of them empty; a line's end is one of its own.
    """
    start = 0
    flag_letters = 0
    for index, character in enumerate(text):
        if index > start and not _belongs(text[index - 1], character, flag_letters):
            yield text[start:index]
            start = index
            flag_letters = 0
        flag_letters += _is_flag_letter(character)
    if text:
        yield text[start:]


def cells_of(text: str) -> int:
    """Count the columns that text takes at the most.

    Args:
        text: Any text without control characters; a line's end takes none.
    """
    if text.isascii():
        return len(text) - text.count("\n")
    cells = sum(map(_cells_of_character, text))
    # What makes a picture out of a sign may make it twice as wide. A mark without a letter may stand by itself.
    return cells + text.count(_PRESENTED_AS_PICTURE) + _extends(text[0])


@functools.lru_cache(maxsize=4096)
def _extends(character: str) -> bool:
    """Tell whether a character is a part of the one before it, whatever that is."""
    return (
        character == _JOINER
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or any(_is_between(character, ends) for ends in _EXTENDING_RANGES)
    )


def _belongs(previous: str, character: str, flag_letters: int) -> bool:
    """Tell whether a character belongs to the cluster that the one before it is the end of."""
    if character.isascii() or previous in LINE_ENDS:
        # A joiner before a letter or a blank has nothing to join.
        return False
    if _extends(character):
        return True
    if previous == _JOINER:
        return not character.isspace()
    if _is_flag_letter(character):
        return flag_letters % 2 == 1
    # A virama binds the next consonant of its script; each Indic script has a block of 128.
    is_bound = unicodedata.combining(previous) == _VIRAMA_CLASS and ord(previous) >> 7 == ord(character) >> 7
    return is_bound and unicodedata.category(character) == "Lo"


def _is_flag_letter(character: str) -> bool:
    return _is_between(character, _FLAG_LETTERS)


def _is_between(character: str, ends: tuple[str, str]) -> bool:
    return ends[0] <= character <= ends[1]


@functools.lru_cache(maxsize=4096)
def _cells_of_character(character: str) -> int:
    if character in LINE_ENDS:
        return 0
    category = unicodedata.category(character)
    has_own_cell = category == "Mc" or character == _SOFT_HYPHEN or _is_between(character, _KOREAN_PARTS)
    least = 1 if has_own_cell else 0
    if category not in {"Mn", "Me"} and unicodedata.east_asian_width(character) in "WF":
        least = 2
    return max(least, get_character_cell_size(character))
