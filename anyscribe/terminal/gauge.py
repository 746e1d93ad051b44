"""The one bar of a run, at the lower end of the terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.terminal.safety import printable

if TYPE_CHECKING:
    from anyscribe.terminal.bars import Bar

SENT: Final = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
FETCHED: Final = "fetching {desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
WORKING: Final = "{elapsed} the server is working on {desc}"
ALIGNING: Final = "{elapsed} timing the words of {desc}"
HEARD: Final = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
FILES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} recordings [{elapsed}{postfix}]"

_NAME_CHARS: Final = 32
_NAME_SHARE: Final = 3
"""A name takes a third of a narrow terminal, no more: the rest is for what happens."""


_LEAST_COLUMNS: Final = 10
_LEAST_LINES: Final = 3
"""In less than that no bar keeps to its line."""

_USUAL_SIZE: Final = (120, 24)


class Gauge:
    """A bar that changes its kind with the work.

    Args:
        stream: The terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: Bar | None = None
        self._format = ""

    def move(self, name: str, done: float, total: float, bar_format: str) -> None:
        """Move the bar, after changing to another one where the work has changed its kind.

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
            from anyscribe.terminal.bars import Bar  # noqa: PLC0415 - a pipe never needs it, and it takes its time

            self.close()
            self._format = bar_format
            self._bar = Bar(
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
        # A recording of unknown length grows while it is heard.
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def note(self, name: str) -> None:
        """Name at the bar's end what is worked on; seen when it is drawn next."""
        if self._bar is not None:
            self._bar.set_postfix_str(self._short(name), refresh=False)

    def refresh(self) -> None:
        """Draw the bar anew, if there is one: time has passed, or something was written over it."""
        if self._bar is not None:
            self._bar.refresh()

    def clear(self) -> None:
        """Take the bar off the terminal until it is drawn next."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Take the bar away; the next move begins a new one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _size(self) -> tuple[int, int]:
        """Measure the terminal; of one that does not tell, the usual size is assumed."""
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
