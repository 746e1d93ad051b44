"""The bottom of a terminal, where text appears: full lines are printed and stay, each text's last line is a live row.

Rich's live display alone would repeat or lose text that is higher than the window. Therefore only the last line of each
text is live; it is never wider than the window, and the lines above it are never touched again.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.terminal.cells import cells_of
from anyscribe.terminal.escaping import printable
from anyscribe.terminal.names import shortened
from anyscribe.terminal.passing_rows import PassingRows
from anyscribe.terminal.wrapping import without_end, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from anyscribe.terminal.canvas import Canvas

_REST_S: Final = 0.02
"""The minimum time between two drawings; text that arrives in between is drawn together."""

_STEADY_S: Final = 0.35
"""How long the window's size must be unchanged before rows are shown again."""

_PATIENCE_S: Final = 0.3
"""The maximum time that `close` waits for a thread that is drawing: its terminal may have been stopped."""

_NAME_SHARE: Final = 3
_LEAST_NAME_CELLS: Final = 3
_USUAL_SIZE: Final = (80, 24)


@dataclass
class _Row:
    """A text that is arriving.

    Args:
        name: The name shown before its lines; empty for a single text.
        text: The text that has arrived and is not yet printed as full lines.
        shown: The part of the text that is visible as a row.
        is_ended: Whether the text has ended.
    """

    name: str
    text: str = ""
    shown: str = ""
    is_ended: bool = False


class LiveRegion:
    """Shows texts as they arrive; safe to call from any thread.

    Args:
        stream: A terminal that can move its cursor.
        is_kept: Whether full lines stay on the terminal; if not, only the current last line is visible.
        measure: Returns the terminal's columns and lines; None asks the terminal.
        clock: Returns the time in seconds.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        is_kept: bool = True,
        measure: Callable[[], tuple[int, int]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._is_kept = is_kept
        self._measure = measure or functools.partial(_size_of, stream)
        self._clock = clock
        self._rows: dict[Hashable, _Row] = {}
        self._canvas: Canvas | None = None
        self._size = self._measure()
        self._drawn_s = self._steady_s = float("-inf")
        self._others = 0
        self._passing = PassingRows(stream)
        self._failure: OSError | None = None
        self._is_closed = False
        self._is_due = threading.Event()
        self._late: threading.Thread | None = None
        self._lock = threading.RLock()
        # Load rich in advance: it takes longer than the first word may take to appear.
        threading.Thread(target=_load_canvas, daemon=True).start()

    def add(self, key: Hashable, text: str, *, name: str = "") -> None:
        """Add the next piece of a text.

        Args:
            key: Identifies the text.
            text: The piece; no white space at its end.
            name: The name shown before the text's lines; empty shows none.

        Raises:
            OSError: The terminal has gone.
        """
        with self._drawing():
            if not self._is_closed:
                row = self._rows.setdefault(key, _Row(name))
                row.text += self._showable(text)
                self._draw_soon()

    def end(self, key: Hashable) -> None:
        """End a text: its last line is printed like those before it.

        Args:
            key: Identifies the text; an unknown one is ignored.

        Raises:
            OSError: The terminal has gone.
        """
        with self._drawing():
            if key in self._rows:
                self._rows[key].is_ended = True
                self._draw()

    @contextlib.contextmanager
    def cleared(self) -> Iterator[None]:
        """Hide the rows while something else is written to the terminal, on separate lines."""
        with self._lock:
            self._others += 1
            with contextlib.suppress(OSError), self._drawing():
                self._erase()
        try:
            # Without the lock: the other output may be slow.
            yield
        finally:
            with self._lock:
                self._others -= 1
            with contextlib.suppress(OSError), self._drawing():
                self._draw()

    def close(self) -> None:
        """End all texts at their current state; later text is not shown."""
        if not self._lock.acquire(timeout=_PATIENCE_S):
            return
        try:
            self._others = 0
            for row in self._rows.values():
                row.is_ended = True
            with contextlib.suppress(OSError), self._drawing():
                self._draw(anew=True)
        finally:
            self._is_closed = True
            self._is_due.set()
            self._lock.release()

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """Hold the lock; if the terminal has gone, remember the error, so that later calls raise it too."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                yield
            except OSError as error:
                self._failure = error
                raise

    def _draw_soon(self) -> None:
        if self._clock() - self._drawn_s >= _REST_S:
            self._draw()
        else:
            self._draw_later()

    def _draw_later(self) -> None:
        if self._late is None:
            self._late = threading.Thread(target=self._draw_late, daemon=True)
            self._late.start()
        self._is_due.set()

    def _draw_late(self) -> None:
        """Draw text that arrived since the last drawing, until the region is closed or the terminal has gone."""
        with contextlib.suppress(OSError):
            while not self._is_closed:
                self._is_due.wait()
                time.sleep(max(self._drawn_s + _REST_S - self._clock(), 0))
                with self._drawing():
                    self._is_due.clear()
                    self._draw()

    def _draw(self, *, anew: bool = False) -> None:
        """Print full lines and show the current rows.

        Args:
            anew: Whether to always erase the rows first.
        """
        if self._others or self._is_closed or not self._rows:
            return
        self._look_at_size()
        columns, lines = self._size
        most_shown = max(lines - 1, 1) if self._clock() >= self._steady_s else 0
        committed: list[str] = []
        shown: list[str] = []
        for key, row in list(self._rows.items()):
            longest = columns // _NAME_SHARE
            is_named = row.name and longest >= _LEAST_NAME_CELLS
            name = self._showable(shortened(row.name, longest) + ": ") if is_named else ""
            *full, last = wrap(row.text, columns - cells_of(name))
            if row.is_ended:
                full += [last] if last else []
                del self._rows[key]
            committed += (name + without_end(line) for line in full)
            row.text, row.shown = last, ""
            # A single character that is wider than the window is not shown as a row, only printed.
            if last and not row.is_ended and len(shown) < most_shown and cells_of(name + last) <= columns:
                row.shown = last
                shown.append(name + last)
        if not self._is_kept:
            self._passing.draw(shown, columns)
        else:
            if self._canvas is None:
                from anyscribe.terminal.canvas import Canvas  # noqa: PLC0415 - loads rich

                self._canvas = Canvas(self._stream, columns, lines)
            self._canvas.draw(committed, shown, anew=anew)
        self._drawn_s = self._clock()
        if self._rows and not most_shown:
            self._draw_later()

    def _erase(self) -> None:
        """Erase the rows until they are drawn again."""
        self._look_at_size()
        if not self._is_kept:
            self._passing.draw((), self._size[0])
        elif self._canvas is not None and self._shown():
            self._canvas.draw((), ())
        for row in self._rows.values():
            row.shown = ""

    def _shown(self) -> list[_Row]:
        return [row for row in self._rows.values() if row.shown]

    def _look_at_size(self) -> None:
        """Measure the window; if its size has changed, leave the visible rows that are kept and continue below them.

        Terminals differ in where they move lines that became too long or can be joined again; erasing a row then would
        erase something else. Some, such as tmux, report a change up to a quarter of a second late if it follows another
        one. Therefore no row is shown until the size has been unchanged for longer than that.
        """
        (columns, lines), size = self._size, self._measure()
        shown = self._shown()
        self._size = size
        if size == (columns, lines) or (size[0] == columns and len(shown) <= 1):
            return
        self._steady_s = self._clock() + _STEADY_S
        if not self._is_kept:
            return
        self._canvas = None
        if shown:
            self._stream.write("\n")
            self._stream.flush()
        for row in shown:
            row.text = row.text.removeprefix(row.shown)
            row.shown = ""

    def _showable(self, text: str) -> str:
        """Return a piece as the terminal can show it; characters outside its encoding are replaced."""
        text = printable(text).replace("\t", " ")
        encoding = self._stream.encoding or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


def _load_canvas() -> None:
    import anyscribe.terminal.canvas  # noqa: F401, PLC0415 - only to load it


def _size_of(stream: TextIO) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return _USUAL_SIZE
    return size.columns or _USUAL_SIZE[0], size.lines or _USUAL_SIZE[1]
