"""Which recordings wait, and which worker has which: who asks is given one, and what is lost is given anew."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from anyscribe.errors import EngineError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.cluster.task import Outcome
    from anyscribe.cluster.travel import Assignment
    from anyscribe.errors import AnyscribeError
    from anyscribe.events import Event

Given = tuple[int, "Assignment"]
"""A number that no other attempt at a recording has, and the recording."""

_LOST_AMONG_OTHERS: Final = 3
_LOST_ALONE: Final = 2
_LATE: Final = 3


class Line(Protocol):
    """A worker's line, as far as recordings are concerned."""

    @property
    def address(self) -> str:
        """The worker's address."""

    def give_up(self, number: int) -> None:
        """Release what an attempt holds, and let it hold nothing any more.

        Args:
            number: The attempt's number.
        """


@dataclass(slots=True, eq=False)
class Work:
    """The work on one recording, until it has ended.

    Args:
        assignment: The recording.
        tell: Takes a worker's address and an event of the work there; what it raises ends the work.
        ended: How the work has ended.
        attempts: How often it was given to a worker.
        lost_among_others: How many workers were lost that had it among others.
        lost_alone: How many were lost while nothing else was under way.
        late_at: The workers that have taken too long for it.
        late: How often that was.
    """

    assignment: Assignment
    tell: Callable[[str, Event], None]
    ended: Future[Outcome] = field(default_factory=Future)
    attempts: int = 0
    lost_among_others: int = 0
    lost_alone: int = 0
    late_at: set[str] = field(default_factory=set)
    late: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    """A recording that a worker has.

    Args:
        work: The work on it.
        line: The worker's line.
        since_s: When it was given.
        is_alone: Whether nothing else is under way until it ends.
    """

    work: Work
    line: Line
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

    line: Line
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
        self._waiting: deque[Work] = deque()
        self._suspects: deque[Work] = deque()
        self._asking: deque[_Asking] = deque()
        self._attempts: dict[int, _Attempt] = {}
        self._workers: frozenset[str] = frozenset()
        self._failure: AnyscribeError | None = None

    def add(self, work: Work) -> None:
        """Have a recording worked on.

        Args:
            work: The work on it; how it ends is noted there.
        """
        with self._lock:
            if self._failure is not None:
                _fail(work, self._failure)
                return
            self._waiting.append(work)
            self._give_all()

    def ask(self, line: Line, answer: Callable[[Given | None], None]) -> None:
        """Ask for a recording.

        Args:
            line: The line of the worker that asks.
            answer: Takes one, at once or later; None sends the worker's thread away.
        """
        with self._lock:
            self._asking.append(_Asking(line, answer, self._clock()))
            self._give_all()

    def tell(self, line: Line, number: int, event: Event) -> None:
        """Tell of an event of an attempt; one that was given up has nothing to tell any more."""
        attempt = self._attempts.get(number)
        if attempt is None or attempt.line is not line:
            return
        try:
            attempt.work.tell(line.address, event)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits for the recording
            self._leave(number)
            _fail(attempt.work, error)

    def end(self, line: Line, number: int, outcome: Outcome) -> None:
        """Note how an attempt has ended; what comes too late is ignored."""
        attempt = self._attempts.get(number)
        if attempt is not None and attempt.line is line:
            self._leave(number)
            attempt.work.ended.set_result(outcome)

    def lose(self, line: Line, *, is_expected: bool) -> None:
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
                    self._begin_anew(attempt, counts=not is_expected)
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
                    self._note_late(attempt)
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
            _fail(work, error)

    def _leave(self, number: int) -> None:
        with self._lock:
            self._attempts.pop(number, None)
            self._give_all()

    def _begin_anew(self, attempt: _Attempt, *, counts: bool) -> None:
        """Have a recording worked on again whose worker is lost, unless it seems to be what kills workers."""
        work = attempt.work
        if counts and attempt.is_alone:
            work.lost_alone += 1
        elif counts:
            work.lost_among_others += 1
        if work.lost_alone >= _LOST_ALONE:
            killed = f"each worker that transcribed it was killed, the last one was {attempt.line.address}"
            _fail(work, EngineError(killed, remedy="see that worker's log"))
        elif work.lost_among_others >= _LOST_AMONG_OTHERS:
            self._suspects.append(work)
        else:
            self._waiting.appendleft(work)

    def _note_late(self, attempt: _Attempt) -> None:
        work = attempt.work
        work.late += 1
        work.late_at.add(attempt.line.address)
        if work.late < _LATE:
            self._waiting.append(work)
            return
        late = Sentence(
            "{} workers took more than {} for it, the last one was {}",
            str(_LATE),
            Option("task-timeout", f"{self._timeout_s:g}"),
            attempt.line.address,
        )
        _fail(work, EngineError(late, remedy="allow more time, or see that worker's log"))

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

    def _may_have(self, line: Line, work: Work) -> bool:
        """Return whether a worker may have a recording: one that was too slow only if all others were, too."""
        return line.address not in work.late_at or self._workers <= work.late_at

    def _give(self, asking: _Asking, work: Work, *, is_alone: bool) -> None:
        number = next(self._numbers)
        self._asking.remove(asking)
        self._attempts[number] = _Attempt(work, asking.line, self._clock(), is_alone)
        work.attempts += 1
        asking.answer((number, work.assignment))


def _fail(work: Work, error: BaseException) -> None:
    with contextlib.suppress(InvalidStateError):
        work.ended.set_exception(error)
