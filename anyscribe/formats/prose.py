"""Running text out of the texts of its parts."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BYTE_ORDER_MARK = "\ufeff"
_FIRST_HANGUL_SYLLABLE = "\uac00"
_LAST_HANGUL_SYLLABLE = "\ud7a3"


def running_text(parts: Iterable[str]) -> str:
    """Join the texts of cues, segments or words to one running text.

    Every line of every part stands a blank apart from its neighbours, but where two characters meet that are written
    without blanks between them (Chinese, Japanese).

    Args:
        parts: The texts, in order; empty ones add nothing.

    Returns:
        One line, without white space around it.
    """
    lines = [stripped for part in parts for line in part.splitlines() if (stripped := line.strip())]
    joined = lines[:1]
    for left, right in pairwise(lines):
        if not (_needs_no_blank(left[-1]) and _needs_no_blank(right[0])):
            joined.append(" ")
        joined.append(right)
    return "".join(joined)


def without_mark(text: str) -> str:
    """Drop the byte order mark that some writers put before a text.

    Args:
        text: Any text.

    Returns:
        The text from its first own character on.
    """
    return text.removeprefix(_BYTE_ORDER_MARK)


def _needs_no_blank(character: str) -> bool:
    if character.isascii():
        return False
    # Korean is written with blanks, and pictures (category So) stand apart from the words around them.
    if _FIRST_HANGUL_SYLLABLE <= character <= _LAST_HANGUL_SYLLABLE:
        return False
    return unicodedata.east_asian_width(character) in "WF" and unicodedata.category(character) != "So"
