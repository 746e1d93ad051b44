"""Running text out of the texts of its parts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from anyscribe.scripts import is_chinese_or_japanese

if TYPE_CHECKING:
    from collections.abc import Iterable

_BYTE_ORDER_MARK = "\ufeff"


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
        joined += [joint(left[-1], right[0]), right]
    return "".join(joined)


def joined_text(texts: Iterable[str]) -> str:
    """Join texts that follow one another, and change nothing within them.

    Args:
        texts: The texts, in order; white space around each counts for nothing, and neither do empty ones.

    Returns:
        The whole, without white space around it.
    """
    stripped = [text.strip() for text in texts if text.strip()]
    joined = stripped[:1]
    for left, right in pairwise(stripped):
        joined += [joint(left[-1], right[0]), right]
    return "".join(joined)


def joint(left: str, right: str) -> str:
    """Give what stands between two texts: nothing where both are written without blanks (Chinese, Japanese), else one.

    Args:
        left: The last character of the one.
        right: The first character of the other.
    """
    return "" if is_chinese_or_japanese(left) and is_chinese_or_japanese(right) else " "


def without_mark(text: str) -> str:
    """Drop the byte order mark that some writers put before a text.

    Args:
        text: Any text.

    Returns:
        The text from its first own character on.
    """
    return text.removeprefix(_BYTE_ORDER_MARK)
