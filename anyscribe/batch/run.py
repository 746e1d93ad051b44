"""Do the jobs, so many at a time; what one of them meets does not stop the others, unless all would meet it."""

from __future__ import annotations

import errno
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyscribe.batch.progress import JobDone, JobEvent, JobFailed, JobHeard, JobSkipped, Tick
from anyscribe.batch.writing import find_unwritable, write_whole
from anyscribe.errors import AccessDeniedError, AnyscribeError
from anyscribe.events import Doubted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from anyscribe.batch.inputs import Source
    from anyscribe.batch.outputs import Job
    from anyscribe.events import Emit, Event
    from anyscribe.recording import Delivery

_TICK_SECONDS: Final = 0.25
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass
class Report:
    """What became of the jobs, in the order in which they ended.

    Args:
        done: Jobs whose results are all where they belong, or were there before.
        failed: Jobs without a result, and why.
        untried: Jobs that were given up because they would have met the same refusal.
        doubted: Jobs whose results do not look whole; whether they are done or not.
    """

    done: list[Job] = field(default_factory=list)
    failed: list[tuple[Job, AnyscribeError]] = field(default_factory=list)
    untried: list[Job] = field(default_factory=list)
    doubted: set[Job] = field(default_factory=set)


def run_jobs(
    jobs: Sequence[Job],
    transcribe: Callable[[Source, Emit], Delivery],
    *,
    executor: Executor,
    write_stdout: Callable[[bytes], None],
    emit: Emit,
) -> Report:
    """Do all jobs.

    Args:
        jobs: What to do; results for standard output appear in this order.
        transcribe: Gives a recording's results; called in the executor.
        executor: Decides how many are done at a time.
        write_stdout: Takes a result for standard output; called in this thread.
        emit: Takes events, from any thread.

    Returns:
        What became of each.

    Raises:
        ClosedPipeError: Nobody reads standard output any more; also where `emit` says so.
        OutputError: Standard output cannot be written.
    """
    return _Run(transcribe, executor, write_stdout, emit).run(jobs)


class _Run:
    """The state of one `run_jobs`; only `_work` runs elsewhere than in the caller's thread."""

    def __init__(
        self,
        transcribe: Callable[[Source, Emit], Delivery],
        executor: Executor,
        write_stdout: Callable[[bytes], None],
        emit: Emit,
    ) -> None:
        self._transcribe = transcribe
        self._executor = executor
        self._write_stdout = write_stdout
        self._emit = emit
        self._report = Report()
        self._hopeless = threading.Event()
        # Results for standard output that wait for their turn; None holds the turn of one that failed.
        self._waiting: dict[Job, Delivery | None] = {}
        self._order: deque[Job] = deque()

    def run(self, jobs: Sequence[Job]) -> Report:
        pending: dict[Future[Delivery | None], Job] = {}
        unwritable = find_unwritable(target for job in jobs for target in job.targets.values() if target is not None)
        self._order.extend(job for job in jobs if None in job.targets.values())
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
                pending[self._executor.submit(self._work, job)] = job
        while pending:
            finished, _ = wait(pending, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
            if not finished:
                self._emit(Tick())
            # Those that ended together are told of in the order of the inputs.
            for future in [future for future in pending if future in finished]:
                self._collect(pending.pop(future), future)
        return self._report

    def _work(self, job: Job) -> Delivery | None:
        """Transcribe a recording, unless it would meet a refusal that another one has met; None says so."""
        if self._hopeless.is_set():
            return None
        doubts: list[Doubted] = []
        try:
            delivery = self._transcribe(job.source, lambda event: self._tell(job, event, doubts))
        except AccessDeniedError:
            # Here, where the next one is about to start, and not where results are collected.
            self._hopeless.set()
            raise
        # Here too: what is written then may have to wait for others.
        self._emit(JobHeard(job))
        # Not among the text that is shown while it comes.
        for doubt in doubts:
            self._report.doubted.add(job)
            self._emit(JobEvent(job, doubt))
        return delivery

    def _tell(self, job: Job, event: Event, doubts: list[Doubted]) -> None:
        if isinstance(event, Doubted):
            doubts.append(event)
        else:
            self._emit(JobEvent(job, event))

    def _collect(self, job: Job, future: Future[Delivery | None]) -> None:
        try:
            delivery = future.result()
            if delivery is None:
                self._report.untried.append(job)
                self._release(job, None)
                return
            written = self._written(job, delivery)
        except AnyscribeError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                # What is paid for from here on would be lost.
                self._hopeless.set()
            self._fail(job, error)
        except Exception as error:  # noqa: BLE001 - a defect that one recording brings to light must not cost the others
            self._fail(job, _defect(error))
        else:
            if None in job.targets.values():
                self._release(job, delivery)
            else:
                delivery.confirm()
            self._finish(job, written)

    def _written(self, job: Job, delivery: Delivery) -> list[Path]:
        """Write what belongs into files."""
        written: list[Path] = []
        try:
            for form, target in job.targets.items():
                if target is not None:
                    write_whole(target, delivery.results[form], overwrite=job.overwrite)
                    written.append(target)
        except AnyscribeError:
            delivery.fail()
            raise
        return written

    def _release(self, job: Job, delivery: Delivery | None) -> None:
        """Write to standard output in the order of the inputs, as far as that order has no hole any more."""
        self._waiting[job] = delivery
        while self._order and self._order[0] in self._waiting:
            first = self._order.popleft()
            waiting = self._waiting.pop(first)
            if waiting is not None:
                form = next(form for form, target in first.targets.items() if target is None)
                self._write_stdout(waiting.results[form])
                waiting.confirm()

    def _finish(self, job: Job, written: Sequence[Path]) -> None:
        self._report.done.append(job)
        self._emit(JobDone(job, tuple(written)))

    def _fail(self, job: Job, error: AnyscribeError) -> None:
        self._report.failed.append((job, error))
        self._release(job, None)
        self._emit(JobFailed(job, error))


def _defect(error: Exception) -> AnyscribeError:
    defect = AnyscribeError(
        f"this is a defect of anyscribe's ({type(error).__name__}: {error})",
        hint="please report it, with what -vv shows",
    )
    defect.__cause__ = error
    return defect
