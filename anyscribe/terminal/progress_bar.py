"""What is seen of the work at the bottom of the terminal. Loads tqdm: imported only for a terminal.

A single recording has one row: a bar, or a clock while nothing can be counted. Several recordings have a bar for all of
them, and a row for each that is in work.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TextIO

from tqdm import tqdm

from anyscribe.terminal.activity import Phase
from anyscribe.terminal.cells import cells_of
from anyscribe.terminal.names import shortened
from anyscribe.terminal.passing_rows import PassingRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.terminal.activity import Activity
    from anyscribe.terminal.tally import Tally
    from anyscribe.terminal.taskbar import Taskbar

_COUNTED_BYTES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
_SINGLE: Final = {
    Phase.FETCHING: "downloading {desc}: " + _COUNTED_BYTES,
    Phase.SENDING: "{desc}: " + _COUNTED_BYTES,
    Phase.WAITING: "{elapsed} the server is working on {desc}",
    Phase.ALIGNING: "{elapsed} timing the words of {desc}",
    Phase.TRANSCRIBING: "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]",
}
_MINUTES: Final = "{percentage:3.0f}%|{bar}| {n:.1f}/{about}{total:.1f} min, {ended}/{count}"
_ALL: Final = (
    _MINUTES + " recordings [{elapsed}<{remaining}, {speed} min/min]",
    _MINUTES + " [{elapsed}<{remaining}]",
    "{percentage:.0f}% of {about}{total:.1f} min, {ended}/{count}, {remaining} left",
)
"""The widest one that fits is used; bars are at least ten columns wide in it."""

_ALL_UNKNOWN: Final = "{ended}/{count} recordings [{elapsed}]"

_SHORTEST_S: Final = 0.1
"""The minimum time between two drawings, except when time has passed without an event."""

_NAME_CELLS: Final = 32
_NAME_SHARE: Final = 3
"""In the row of a single recording, a name takes at most a third of a narrow terminal."""

_INDENT: Final = "  "
_MOST_NAME_CELLS: Final = 50
_PHASE_CELLS: Final = 26
"""About the longest phase that is common, with the spaces before it."""

_LEAST_COLUMNS: Final = 10
_LEAST_LINES: Final = 3
"""In a smaller window, nothing is drawn."""

_WINDOW_SHARE: Final = 2
"""The rows take at most half of the window: a narrower one may wrap them."""

_USUAL_SIZE: Final = (120, 24)

_MINUTE_MS: Final = 60_000


class ProgressBar:
    """Draws a tally.

    Args:
        stream: The terminal.
        tally: What is drawn.
        can_erase: Whether the terminal understands control sequences; if not, there is one row only.
        taskbar: Shows the same outside of the window; None if the terminal cannot.
    """

    def __init__(self, stream: TextIO, tally: Tally, *, can_erase: bool = True, taskbar: Taskbar | None = None) -> None:
        self._stream = stream
        self._tally = tally
        self._can_erase = can_erase
        self._taskbar = taskbar
        self._screen = PassingRows(stream, can_erase=can_erase)
        self._is_ascii = not _can_write("█", stream)
        self._drawn_s = float("-inf")
        self._name_cells = 0

    def refresh(self, *, is_due: bool = False) -> None:
        """Draw, unless that was done just now.

        Args:
            is_due: Whether to draw in any case, because time has passed.
        """
        if is_due or self._tally.now_s - self._drawn_s >= _SHORTEST_S:
            self.write("")

    def write(self, lines: str) -> None:
        """Write lines above the rows, and draw.

        Args:
            lines: Whole lines.
        """
        tally = self._tally
        columns, height = self._size()
        is_too_small = columns < _LEAST_COLUMNS or height < _LEAST_LINES
        rows = [] if is_too_small else self._rows(columns - 1, height // _WINDOW_SHARE)
        if rows:
            self._drawn_s = tally.now_s
        self._screen.draw([_writable(row, self._stream) for row in rows], columns, lines)
        if self._taskbar:
            self._taskbar.show(tally.share, has_failures=tally.failed > 0)

    def clear(self) -> None:
        """Erase all until the next drawing."""
        self._screen.draw([], self._size()[0])

    def close(self) -> None:
        """Erase all for good."""
        self.clear()
        if self._taskbar:
            self._taskbar.close()

    def _rows(self, width: int, most: int) -> list[str]:
        # Those that wait for their turn are the last to be shown.
        works = sorted(self._tally.in_work.values(), key=lambda work: work.phase is Phase.QUEUED)
        if self._tally.is_single:
            row = self._single(works[0], width) if works else ""
            return [row] if row else []
        room = most - 1 if self._can_erase else 0
        shown = works if len(works) <= room else works[: max(room - 1, 0)]
        rows = [self._all(width), *self._each(shown, width)]
        if len(shown) < len(works) and room:
            rows.append(f"{_INDENT}… and {len(works) - len(shown):,} more"[:width])
        return rows

    def _single(self, work: Activity, width: int) -> str:
        """Return the row of a single recording; empty while there is nothing to say."""
        layout = _SINGLE.get(work.phase)
        if layout is None:
            return ""
        are_bytes = work.phase in (Phase.FETCHING, Phase.SENDING)
        name = work.model if work.phase is Phase.FETCHING else work.name
        scale = 1 if are_bytes else 1000
        return self._meter(
            layout,
            width,
            work.done / scale,
            work.total / scale,
            self._tally.now_s - work.since_s,
            prefix=shortened(name, min(_NAME_CELLS, max(width // _NAME_SHARE, 1))),
            unit="B",
            unit_scale=are_bytes,
            unit_divisor=1024,
        )

    def _all(self, width: int) -> str:
        """Return the row of all recordings together."""
        tally = self._tally
        total = tally.sound.total_ms / _MINUTE_MS
        rate = tally.rate

        def meter(layout: str, columns: int | None) -> str:
            return self._meter(
                layout,
                columns,
                tally.sound.done_ms / _MINUTE_MS,
                total,
                tally.elapsed_s,
                rate=rate / 60 if rate else None,
                about="" if tally.sound.is_exact else "~",
                speed=f"{rate:.1f}" if rate else "?",
                ended=tally.done + tally.failed,
                count=tally.count,
            )

        if not total:
            return meter(_ALL_UNKNOWN, width)
        return meter(next((layout for layout in _ALL if len(meter(layout, None)) <= width), _ALL[-1]), width)

    def _each(self, works: Sequence[Activity], width: int) -> list[str]:
        """Return a row for each recording, their phases below each other."""
        most_cells = min(max(width - _PHASE_CELLS, width // 2) - len(_INDENT), _MOST_NAME_CELLS)
        names = [shortened(work.name, most_cells) for work in works]
        # It does not shrink again: the column of phases would jump.
        self._name_cells = min(max([self._name_cells, *map(cells_of, names)]), most_cells)
        rows = []
        for work, name in zip(works, names, strict=True):
            start = f"{_INDENT}{name}{' ' * max(self._name_cells - cells_of(name), 0)}  "
            rows.append(start + work.told(self._tally.now_s)[: max(width - cells_of(start), 0)])
        return rows

    def _meter(
        self,
        layout: str,
        columns: int | None,
        done: float,
        total: float,
        elapsed_s: float,
        **figures: Any,  # noqa: ANN401 - tqdm's signature
    ) -> str:
        return tqdm.format_meter(
            done, total, elapsed_s, ncols=columns, ascii=self._is_ascii, bar_format=layout, **figures
        )

    def _size(self) -> tuple[int, int]:
        """Return the terminal's columns and lines; the default size if they are unknown."""
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return _USUAL_SIZE
        return size.columns or _USUAL_SIZE[0], size.lines or _USUAL_SIZE[1]


def _can_write(text: str, stream: TextIO) -> bool:
    return _writable(text, stream) == text


def _writable(text: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
