"""Rich's live display, reduced to what text needs: lines above that stay, rows below that change.

Loads rich, which is slow: imported only when there is something to draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.live import Live
from rich.segment import Segment, Segments

if TYPE_CHECKING:
    from collections.abc import Sequence


class _SteadyConsole(Console):
    """A console that never hides the cursor: it marks where text appears, and is visible if the program is killed."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: FBT001, FBT002 - rich's signature
        """Do nothing; the cursor stays visible."""
        return show


class Canvas:
    """Draws on a terminal of a fixed size; another size needs another canvas.

    It needs no closing: after it has drawn zero rows, there is nothing to undo.

    Args:
        stream: The terminal.
        columns: The terminal's width.
        lines: The terminal's height.
    """

    def __init__(self, stream: TextIO, columns: int, lines: int) -> None:
        self._rows: Sequence[str] = ()
        self._console = _SteadyConsole(
            file=stream,
            width=columns,
            height=lines,
            # The caller has checked that the terminal is capable; rich's own environment variables must not decide.
            force_terminal=True,
            force_interactive=True,
            force_jupyter=False,
            color_system=None,
            soft_wrap=True,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._live = Live(
            self,
            console=self._console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="visible",
        )
        # Drawing no rows once erases the line on which it starts: keys may have been echoed there.
        self._live.start(refresh=True)

    def draw(self, committed: Sequence[str], rows: Sequence[str], *, anew: bool = False) -> None:
        """Print lines that stay, and redraw the rows below them, in one write.

        Args:
            committed: Lines that stay, each at most as wide as the window.
            rows: The last lines, each at most as wide as the window, and fewer than the window's height.
            anew: Whether something may have been written over the rows, such as the ``^C`` of an interrupt.
        """
        growth = None if anew else self._growth(committed, rows)
        self._rows = rows
        if growth is not None:
            self._console.file.write(growth)
            self._console.file.flush()
        elif committed:
            self._console.print(_lines(committed))
        else:
            self._live.refresh()

    def _growth(self, committed: Sequence[str], rows: Sequence[str]) -> str | None:
        """Return the text added to the only row, and perhaps below it; None if the row has to be redrawn.

        A row that is not erased does not flicker, and is not drawn twice by a terminal that is resized meanwhile.
        """
        if len(self._rows) != 1 or len(rows) > 1:
            return None
        (before,) = self._rows
        after = "\n".join([*committed, *(rows or [""])])
        return after[len(before) :] if after.startswith(before) else None

    def __rich__(self) -> Segments:
        """Return the current rows for rich to draw."""
        return _lines(self._rows)


def _lines(lines: Sequence[str]) -> Segments:
    """Pass lines to rich as they are: not interpreted, wrapped or trimmed."""
    return Segments([Segment(line) for line in lines], new_lines=True)
