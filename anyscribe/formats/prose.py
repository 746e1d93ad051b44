"""Join the texts of parts to a running text."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from anyscribe.scripts import is_chinese_or_japanese

if TYPE_CHECKING:
    from collections.abc import Iterable

_BYTE_ORDER_MARK = "\ufeff"


def running_text(parts: Iterable[str]) -> str:
    """Join the texts of cues, segments or words to one running text.

    All lines of all parts are joined with a space, except between two characters of a script without spaces (Chinese,
    Japanese).

    Args:
        parts: The texts, in order; empty ones are skipped.

    Returns:
        One line, without surrounding whitespace.
    """
    lines = [stripped for part in parts for line in part.splitlines() if (stripped := line.strip())]
    joined = lines[:1]
    for left, right in pairwise(lines):
        joined += [joint(left[-1], right[0]), right]
    return "".join(joined)


def joined_text(texts: Iterable[str]) -> str:
    """Join consecutive texts without changing anything inside them.

    Args:
        texts: The texts, in order; whitespace around each is stripped, and empty ones are skipped.

    Returns:
        The joined text, without surrounding whitespace.
    """
    stripped = [text.strip() for text in texts if text.strip()]
    joined = stripped[:1]
    for left, right in pairwise(stripped):
        joined += [joint(left[-1], right[0]), right]
    return "".join(joined)


def joint(left: str, right: str) -> str:
    """Return the separator of two texts: empty in scripts without spaces (Chinese, Japanese), else a space.

    Args:
        left: The last character of the first text.
        right: The first character of the second text.
    """
    return "" if is_chinese_or_japanese(left) and is_chinese_or_japanese(right) else " "


def without_mark(text: str) -> str:
    """Remove the byte order mark that some programs write before a text.

    Args:
        text: Any text.

    Returns:
        The text without the mark.
    """
    return text.removeprefix(_BYTE_ORDER_MARK)
