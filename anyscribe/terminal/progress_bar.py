"""The progress bar, at the bottom of the terminal. Loads tqdm: imported only for a terminal."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final, TextIO
from weakref import WeakSet

from tqdm import tqdm
from tqdm.utils import disp_len, disp_trim

from anyscribe.terminal.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    # At run time the class is not generic.
    _Tqdm = tqdm[Any]
else:
    _Tqdm = tqdm

SENT: Final = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
FETCHED: Final = "downloading {desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
WORKING: Final = "{elapsed} the server is working on {desc}"
ALIGNING: Final = "{elapsed} timing the words of {desc}"
TRANSCRIBED: Final = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
FILES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} recordings [{elapsed}{postfix}]"

_NAME_CHARS: Final = 32
_NAME_SHARE: Final = 3
"""A name takes at most a third of a narrow terminal."""

_LEAST_COLUMNS: Final = 10
_LEAST_LINES: Final = 3
"""In a smaller window, the bar does not fit on its line."""

_USUAL_SIZE: Final = (120, 24)

_ERASE_BELOW: Final = "\x1b[J"
"""Erases from the cursor to the end of the screen."""


class _Bar(_Tqdm):
    """A bar that stays on one line of the terminal, even a narrow one."""

    monitor_interval = 0
    """Disables tqdm's monitor thread: this bar is refreshed by its owner."""

    can_erase: bool
    """Whether the terminal understands control sequences."""

    columns: Callable[[], int]
    """Returns the terminal's width."""

    def status_printer(self, file: TextIO) -> Callable[[str], None]:  # type: ignore[override] # static there, called the same way
        """Return the function that draws the line, and leaves the cursor at its beginning.

        There, the ``^C`` of an interrupt does not begin a new line. When a window becomes narrower, terminals wrap the
        line and keep the cursor where it is in the text: all of the line is behind it, and can be erased.
        """
        last_length = last_columns = 0

        def draw(line: str) -> None:
            nonlocal last_length, last_columns
            length, columns = disp_len(line), self.columns()
            is_wrapped = self.can_erase and columns < last_columns
            rest = _ERASE_BELOW if is_wrapped else " " * max(last_length - length, 0)
            last_length, last_columns = length, columns
            # After an empty line, tqdm does that itself.
            file.write(f"\r{line}{rest}" + ("\r" if line else ""))
            file.flush()

        return draw

    @staticmethod
    def format_meter(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - tqdm's signature
        """Format the line and trim it; older tqdm trims only lines with a bar, and a wrapped line cannot be erased."""
        line = tqdm.format_meter(*args, **kwargs)
        columns = kwargs.get("ncols")
        return disp_trim(line, columns) if columns else line


# tqdm's default lock also covers other processes, and leaks a semaphore in a process that ends as abruptly as ours.
_Bar.set_lock(threading.RLock())


class ProgressBar:
    """A progress bar whose format changes with the kind of work.

    Args:
        stream: The terminal.
        can_erase: Whether it understands control sequences.
    """

    def __init__(self, stream: TextIO, *, can_erase: bool = True) -> None:
        self._stream = stream
        # A list of bars of its own: with other bars of the process in it, tqdm would put this one below them.
        members = {"can_erase": can_erase, "columns": lambda _: self._size()[0], "_instances": WeakSet()}
        self._type = type("_Bar", (_Bar,), members)
        self._bar: _Bar | None = None
        self._format = ""

    def move(self, name: str, done: float, total: float, bar_format: str) -> None:
        """Move the bar; start a new one if the format has changed.

        Args:
            name: The current recording or model.
            done: The completed amount.
            total: The total amount; it may grow.
            bar_format: The format, one of this module's constants.
        """
        if self._is_too_small():
            return
        if self._bar is None or self._format != bar_format:
            self.close()
            self._format = bar_format
            self._bar = self._type(
                desc=self._short(name),
                total=total,
                bar_format=bar_format,
                unit="B",
                unit_scale=bar_format in (SENT, FETCHED),
                unit_divisor=1024,
                dynamic_ncols=True,
                leave=False,
                file=self._stream,
                mininterval=0.1,
            )
        # A recording of unknown length grows while it is transcribed.
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def note(self, name: str) -> None:
        """Set the name at the end of the bar; it is visible at the next drawing.

        Args:
            name: The current recording.
        """
        if self._bar is not None:
            self._bar.set_postfix_str(self._short(name), refresh=False)

    def refresh(self) -> None:
        """Redraw the bar, if there is one, because time has passed or something was written over it."""
        if self._bar is not None and not self._is_too_small():
            self._bar.refresh()

    def clear(self) -> None:
        """Erase the bar until the next drawing."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Remove the bar; the next move starts a new one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _is_too_small(self) -> bool:
        """Return whether the window has no room for the bar, which is then removed."""
        columns, lines = self._size()
        if columns >= _LEAST_COLUMNS and lines >= _LEAST_LINES:
            return False
        self.close()
        return True

    def _size(self) -> tuple[int, int]:
        """Return the terminal's columns and lines; the default size if they are unknown."""
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return _USUAL_SIZE
        return size.columns or _USUAL_SIZE[0], size.lines or _USUAL_SIZE[1]

    def _short(self, name: str) -> str:
        """Shorten a name to its end, which is more distinctive than its beginning."""
        name = printable(name, one_line=True)
        longest = min(_NAME_CHARS, self._size()[0] // _NAME_SHARE)
        return name if len(name) <= longest else "…" + name[1 - longest :]
