"""Rows at the bottom of a terminal, of which nothing stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.terminal.cells import cells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_ERASE_BELOW: Final = "\x1b[J"
"""Erases from the cursor to the end of the screen."""

_ERASE_LINE: Final = "\x1b[K"
"""Erases from the cursor to the end of the line."""


class PassingRows:
    """Draws rows in place of those before, in one write, and leaves the cursor at the beginning of the first one.

    There, the ``^C`` of an interrupt does not begin a new line. When a window becomes narrower, terminals wrap the rows
    and keep the cursor where it is in the text: all of them are behind it, and can be erased. A window that becomes
    lower loses lines behind the cursor first.

    Args:
        stream: The terminal.
        can_erase: Whether it understands control sequences; if not, only the first row is drawn.
    """

    def __init__(self, stream: TextIO, *, can_erase: bool = True) -> None:
        self._stream = stream
        self._can_erase = can_erase
        self._height = self._columns = self._cells = 0

    def draw(self, rows: Sequence[str], columns: int, above: str = "") -> None:
        """Draw rows, and lines above them that stay.

        Args:
            rows: The rows, none wider than the window.
            columns: The window's width.
            above: What stays above the rows; it ends with a line feed, or is empty.
        """
        if not (rows or above or self._height):
            return
        if self._can_erase:
            text = self._redrawn(rows, columns, above)
        else:
            text = self._overwritten(rows[0] if rows else "", above)
        self._height, self._columns = len(rows), columns
        self._stream.write(text)
        self._stream.flush()

    def _redrawn(self, rows: Sequence[str], columns: int, above: str) -> str:
        # Rows of the same number are overwritten, not erased first: they do not flicker.
        is_wrapped = columns < self._columns
        is_erased = self._height and (above or is_wrapped or len(rows) < self._height)
        start = f"\r{_ERASE_BELOW}" if is_erased else "\r" if rows else ""
        # Behind a full row, the cursor is still on its last character, which would be erased.
        body = "\n".join(_ERASE_LINE + row if cells_of(row) >= columns else row + _ERASE_LINE for row in rows)
        up = f"\x1b[{len(rows) - 1}A" if len(rows) > 1 else ""
        return f"{start}{above}{body}{up}" + ("\r" if rows else "")

    def _overwritten(self, row: str, above: str) -> str:
        before, self._cells = self._cells, cells_of(row)
        if above or not row:
            start = f"\r{' ' * before}\r" if before else ""
            return f"{start}{above}{row}" + ("\r" if row else "")
        return f"\r{row}{' ' * (before - self._cells)}\r"
