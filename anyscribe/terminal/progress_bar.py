"""The one bar of a run, at the lower end of the terminal. Loads tqdm: imported only for a terminal."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final, TextIO

from tqdm import tqdm
from tqdm.utils import disp_trim

from anyscribe.terminal.escaping import printable

if TYPE_CHECKING:
    # At run time the class takes no parameter.
    _Tqdm = tqdm[Any]
else:
    _Tqdm = tqdm

SENT: Final = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
FETCHED: Final = "fetching {desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
WORKING: Final = "{elapsed} the server is working on {desc}"
ALIGNING: Final = "{elapsed} timing the words of {desc}"
TRANSCRIBED: Final = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
FILES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} recordings [{elapsed}{postfix}]"

_NAME_CHARS: Final = 32
_NAME_SHARE: Final = 3
"""A name takes at most a third of a narrow terminal."""

_LEAST_COLUMNS: Final = 10
_LEAST_LINES: Final = 3
"""In a smaller window no bar keeps to its line."""

_USUAL_SIZE: Final = (120, 24)


class _Bar(_Tqdm):
    """A bar on one line of the terminal, however narrow that is."""

    monitor_interval = 0
    """No thread that watches bars: this one is refreshed by its owner."""

    @staticmethod
    def format_meter(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - as tqdm has it
        """Draw the line; older tqdm trims only lines that hold a bar, and a line that wraps cannot be erased."""
        line = tqdm.format_meter(*args, **kwargs)
        columns = kwargs.get("ncols")
        return disp_trim(line, columns) if columns else line


# tqdm's own lock is made for processes too, and leaves a semaphore behind in a process that ends as abruptly as ours.
_Bar.set_lock(threading.RLock())


class ProgressBar:
    """A bar that changes its kind with the work.

    Args:
        stream: The terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: _Bar | None = None
        self._format = ""

    def move(self, name: str, done: float, total: float, bar_format: str) -> None:
        """Move the bar, after changing to another kind if the work has changed.

        Args:
            name: What is worked on.
            done: How much of it is done.
            total: How much there is; it may grow.
            bar_format: The kind, one of this module's.
        """
        columns, lines = self._size()
        if columns < _LEAST_COLUMNS or lines < _LEAST_LINES:
            self.close()
            return
        if self._bar is None or self._format != bar_format:
            self.close()
            self._format = bar_format
            self._bar = _Bar(
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
        """Name at the bar's end what is worked on; visible when it is drawn next.

        Args:
            name: What is worked on.
        """
        if self._bar is not None:
            self._bar.set_postfix_str(self._short(name), refresh=False)

    def refresh(self) -> None:
        """Draw the bar again, if there is one: time has passed, or something was written over it."""
        if self._bar is not None:
            self._bar.refresh()

    def clear(self) -> None:
        """Erase the bar until it is drawn next."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Remove the bar; the next move starts a new one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _size(self) -> tuple[int, int]:
        """Measure the terminal; if it does not tell, the usual size is assumed."""
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return _USUAL_SIZE
        return size.columns or _USUAL_SIZE[0], size.lines or _USUAL_SIZE[1]

    def _short(self, name: str) -> str:
        """Keep the end of a name, which tells more than its beginning."""
        name = printable(name, one_line=True)
        longest = min(_NAME_CHARS, self._size()[0] // _NAME_SHARE)
        return name if len(name) <= longest else "…" + name[1 - longest :]
