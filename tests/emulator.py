"""A terminal reduced to its screen: it understands the sequences that this program may send and rejects all others."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SEQUENCE = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")
ZERO_WIDTH = frozenset({"Mn", "Me", "Cf"})
JOINER = "\u200d"


def one_by_one(character: str) -> int:
    """Count cells as tmux and xterm do: each code point by itself, so that a family of four is eight cells wide."""
    if unicodedata.category(character) in ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def without_spacing_marks(character: str) -> int:
    """Count cells as terminals do that know more combining marks: a vowel sign takes no cell."""
    return 0 if unicodedata.category(character) == "Mc" else one_by_one(character)


@dataclass
class Row:
    """One row of cells.

    Args:
        cells: The content of each cell: a character with its marks; empty behind a wide character.
        is_wrapped: Whether the line continues in the next row because it did not fit.
    """

    cells: list[str] = field(default_factory=list)
    is_wrapped: bool = False

    @property
    def text(self) -> str:
        """The displayed text, including trailing spaces that were written."""
        return "".join(self.cells)


class Emulator:
    """A screen with its scrollback.

    Args:
        columns: The width.
        lines: The height.
        cells_of: Returns the number of cells of a character.
        is_joining: Whether an emoji takes two cells regardless of its number of code points.
    """

    def __init__(
        self,
        columns: int = 80,
        lines: int = 24,
        *,
        cells_of: Callable[[str], int] = one_by_one,
        is_joining: bool = False,
    ) -> None:
        self.columns = columns
        self.lines = lines
        self.rows = [Row()]
        self.is_cursor_shown = True
        self._cells_of = cells_of
        self._is_joining = is_joining
        self._row = self._column = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._unread = ""

    @property
    def shown(self) -> list[str]:
        """All lines from the first one; lines that were wrapped at the window's width are joined again."""
        lines = [""]
        for row in self.rows:
            lines[-1] += row.text
            if not row.is_wrapped:
                lines.append("")
        return lines[:-1]

    @property
    def cursor_column(self) -> int:
        """The cursor's column, from 0."""
        return self._column

    def feed(self, data: bytes) -> None:
        """Process the output of a program.

        Raises:
            ValueError: It contains a sequence or control character that text does not need.
        """
        text = self._unread + self._decoder.decode(data)
        self._unread = ""
        place = 0
        while place < len(text):
            character = text[place]
            if character == "\x1b":
                found = SEQUENCE.match(text, place)
                if found is None:
                    if len(text) - place > 12:
                        raise ValueError(f"{text[place : place + 20]!r} is no control sequence")
                    self._unread = text[place:]
                    return
                self._control(found[1], found[2])
                place = found.end()
                continue
            self._take(character)
            place += 1

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; wrapped lines are joined and wrapped again, as most terminals do."""
        old, place = self.rows, self._row
        while len(old) > place + 1 and not old[-1].cells:
            old.pop()
        self.columns, self.lines = columns, lines
        self.rows, cells = [], []
        for number, row in enumerate(old):
            offset = len(cells) + self._column
            cells += row.cells
            if number == place:
                cursor = (len(self.rows), offset)
            if not row.is_wrapped:
                self._lay(cells)
                cells = []
        if cells:
            self._lay(cells)
        self._row, offset = cursor
        while offset > len(self.rows[self._row].cells) and self.rows[self._row].is_wrapped:
            offset -= len(self.rows[self._row].cells)
            self._row += 1
        self._column = min(offset, columns)

    def _lay(self, cells: list[str]) -> None:
        """Lay one line into as many rows as it needs."""
        self.rows.append(Row())
        for index, cell in enumerate(cells):
            width = 2 if index + 1 < len(cells) and not cells[index + 1] else 1
            if cell and self.rows[-1].cells and len(self.rows[-1].cells) + width > self.columns:
                self.rows[-1].is_wrapped = True
                self.rows.append(Row())
            self.rows[-1].cells.append(cell)

    def _control(self, number: str, what: str) -> None:
        match number, what:
            case _, "m":
                pass
            case "2", "K":
                self.rows[self._row] = Row()
            case "" | "0", "K":
                del self.rows[self._row].cells[self._column :]
            case "" | "0", "J":
                del self.rows[self._row].cells[self._column :]
                self.rows[self._row].is_wrapped = False
                del self.rows[self._row + 1 :]
            case "?25", "l" | "h":
                self.is_cursor_shown = what == "h"
            case _, "A":
                top = max(len(self.rows) - self.lines, 0)
                self._row = max(self._row - int(number or 1), top)
            case _:
                raise ValueError(f"unsupported CSI {number} {what}")

    def _take(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._feed_line()
        elif unicodedata.category(character) == "Cc":
            raise ValueError(f"a control character: {character!r}")
        else:
            self._put(character)

    def _feed_line(self) -> None:
        self._row += 1
        if self._row == len(self.rows):
            self.rows.append(Row())

    def _put(self, character: str) -> None:
        row = self.rows[self._row]
        before = self._before(row)
        width = self._cells_of(character)
        if before is not None and (width == 0 or (self._is_joining and self._joins(row.cells[before], character))):
            row.cells[before] += character
            is_widening = self._is_joining and (character == "\ufe0f" or _is_flag_letter(character))
            if is_widening and before == self._column - 1 < self.columns - 1:
                row.cells[self._column :] = ["", *row.cells[self._column + 1 :]]
                self._column += 1
            return
        if self._column and self._column + width > self.columns:
            row.is_wrapped = True
            self._feed_line()
            self._column = 0
            row = self.rows[self._row] = Row()
        row.cells += [" "] * (self._column - len(row.cells))
        row.cells[self._column : self._column + max(width, 1)] = [character] + [""] * (width - 1)
        self._column += max(width, 1)

    def _before(self, row: Row) -> int | None:
        """Return the cell of the character before the cursor, the first one if it is wide; None if there is none."""
        place = self._column - 1
        if place < 0 or place >= len(row.cells):
            return None
        return place - 1 if not row.cells[place] else place

    def _joins(self, cell: str, character: str) -> bool:
        is_flag = _is_flag_letter(character) and _is_flag_letter(cell[-1]) and len(cell) == 1
        return cell.endswith(JOINER) or "\U0001f3fb" <= character <= "\U0001f3ff" or is_flag


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
