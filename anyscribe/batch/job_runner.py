"""Run the jobs, several at a time; the failure of one does not stop the others, unless they would all fail."""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyscribe.batch.job_events import (
    JobDone,
    JobEvent,
    JobFailed,
    JobLeft,
    JobsArrived,
    JobSkipped,
    JobTranscribed,
    Stopping,
    Tick,
)
from anyscribe.batch.ledger import Ledger
from anyscribe.batch.writing import find_unwritable
from anyscribe.errors import (
    AccessDeniedError,
    AnyscribeError,
    BudgetError,
    ClusterError,
    DefectError,
    FullDiskError,
    UnavailableError,
    UnknownModelError,
)
from anyscribe.events import Retrying
from anyscribe.sentence import plain_name
from anyscribe.stopping import INTERRUPTIONS, Stop, StoppedError, Terminated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future

    from anyscribe.batch.making import Made, Maker
    from anyscribe.batch.outputs import Job
    from anyscribe.events import Emit, Event
    from anyscribe.places import Location

_TICK_SECONDS: Final = 0.25
_WRITING_S: Final = 1.0

_MOST_SUBMITTED: Final = 4_096
"""More recordings than are ever worked on at a time: what an executor has of each takes more memory than the job."""

_IN_A_ROW: Final = 3
"""A server that cannot be reached for so many recordings in a row is not tried for the others."""

_LATER_S: Final = 60.0
"""A run that waits for recordings tries again after so long what a server did not answer."""

_TERMINATED_S: Final = 4.0
"""Whoever ends programs waits for about five seconds, and then does not ask any more."""


@dataclass
class Report:
    """How the jobs ended, in the order in which they did.

    Args:
        done: Jobs with a result that was made now.
        there: Jobs whose results were all there already.
        failed: Jobs without a result, and why.
        untried: Jobs that were not tried because the server would have refused them too.
        incomplete: Jobs with findings about their transcript; whether they are done or not.
        sound_ms: How much sound the transcripts that were made now cover, in milliseconds.
    """

    done: list[Job] = field(default_factory=list)
    there: list[Job] = field(default_factory=list)
    failed: list[tuple[Job, AnyscribeError]] = field(default_factory=list)
    untried: list[Job] = field(default_factory=list)
    incomplete: set[Job] = field(default_factory=set)
    sound_ms: int = 0


@dataclass(frozen=True, slots=True)
class JobSteps:
    """What is done with each recording.

    Args:
        maker: Makes the results of a recording; called in the executor.
        write_stdout: Takes a job and its result for standard output; called in the thread that runs the jobs.
        ledger: Knows which files are the program's own.
        stop: Stops the run in good order.
        grace_s: How long answers that are under way are waited for if the run is interrupted, in seconds.
        tries_twice: Whether a recording that the server keeps refusing is tried once more, after all others.
    """

    maker: Maker
    write_stdout: Callable[[Job, bytes], None]
    ledger: Ledger = field(default_factory=Ledger)
    stop: Stop = field(default_factory=Stop)
    grace_s: float = 0
    tries_twice: bool = False


def run_jobs(  # noqa: PLR0913 - what to do, with what, and who is told
    jobs: Sequence[Job],
    steps: JobSteps,
    *,
    executor: Executor,
    emit: Emit,
    report: Report | None = None,
    arriving: Callable[[], Sequence[Job]] | None = None,
) -> Report:
    """Run all jobs.

    Args:
        jobs: What to do; results for standard output are written in this order.
        steps: What is done with each recording.
        executor: Decides how many run at a time.
        emit: Takes events, from any thread.
        report: Where it is noted how each ends, for a caller that wants to know even if this is interrupted.
        arriving: Returns further jobs, and is called again and again until the run is interrupted; None if there are
            none.

    Returns:
        How each ended.

    Raises:
        ClosedPipeError: The reader of standard output has closed it; also if `emit` says so.
        OutputError: Standard output cannot be written.
        ClusterError: The machines that do the work are lost.
        KeyboardInterrupt: The run was interrupted; what was under way has been waited for.
    """
    return _JobRun(steps, executor, emit, report or Report(), arriving).run(jobs)


class _JobRun:
    """The state of one `run_jobs`; only `_work` and what it calls run in other threads."""

    def __init__(
        self,
        steps: JobSteps,
        executor: Executor,
        emit: Emit,
        report: Report,
        arriving: Callable[[], Sequence[Job]] | None,
    ) -> None:
        self._steps = steps
        self._arriving = arriving
        # Recordings whose turn has not come.
        self._queued: deque[Job] = deque()
        # Recordings that are tried again, and when.
        self._later: deque[tuple[float, Job]] = deque()
        self._executor = executor
        self._emit = emit
        self._report = report
        self._hopeless = threading.Event()
        self._lock = threading.Lock()
        self._unreached = 0
        # Why recordings that are tried once more have failed.
        self._second_tries: dict[Job, AnyscribeError] = {}
        # Results for standard output that wait for their turn; None holds the turn of a job that failed.
        self._waiting: dict[Job, bytes | None] = {}
        self._order: deque[Job] = deque()
        self._numbers = itertools.count()
        self._pending: dict[Future[Made | None], tuple[int, Job]] = {}
        # Waiting for all of them each time would take longer the more there are.
        self._finished: queue.SimpleQueue[Future[Made | None]] = queue.SimpleQueue()

    def run(self, jobs: Sequence[Job]) -> Report:
        self._add(jobs)
        try:
            while self._pending or self._queued or self._is_open:
                if self._arriving is not None:
                    self._add_arrived(self._arriving())
                self._submit_queued()
                self._collect_finished(_TICK_SECONDS)
        except INTERRUPTIONS as interruption:
            self._stop(isinstance(interruption, Terminated))
            raise
        return self._report

    @property
    def _is_open(self) -> bool:
        """Whether further recordings may come."""
        return self._arriving is not None and not self._hopeless.is_set()

    def _add(self, jobs: Sequence[Job]) -> None:
        unwritable = find_unwritable(target for job in jobs for target in job.targets.values() if target is not None)
        self._order.extend(job for job in jobs if job.stdout_format is not None)
        for job in jobs:
            if job.kept:
                self._emit(JobSkipped(job, job.kept))
            refusal = job.source.error or next(
                (unwritable[target] for target in job.targets.values() if target in unwritable), None
            )
            if refusal is not None:
                self._fail(job, refusal)
            elif not job.targets:
                self._finish(job, [])
            else:
                self._queued.append(job)

    def _add_arrived(self, jobs: Sequence[Job]) -> None:
        """Add jobs that have arrived, and those that are tried again now."""
        if jobs:
            self._emit(JobsArrived(jobs))
            self._add(jobs)
        while self._later and self._later[0][0] <= time.monotonic():
            _, job = self._later.popleft()
            self._queued.append(job)

    def _collect_finished(self, longest_s: float) -> None:
        finished = []
        with contextlib.suppress(queue.Empty):
            finished.append(self._finished.get(timeout=max(longest_s, 0)))
            while True:
                finished.append(self._finished.get_nowait())
        if not finished:
            self._emit(Tick())
        # Those that ended together are reported in the order of the inputs.
        in_order = sorted((*self._pending.pop(future), future) for future in finished if future in self._pending)
        for _, job, future in in_order:
            self._collect(job, future)

    def _submit_queued(self) -> None:
        while self._queued and len(self._pending) < _MOST_SUBMITTED:
            job = self._queued.popleft()
            future = self._executor.submit(self._work, job)
            self._pending[future] = next(self._numbers), job
            future.add_done_callback(self._finished.put)

    def _stop(self, is_terminated: bool) -> None:  # noqa: FBT001 - named where it is called
        """Begin nothing new, and wait for answers that are under way: they are paid for."""
        steps = self._steps
        steps.stop.begin()
        for future in [*self._pending]:
            if future.cancel():
                del self._pending[future]
        grace_s = min(steps.grace_s, _TERMINATED_S) if is_terminated else steps.grace_s
        ends_s = time.monotonic() + grace_s
        if not (grace_s and steps.stop.under_way):
            return
        self._emit(Stopping(steps.stop.under_way, grace_s))
        steps.stop.wait_idle(grace_s)
        # What came is kept; it is written too, if that does not take long.
        ends_s = min(ends_s, time.monotonic() + _WRITING_S)
        while self._pending and time.monotonic() < ends_s:
            self._collect_finished(min(_TICK_SECONDS, ends_s - time.monotonic()))

    def _work(self, job: Job) -> Made | None:
        """Make a recording's results; None if it would meet a refusal that another one has met."""
        if self._hopeless.is_set() or self._steps.stop.is_begun:
            return None
        try:
            return self._steps.maker.make(job, self._note)
        except (AccessDeniedError, BudgetError, ClusterError, FullDiskError, UnknownModelError):
            # Set here, before the next job starts, not when results are collected.
            self._hopeless.set()
            raise
        except UnavailableError as error:
            if error.status is None and self._arriving is None and self._is_one_of_many():
                return None
            raise

    def _note(self, event: Event) -> None:
        """Pass on what is told of a recording in work."""
        if isinstance(event, JobTranscribed):
            self._unreached = 0
            if event.findings:
                self._report.incomplete.add(event.job)
        self._emit(event)

    def _is_one_of_many(self) -> bool:
        """Note that the server could not be reached; return whether that is known already."""
        with self._lock:
            self._unreached += 1
            if self._unreached >= _IN_A_ROW:
                self._hopeless.set()
            return self._unreached > _IN_A_ROW

    def _collect(self, job: Job, future: Future[Made | None]) -> None:
        try:
            made = future.result()
        except UnavailableError as error:
            if self._is_open:
                self._emit(JobEvent(job, Retrying(error.summary(plain_name), _LATER_S, 1)))
                self._emit(JobLeft(job))
                self._later.append((time.monotonic() + _LATER_S, job))
            elif self._may_try_again(job):
                self._second_tries[job] = error
                self._emit(JobLeft(job))
                self._queued.append(job)
            else:
                self._fail(job, error)
        except ClusterError:
            raise
        except AnyscribeError as error:
            self._fail(job, error)
        except StoppedError:
            self._end(job, None)
        except Exception as error:  # noqa: BLE001 - a bug that one recording shows must not cost the others
            self._fail(job, DefectError(error))
        else:
            self._end(job, made)

    def _end(self, job: Job, made: Made | None) -> None:
        """Note what was made of a recording; None if it was not tried, or not tried once more."""
        if made is not None:
            if made.kept:
                self._emit(JobSkipped(job, made.kept))
            self._report.sound_ms += made.sound_ms
            self._release(job, made.stdout)
            self._finish(job, made.written)
        elif job in self._second_tries:
            self._fail(job, self._second_tries[job])
        else:
            self._report.untried.append(job)
            self._emit(JobLeft(job))
            self._release(job, None)

    def _may_try_again(self, job: Job) -> bool:
        """Return whether a recording whose retries are used up is tried once more, after all others."""
        is_over = self._hopeless.is_set() or self._steps.stop.is_begun
        return self._steps.tries_twice and not is_over and job not in self._second_tries

    def _release(self, job: Job, document: bytes | None) -> None:
        """Write to standard output in the order of the inputs, up to the first that is still missing."""
        if job.stdout_format is None:
            return
        self._waiting[job] = document
        while self._order and self._order[0] in self._waiting:
            first = self._order.popleft()
            waiting = self._waiting.pop(first)
            if waiting is not None:
                self._steps.write_stdout(first, waiting)

    def _finish(self, job: Job, written: Sequence[Location]) -> None:
        is_made = written or job.stdout_format is not None
        (self._report.done if is_made else self._report.there).append(job)
        if is_made:
            self._steps.ledger.note_success(job.source)
        self._emit(JobDone(job, tuple(written)))

    def _fail(self, job: Job, error: AnyscribeError) -> None:
        self._report.failed.append((job, error))
        if job.source.error is None:
            self._steps.ledger.note_failure(job.source, error.summary(plain_name))
        self._release(job, None)
        self._emit(JobFailed(job, error))
