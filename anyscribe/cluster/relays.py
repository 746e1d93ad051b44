"""What a run has in common, as a worker sees it: the pace, the stop and the budget are elsewhere."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, Final

from anyscribe.cluster.channel import attempt_here
from anyscribe.engines.remote.pace import Pace, Turn
from anyscribe.recording.budget import Budget
from anyscribe.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anyscribe.cluster.channel import Number, WorkerChannel

_STATED: Final = "x-ratelimit-"


class PaceElsewhere(Pace):
    """The coordinator's pace: each request is allowed by it.

    Args:
        line: The way to it.
    """

    def __init__(self, line: WorkerChannel) -> None:
        super().__init__(1)
        self._line = line
        self._lent: deque[Number] = deque()

    @property
    def is_shut(self) -> bool:
        """Whether a request would wait for its turn now; that is known only when its turn comes."""
        return True

    @contextlib.contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for a request's turn, and count it as under way while the context lasts."""
        number = self._lent_here()
        if number is None:
            number = self._line.next_number()
            self._line.call("take_turn", number)
        try:
            yield TurnElsewhere(self, self._line, number)
        finally:
            self._line.note("leave", number)

    def lend(self, number: Number) -> None:
        """Take a turn that came unasked, for the next request of the attempt that it belongs to.

        Args:
            number: What the line calls it.
        """
        self._lent.append(number)

    def give_back(self, number: Number) -> None:
        """Give a turn back that was lent, unless it is used.

        Args:
            number: What the line calls it.
        """
        with contextlib.suppress(ValueError):
            self._lent.remove(number)
            self._line.note("leave", number)

    def _lent_here(self) -> Number | None:
        """Return a turn that was lent to the attempt that is under way here; None if there is none."""
        for number in [*self._lent]:
            if number[0] == attempt_here.get():
                with contextlib.suppress(ValueError):
                    self._lent.remove(number)
                    return number
        return None

    def note_limits(self, headers: Mapping[str, str]) -> None:
        """Note what a server says is left of its limits, and until when."""
        stated = {name: value for name, value in headers.items() if name.lower().startswith(_STATED)}
        if stated:
            self._line.note("note_limits", {name.lower(): value for name, value in stated.items()})


class TurnElsewhere(Turn):
    """A request's turn.

    Args:
        pace: The pace.
        line: The way to the coordinator's.
        number: What the line calls it.
    """

    def __init__(self, pace: Pace, line: WorkerChannel, number: Number) -> None:
        super().__init__(pace, 0)
        self._line = line
        self._number = number

    def succeeded(self) -> None:
        """Note that it was answered."""
        self._line.note("succeeded", self._number)

    def refused(self, wait_s: float | None) -> None:
        """Note that it was refused because there are too many."""
        self._line.note("refused", self._number, wait_s)


class StopHere(Stop):
    """Stops a worker's part of a run; the coordinator counts what is under way.

    Args:
        line: The way to it.
    """

    def __init__(self, line: WorkerChannel) -> None:
        super().__init__()
        self._line = line

    @contextlib.contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """Count a request, until its answer is kept."""
        line, number = self._line, self._line.next_number()
        with super().request() as note_sent_here:

            def note_sent() -> None:
                note_sent_here()
                line.note("sent", number)

            line.note("begin_request", number)
            try:
                yield note_sent
            finally:
                line.note("leave", number)


class BudgetElsewhere(Budget):
    """The coordinator's budget.

    Args:
        line: The way to it.
        is_limited: Whether it can be used up.
    """

    def __init__(self, line: WorkerChannel, *, is_limited: bool) -> None:
        super().__init__()
        self._line = line
        self._is_limited = is_limited

    def take(self, asked_ms: int) -> None:
        """Take a part of it, before anything is sent."""
        if self._is_limited:
            self._line.call("take", asked_ms)
        else:
            self._line.note("take", asked_ms)

    def give_back(self, unasked_ms: int) -> None:
        """Give back what was taken and not asked about, because the run is stopping."""
        self._line.note("give_back", unasked_ms)
