"""Recordings whose workers were killed again and again: each is tried once more, by itself, before it fails.

A worker's death is counted against all recordings that it had, also against those that only were there. What is tried
while nothing else is under way has its workers to itself.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOOK_S: Final = 0.5


class Suspects:
    """Keeps suspects and other recordings apart; safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._others = 0
        self._is_tried = False

    @contextlib.contextmanager
    def among_others(self) -> Iterator[None]:
        """Count a recording as under way; wait while a suspect is tried."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_tried)
            self._others += 1
        try:
            yield
        finally:
            with self._changed:
                self._others -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self, check: Callable[[], None]) -> Iterator[None]:
        """Wait until nothing else is under way, and keep it so.

        Args:
            check: Called while it waits; it may raise to give up.
        """
        with self._changed:
            while not self._changed.wait_for(lambda: not (self._is_tried or self._others), _LOOK_S):
                check()
            self._is_tried = True
        try:
            yield
        finally:
            with self._changed:
                self._is_tried = False
                self._changed.notify_all()
