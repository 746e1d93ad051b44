"""How far a run is. Nothing is drawn here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from anyscribe.batch.job_events import JobDone, JobEvent, JobFailed, JobLeft, JobsArrived, JobStarted, JobTranscribed
from anyscribe.events import Fetched
from anyscribe.terminal.activity import Activity, Phase
from anyscribe.terminal.sound_total import SoundTotal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.batch.outputs import Job
    from anyscribe.events import Event

_MINUTE_MS: Final = 60_000


class Tally:
    """Counts what the events of a run tell.

    Args:
        jobs: The recordings; those whose results are all there do not count. None if they are yet to come.
        clock: Returns seconds.
        is_total_needed: Whether it is estimated how much sound there is.
    """

    def __init__(
        self,
        jobs: Sequence[Job] | None = (),
        clock: Callable[[], float] = time.monotonic,
        *,
        is_total_needed: bool = False,
    ) -> None:
        self._clock = clock
        self._began_s = clock()
        self._is_growing = jobs is None
        self._planned: set[Job] = set()
        self.count = 0
        """The number of recordings."""
        self.done = self.failed = 0
        self.sound = SoundTotal(is_estimated=is_total_needed)
        self._add(jobs or ())
        self.in_work: dict[Job | None, Activity] = {}
        """What is in work, in the order in which it began; None stands for what belongs to no recording."""

    @property
    def is_single(self) -> bool:
        """Whether there is one recording at most."""
        return self.count <= 1 and not self._is_growing

    @property
    def is_idle(self) -> bool:
        """Whether nothing is done but to wait for recordings."""
        return self._is_growing and not self.in_work

    @property
    def now_s(self) -> float:
        """The time on the clock."""
        return self._clock()

    @property
    def elapsed_s(self) -> float:
        """How long the run has lasted, in seconds."""
        return self._clock() - self._began_s

    @property
    def rate(self) -> float | None:
        """Seconds of sound in a second, without what the store had; None if nothing is done yet."""
        asked_s = self.sound.asked_ms / 1000
        return asked_s / self.elapsed_s if asked_s > 0 and self.elapsed_s > 0 else None

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None if that cannot be told."""
        if not self.is_single:
            total_ms = self.sound.total_ms
            return self.sound.done_ms / total_ms if total_ms else None
        return next((work.share for work in self.in_work.values()), None)

    def told(self) -> str:
        """Say how far the run is, in one line."""
        if self.is_single:
            work = next(iter(self.in_work.values()), None)
            return f"still working: {work.name}, {work.told(self.now_s)}" if work else "still working"
        failed = f", {self.failed:,} failed" if self.failed else ""
        of_all = f"{self.done:,} of {self.count:,} recordings done{failed}, {len(self.in_work):,} in work"
        return f"{of_all}, {self.sound.done_ms / _MINUTE_MS:,.1f} min of sound transcribed"

    def note(self, event: Event) -> None:
        """Take an event of the run.

        Args:
            event: Any event.
        """
        match event:
            case JobEvent(job, inner):
                self._note_work(job, inner)
            case JobsArrived(jobs):
                self._add(jobs)
            case JobStarted(job):
                self.in_work[job] = Activity(job.source.shown, self._clock())
            case JobTranscribed(job) if job in self.in_work:
                self.in_work[job].enter(Phase.WRITING, self._clock())
            case JobDone(job) if job in self._planned:
                self.done += 1
                self._end(job, is_done=True)
            case JobFailed(job):
                self.failed += 1
                self._end(job, is_done=False)
                if job in self._planned:
                    self.sound.leave_out(job)
            case JobLeft(job):
                self._end(job, is_done=False)
            case Fetched():
                self.in_work.setdefault(None, Activity("", self._clock())).note(event, self._clock())
            case _:
                pass

    def _add(self, jobs: Sequence[Job]) -> None:
        planned = {job for job in jobs if job.targets}
        self._planned |= planned
        self.count += sum(bool(job.targets or job.source.error) for job in jobs)
        self.sound.add(planned)

    def _note_work(self, job: Job, event: Event) -> None:
        work = self.in_work.get(job)
        if work is None:
            # A part of a recording that has failed may still be under way.
            return
        work.note(event, self._clock())
        if job in self._planned:
            self.sound.note(job, event)

    def _end(self, job: Job, *, is_done: bool) -> None:
        self.in_work.pop(job, None)
        if job in self._planned:
            self.sound.end(job, is_done=is_done)
