"""Which recordings wait, and which worker has which: who asks is given one, and what is lost is given anew."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.cluster.task import Outcome
    from anyscribe.cluster.travel import Assignment
    from anyscribe.cluster.work import RecordingWork
    from anyscribe.errors import AnyscribeError
    from anyscribe.events import Event

Given = tuple[int, "Assignment"]
"""A number that no other attempt at a recording has, and the recording."""


class WorkerLine(Protocol):
    """A worker's line, as far as recordings are concerned."""

    @property
    def address(self) -> str:
        """The worker's address."""

    def give_up(self, number: int) -> None:
        """Release what an attempt holds, and let it hold nothing any more.

        Args:
            number: The attempt's number.
        """


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    """A recording that a worker has.

    Args:
        work: The work on it.
        line: The worker's line.
        since_s: When it was given.
        is_alone: Whether nothing else is under way until it ends.
    """

    work: RecordingWork
    line: WorkerLine
    since_s: float
    is_alone: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Asking:
    """A thread of a worker that asks for a recording.

    Args:
        line: The worker's line.
        answer: Takes what it is given; None sends it away.
        since_s: When it asked.
    """

    line: WorkerLine
    answer: Callable[[Given | None], None]
    since_s: float


class Dispatcher:
    """Gives recordings to workers; safe to use from any thread.

    A worker's death counts against all recordings that it had, also against those that only were there. So a recording
    that was lost again and again is tried by itself, once all others have ended, before it fails.

    Args:
        timeout_s: How long a worker may take for a recording, in seconds; None for as long as it likes.
        patience_s: How long a worker's thread is let wait for a recording before it is sent away, in seconds.
        clock: Returns seconds, from any start.
    """

    def __init__(self, timeout_s: float | None, patience_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._waiting: deque[RecordingWork] = deque()
        self._suspects: deque[RecordingWork] = deque()
        self._asking: deque[_Asking] = deque()
        self._attempts: dict[int, _Attempt] = {}
        self._workers: frozenset[str] = frozenset()
        self._failure: AnyscribeError | None = None

    def add(self, work: RecordingWork) -> None:
        """Have a recording worked on.

        Args:
            work: The work on it; how it ends is noted there.
        """
        with self._lock:
            if self._failure is not None:
                work.fail(self._failure)
                return
            self._waiting.append(work)
            self._give_all()

    def ask(self, line: WorkerLine, answer: Callable[[Given | None], None]) -> None:
        """Ask for a recording.

        Args:
            line: The line of the worker that asks.
            answer: Takes one, at once or later; None sends the worker's thread away.
        """
        with self._lock:
            self._asking.append(_Asking(line, answer, self._clock()))
            self._give_all()

    def tell(self, line: WorkerLine, number: int, event: Event) -> None:
        """Tell of an event of an attempt; one that was given up has nothing to tell any more."""
        attempt = self._attempts.get(number)
        if attempt is None or attempt.line is not line:
            return
        try:
            attempt.work.tell(line.address, event)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits for the recording
            if self._is_taken_from(line, number):
                attempt.work.fail(error)

    def end(self, line: WorkerLine, number: int, outcome: Outcome) -> None:
        """Note how an attempt has ended; what comes too late is ignored."""
        with self._lock:
            attempt = self._attempts.get(number)
            if attempt is not None and self._is_taken_from(line, number):
                attempt.work.ended.set_result(outcome)

    def lose(self, line: WorkerLine, *, is_expected: bool) -> None:
        """Take away what a worker has: it is lost.

        Args:
            line: Its line.
            is_expected: Whether it has left in good order, so that no recording is suspected.
        """
        with self._lock:
            self._asking = deque(asking for asking in self._asking if asking.line is not line)
            for number, attempt in [*self._attempts.items()]:
                if attempt.line is line:
                    del self._attempts[number]
                    if not is_expected:
                        attempt.work.note_lost(line.address, is_alone=attempt.is_alone)
                    self._put_back(attempt.work)
            self._give_all()

    def look(self, workers: frozenset[str]) -> None:
        """Give up what takes too long, and send threads away that have waited for long; to be called now and then.

        Args:
            workers: The addresses of those that are used now.
        """
        with self._lock:
            self._workers = workers
            now_s = self._clock()
            for number, attempt in [*self._attempts.items()]:
                if self._timeout_s is not None and now_s - attempt.since_s > self._timeout_s:
                    del self._attempts[number]
                    attempt.line.give_up(number)
                    attempt.work.late_s = now_s
                    attempt.work.note_late(attempt.line.address, self._timeout_s)
                    self._put_back(attempt.work)
            while self._asking and now_s - self._asking[0].since_s > self._patience_s:
                self._asking.popleft().answer(None)
            self._give_all()

    def fail_all(self, error: AnyscribeError) -> None:
        """Let everything fail, also what is added later: there is no cluster any more.

        Args:
            error: Why.
        """
        with self._lock:
            self._failure = self._failure or error
            works = [*self._waiting, *self._suspects, *(attempt.work for attempt in self._attempts.values())]
            for kept in (self._waiting, self._suspects, self._attempts, self._asking):
                kept.clear()
        for work in works:
            work.fail(error)

    def _is_taken_from(self, line: WorkerLine, number: int) -> bool:
        """End an attempt; return whether it is under way, and the worker's own."""
        with self._lock:
            attempt = self._attempts.get(number)
            if attempt is None or attempt.line is not line:
                return False
            del self._attempts[number]
            self._give_all()
            return True

    def _put_back(self, work: RecordingWork) -> None:
        """Have a recording worked on again, unless it was given up, or seems to be what kills workers."""
        if work.is_suspect:
            self._suspects.append(work)
        elif not work.ended.done():
            self._waiting.append(work)

    def _give_all(self) -> None:
        """Give what waits to who asks; to be called under the lock."""
        if any(attempt.is_alone for attempt in self._attempts.values()):
            return
        for asking in [*self._asking]:
            if not self._waiting:
                break
            work = next((work for work in self._waiting if self._may_have(asking.line, work)), None)
            if work is not None:
                self._waiting.remove(work)
                self._give(asking, work, is_alone=False)
        if self._suspects and self._asking and not (self._waiting or self._attempts):
            self._give(self._asking[0], self._suspects.popleft(), is_alone=True)

    def _may_have(self, line: WorkerLine, work: RecordingWork) -> bool:
        """Return whether a worker may have a recording: one that was too slow only if no other one takes it."""
        if line.address not in work.late_at or self._workers <= work.late_at:
            return True
        # The others may hang.
        return self._timeout_s is not None and self._clock() - work.late_s > self._timeout_s

    def _give(self, asking: _Asking, work: RecordingWork, *, is_alone: bool) -> None:
        number = next(self._numbers)
        self._asking.remove(asking)
        self._attempts[number] = _Attempt(work, asking.line, self._clock(), is_alone)
        work.attempts += 1
        asking.answer((number, work.assignment))
