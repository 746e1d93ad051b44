"""An orderly stop: nothing new is begun, and what is under way is waited for."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LOOK_S: Final = 0.1
"""Python sees a signal between two waits; one that comes just before a wait would be seen only after it."""


class Terminated(BaseException):
    """The process was asked to end by another one; unwinds like Ctrl-C."""


INTERRUPTIONS: Final = (KeyboardInterrupt, Terminated)


class StoppedError(BaseException):
    """The run is stopping, so this is not begun.

    Like Ctrl-C it is a `BaseException`: it must pass through all code that handles, reports or counts failures.
    """


class Stop:
    """Whether a run is stopping, and how many answers are under way; safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_begun = False
        self._under_way = 0

    def begin(self) -> None:
        """Stop: waits end, and no request is begun any more."""
        with self._changed:
            self._is_begun = True
            self._changed.notify_all()

    @property
    def is_begun(self) -> bool:
        """Whether the run is stopping."""
        return self._is_begun

    @property
    def under_way(self) -> int:
        """How many requests were sent whole and have no answer yet: they are paid for."""
        return self._under_way

    @contextlib.contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """Count a request, until its answer is kept.

        Yields:
            What is called when it was sent whole; it may be called again, after a retry.

        Raises:
            StoppedError: The run is stopping.
        """
        is_sent = False

        def note_sent() -> None:
            nonlocal is_sent
            with self._changed:
                self._under_way += not is_sent
                is_sent = True

        with self._changed:
            self.check()
        try:
            yield note_sent
        finally:
            with self._changed:
                self._under_way -= is_sent
                self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Args:
            seconds: How long.

        Raises:
            StoppedError: The run is stopping.
        """
        ends_s = time.monotonic() + seconds
        with self._changed:
            while (left_s := ends_s - time.monotonic()) > 0:
                self.check()
                self._changed.wait(left_s)
            self.check()

    def wait_idle(self, longest_s: float) -> None:
        """Wait until no answer is under way.

        Args:
            longest_s: How long at most, in seconds.
        """
        ends_s = time.monotonic() + longest_s
        with self._changed:
            while self._under_way and (left_s := ends_s - time.monotonic()) > 0:
                self._changed.wait(min(left_s, _LOOK_S))

    def check(self) -> None:
        """Go on if the run does.

        Raises:
            StoppedError: The run is stopping.
        """
        if self._is_begun:
            raise StoppedError
