"""The work on one recording as the coordinator sees it, and when it is given up."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyscribe.errors import EngineError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.cluster.task import Outcome
    from anyscribe.cluster.travel import Assignment
    from anyscribe.events import Event

_LOST_AMONG_OTHERS: Final = 3
_LOST_ALONE: Final = 2
_LATE: Final = 3


@dataclass(slots=True, eq=False)
class RecordingWork:
    """The work on one recording, until it has ended.

    Args:
        assignment: The recording.
        tell: Takes a worker's address and an event of the work there; what it raises ends the work.
        ended: How the work has ended.
        attempts: How often it was given to a worker.
        lost_among_others: How many workers were killed that had it while others were under way.
        lost_alone: How many were killed while nothing else was.
        late: How often it took too long.
        late_at: The workers at which it did.
        late_s: When it last did.
    """

    assignment: Assignment
    tell: Callable[[str, Event], None]
    ended: Future[Outcome] = field(default_factory=Future)
    attempts: int = 0
    lost_among_others: int = 0
    lost_alone: int = 0
    late: int = 0
    late_at: set[str] = field(default_factory=set)
    late_s: float = 0.0

    @property
    def is_suspect(self) -> bool:
        """Whether it may be what kills workers: then it is worked on only while nothing else is."""
        return self.lost_among_others >= _LOST_AMONG_OTHERS and not self.ended.done()

    def note_lost(self, address: str, *, is_alone: bool) -> None:
        """Note that a worker was killed that had it.

        Args:
            address: The worker's.
            is_alone: Whether nothing else was under way.
        """
        if not is_alone:
            self.lost_among_others += 1
            return
        self.lost_alone += 1
        if self.lost_alone >= _LOST_ALONE:
            killed = f"each worker that transcribed it was killed, the last one was {address}"
            self.fail(EngineError(killed, remedy="see that worker's log"))

    def note_late(self, address: str, timeout_s: float) -> None:
        """Note that it took too long.

        Args:
            address: The worker's that had it.
            timeout_s: How long it may take, in seconds.
        """
        self.late += 1
        self.late_at.add(address)
        if self.late >= _LATE:
            late = Sentence(
                "it was begun {} times, and took longer than {} each time, the last time at {}",
                str(_LATE),
                Option("task_timeout", f"{timeout_s:g}"),
                address,
            )
            self.fail(EngineError(late, remedy="allow more time, or see that worker's log"))

    def fail(self, error: BaseException) -> None:
        """End the work without a result, if it has not ended yet.

        Args:
            error: Why.
        """
        with contextlib.suppress(InvalidStateError):
            self.ended.set_exception(error)
