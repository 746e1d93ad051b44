"""Text that comes from several pieces at once, told in the order of the recording as soon as that order allows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from anyscribe.events import Delta
from anyscribe.formats.prose import joint

if TYPE_CHECKING:
    from anyscribe.events import Emit


class OrderedText:
    """Takes each piece's text as it comes and tells it when all pieces before are whole.

    What is told, joined, is what `anyscribe.formats.prose.joined_text` makes of the pieces' texts.

    Args:
        emit: Takes `anyscribe.events.Delta`.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._turn = 0
        self._waiting: dict[int, list[str]] = {}
        self._whole: set[int] = set()
        # Of what was told: its last character, whether this piece has begun, and blanks that may be its end.
        self._last = ""
        self._has_begun = False
        self._blanks = ""

    def tell(self, number: int, text: str) -> None:
        """Take some text of a piece.

        Args:
            number: The piece's, from 0.
            text: What follows in it.
        """
        with self._lock:
            if number == self._turn:
                self._say(text)
            else:
                self._waiting.setdefault(number, []).append(text)

    def finish(self, number: int) -> None:
        """Note that a piece is whole.

        Args:
            number: The piece's.
        """
        with self._lock:
            self._whole.add(number)
            while self._turn in self._whole:
                self._turn += 1
                self._has_begun, self._blanks = False, ""
                for text in self._waiting.pop(self._turn, ()):
                    self._say(text)

    def _say(self, text: str) -> None:
        if not self._has_begun:
            text = text.lstrip()
            if not text:
                return
            self._blanks = joint(self._last, text[0]) if self._last else ""
            self._has_begun = True
        whole = self._blanks + text
        told = whole.rstrip()
        self._blanks = whole[len(told) :]
        if told:
            self._last = told[-1]
            self._emit(Delta(told))
