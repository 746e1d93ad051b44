"""Break running text into a terminal's lines. All but the last are final, whatever text follows."""

from __future__ import annotations

from typing import Final

from wcwidth import iter_graphemes

from anyscribe.scripts import can_part
from anyscribe.terminal.cells import LINE_ENDS, cells_of

_HOLDING_TOGETHER: Final = frozenset("\u00a0\u2007\u202f")
_ZERO_WIDTH_SPACE: Final = "\u200b"


def wrap(text: str, columns: int) -> list[str]:
    """Break text into lines.

    Lines are broken after blanks, and anywhere in scripts that have none between words; a word that is wider than the
    window is broken where it must be. A blank stays at its line's end, so that nothing is lost between two lines.

    Args:
        text: Text without control characters other than line feeds.
        columns: The window's width, at least 1.

    Returns:
        The lines; joined, they are the text. All but the last are full or end with their line feed, and stay what they
        are whatever text follows. The last may be empty. No line is wider than the window, unless it is one character
        that is.
    """
    lines: list[str] = []
    start = chance = index = 0
    cells = cells_after_chance = 0
    previous = ""
    for cluster in iter_graphemes(text):
        if index > start and _may_break(previous, cluster):
            chance, cells_after_chance = index, 0
        width = cells_of(cluster)
        while index > start and cells + width > columns and cluster not in LINE_ENDS:
            # Without a chance, what is wider than the window is broken where the window ends.
            end, cells = (chance, cells_after_chance) if chance > start else (index, 0)
            lines.append(text[start:end])
            start = end
        cells += width
        cells_after_chance += width
        index += len(cluster)
        previous = cluster
        if cluster in LINE_ENDS:
            lines.append(text[start:index])
            start, cells = index, 0
    return [*lines, text[start:]]


def without_end(line: str) -> str:
    """Take the line feed away from a line, if it ends with one.

    Args:
        line: As `wrap` gives it.
    """
    return line[:-1] if line and line[-1] in LINE_ENDS else line


def _may_break(previous: str, following: str) -> bool:
    """Return whether a line may end between two neighbours."""
    if _is_space(previous):
        return True
    return not _is_space(following) and can_part(previous[-1], following[0])


def _is_space(cluster: str) -> bool:
    return cluster == _ZERO_WIDTH_SPACE or (cluster.isspace() and cluster not in _HOLDING_TOGETHER)
