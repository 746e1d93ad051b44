"""Wrap streamed text into a terminal's lines. All but the last line are final, regardless of the text that follows."""

from __future__ import annotations

from typing import Final

from wcwidth import iter_graphemes

from anyscribe.scripts import can_part
from anyscribe.terminal.cells import LINE_ENDS, cells_of

_HOLDING_TOGETHER: Final = frozenset("\u00a0\u2007\u202f")
_ZERO_WIDTH_SPACE: Final = "\u200b"


def wrap(text: str, columns: int) -> list[str]:
    """Wrap text into lines.

    Lines are broken after spaces, and between any characters in scripts without spaces between words; a word that is
    wider than the window is broken at the window's edge. A space stays at the end of its line, so that nothing is lost
    between two lines.

    Args:
        text: Text without control characters other than line feeds.
        columns: The window's width, at least 1.

    Returns:
        The lines; joined, they are the text. All but the last are full or end with their line feed, and do not change
        when more text follows. The last may be empty. No line is wider than the window, unless it is a single character
        that is wider.
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
            # Without a possible break, the line is broken at the window's edge.
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
    """Return a line without its line break, if it ends with one.

    Args:
        line: A line returned by `wrap`.
    """
    return line[:-1] if line and line[-1] in LINE_ENDS else line


def _may_break(previous: str, following: str) -> bool:
    """Return whether a line may end between two adjacent clusters."""
    if _is_space(previous):
        return True
    return not _is_space(following) and can_part(previous[-1], following[0])


def _is_space(cluster: str) -> bool:
    return cluster == _ZERO_WIDTH_SPACE or (cluster.isspace() and cluster not in _HOLDING_TOGETHER)
