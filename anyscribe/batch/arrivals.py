"""Recordings that appear in folders while a run lasts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.outputs import Suffix
from anyscribe.errors import UsageError
from anyscribe.events import Notice
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anyscribe.batch.outputs import Job
    from anyscribe.batch.sources import Source
    from anyscribe.events import Emit
    from anyscribe.places import Location

_SCAN_S: Final = 2.0
"""The longest time between two looks. Looking works on every file system; notices of changes do not on shared ones."""


class Arrivals:
    """Finds recordings that have stopped growing: each once, and again if it has changed since.

    Args:
        find: Lists the recordings that are there; those with an error are not ready.
        settle_s: How long a recording must have been unchanged, in seconds.
        clock: Returns the time in seconds.
        now: Returns the time of day, as files have it, in seconds.
    """

    def __init__(
        self,
        find: Callable[[], Iterable[Source]],
        settle_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._find = find
        self._settle_s = settle_s
        self._clock = clock
        self._now = now
        self._next_s = float("-inf")
        # What each file was like when it was seen last, and since when; and when it was taken.
        self._seen: dict[Path, tuple[_State, float]] | None = None
        self._taken: dict[Path, _State] = {}

    def take(self) -> list[Source]:
        """Return the recordings that are ready and were not taken before, if it is time to look again.

        At the first look, those that were not written to lately are ready at once.
        """
        clock_s = self._clock()
        if clock_s < self._next_s:
            return []
        self._next_s = clock_s + min(_SCAN_S, self._settle_s)
        seen: dict[Path, tuple[_State, float]] = {}
        ready = []
        for source in self._find():
            path = source.path
            # What is elsewhere is not waited for.
            if source.error or not isinstance(path, Path) or not (state := _state_of(path)) or not state[0]:
                continue
            since_s = clock_s
            if self._seen is None and self._now() - state[1] / 1e9 > self._settle_s:
                since_s = float("-inf")
            elif self._seen is not None and path in self._seen and self._seen[path][0] == state:
                since_s = self._seen[path][1]
            seen[path] = (state, since_s)
            if self._taken.get(path) != state and clock_s - since_s >= self._settle_s:
                self._taken[path] = state
                ready.append(source)
        self._seen = seen
        self._taken = {path: state for path, state in self._taken.items() if path in seen}
        return ready


class ArrivingJobs:
    """Plans the work on recordings as they arrive.

    Args:
        arrivals: Finds them.
        plan: Plans the work on one; a `UsageError` leaves it out.
        emit: Takes notices of what is left out.
    """

    def __init__(self, arrivals: Arrivals, plan: Callable[[Source], Job], emit: Emit) -> None:
        self._arrivals = arrivals
        self._plan = plan
        self._emit = emit
        # The recording that each result belongs to.
        self._owners: dict[Location, str] = {}

    def take(self) -> list[Job]:
        """Return the work on recordings that are ready now; none is done over the results of another one."""
        jobs = []
        for source in self._arrivals.take():
            try:
                job = self._plan(source)
            except UsageError as error:
                self._emit(Notice(Sentence("{}: {}", source.shown, error.message)))
                continue
            targets = [target for target in (*job.targets.values(), *job.kept) if target is not None]
            rivals = {self._owners.setdefault(target, source.shown) for target in targets} - {source.shown}
            if rivals:
                message = "{}: {} has results of the same name; {} keeps them apart"
                self._emit(Notice(Sentence(message, source.shown, min(rivals), Option("suffix", Suffix.FULL.value))))
            else:
                jobs.append(job)
        return jobs


_State = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, and number of the file."""


def _state_of(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
