"""Rich's live display, held to what text needs: lines above that stay, rows below that change.

Loads rich, which takes its time: imported when there is something to draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.live import Live
from rich.segment import Segment, Segments

if TYPE_CHECKING:
    from collections.abc import Sequence


class _SteadyConsole(Console):
    """A console that never hides the cursor: it stands where text comes, and is there when the program is killed."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: FBT001, FBT002 - as rich has it
        """Leave the cursor alone."""
        return show


class Canvas:
    """Draws on a terminal of one size; for another size there is another canvas.

    It needs no end: once it has drawn no rows, it has left nothing behind that would have to be undone.

    Args:
        stream: The terminal.
        columns: Its width.
        lines: Its height.
    """

    def __init__(self, stream: TextIO, columns: int, lines: int) -> None:
        self._rows: Sequence[str] = ()
        self._console = _SteadyConsole(
            file=stream,
            width=columns,
            height=lines,
            # It is a terminal that can do this: the caller has looked, and no variable of rich's own decides.
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
        # Drawn once with no rows, it erases the line that it begins on: a bar leaves blanks behind.
        self._live.start(refresh=True)

    def draw(self, committed: Sequence[str], rows: Sequence[str], *, anew: bool = False) -> None:
        """Print lines that stay, and the rows anew below them, in one go.

        Args:
            committed: Lines, none wider than the window.
            rows: The last lines, likewise, and fewer than the window has.
            anew: Whether something may have been written over the rows, such as the ``^C`` of who presses that.
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
        """Give what has been added to the only row, and perhaps below it; None where it has to be drawn anew.

        What need not be erased cannot flicker, and is not drawn twice by a terminal that is being resized meanwhile.
        """
        if len(self._rows) != 1 or len(rows) > 1:
            return None
        (before,) = self._rows
        after = "\n".join([*committed, *(rows or [""])])
        return after[len(before) :] if after.startswith(before) else None

    def __rich__(self) -> Segments:
        """Show the rows as they are at the moment of drawing."""
        return _lines(self._rows)


def _lines(lines: Sequence[str]) -> Segments:
    """Give lines to rich as they are, with nothing in them to be interpreted, broken or trimmed."""
    return Segments([Segment(line) for line in lines], new_lines=True)
