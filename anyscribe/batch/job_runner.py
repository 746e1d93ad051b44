"""Run the jobs, several at a time; the failure of one does not stop the others, unless they would all fail."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from anyscribe.batch.job_events import (
    JobDone,
    JobEvent,
    JobFailed,
    JobSkipped,
    JobStarted,
    JobTranscribed,
    Stopping,
    Tick,
)
from anyscribe.batch.ledger import Ledger
from anyscribe.batch.writing import AppearedError, find_unwritable, write_whole
from anyscribe.errors import (
    AccessDeniedError,
    AnyscribeError,
    BudgetError,
    DefectError,
    UnavailableError,
    UnknownModelError,
)
from anyscribe.formats import Metadata
from anyscribe.rendering import render_outputs
from anyscribe.sentence import plain_name
from anyscribe.stopping import INTERRUPTIONS, Stop, StoppedError, Terminated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from anyscribe.batch.inputs import Source
    from anyscribe.batch.outputs import Job
    from anyscribe.events import Emit, Event
    from anyscribe.formats import OutputFormat
    from anyscribe.recording.transcriber import Transcriber
    from anyscribe.rendering import PlannedOutput, RenderOptions
    from anyscribe.result import Result

_TICK_SECONDS: Final = 0.25
_WRITING_S: Final = 1.0

_IN_A_ROW: Final = 3
"""A server that cannot be reached for so many recordings in a row is not tried for the others."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
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
    """

    done: list[Job] = field(default_factory=list)
    there: list[Job] = field(default_factory=list)
    failed: list[tuple[Job, AnyscribeError]] = field(default_factory=list)
    untried: list[Job] = field(default_factory=list)
    incomplete: set[Job] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class JobSteps:
    """What is done with each recording.

    Args:
        transcriber: Transcribes; called in the executor.
        outputs: The documents to make of each result.
        render_options: How they are made; the title is the recording's name, if it has one.
        write_stdout: Takes a result for standard output; called in the thread that runs the jobs.
        spooled: The files that streams are copied to; a job waits until its own is complete.
        ledger: Knows which files are the program's own.
        stop: Stops the run in good order.
        grace_s: How long answers that are under way are waited for if the run is interrupted, in seconds.
        tries_twice: Whether a recording that the server keeps refusing is tried once more, after all others.
    """

    transcriber: Transcriber
    outputs: Sequence[PlannedOutput]
    render_options: RenderOptions
    write_stdout: Callable[[bytes], None]
    spooled: Mapping[Source, Future[Path]] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    stop: Stop = field(default_factory=Stop)
    grace_s: float = 0
    tries_twice: bool = False

    def transcribe(self, source: Source, emit: Emit, check: Callable[[], None]) -> Result:
        """Transcribe a recording; ``check`` is called once it is known that nobody else is doing so."""
        path = self.spooled[source].result() if source in self.spooled else source.path
        return self.transcriber.transcribe(path, emit, name=source.filename, before=check)

    def render(self, result: Result, job: Job, emit: Emit) -> Mapping[OutputFormat, bytes]:
        """Render a result in the formats of its job."""
        wanted = (output for output in self.outputs if output.format in job.targets)
        options = replace(self.render_options, metadata=Metadata(job.source.title))
        return render_outputs(result, wanted, options, emit)


def run_jobs(
    jobs: Sequence[Job], steps: JobSteps, *, executor: Executor, emit: Emit, report: Report | None = None
) -> Report:
    """Run all jobs.

    Args:
        jobs: What to do; results for standard output are written in this order.
        steps: What is done with each recording.
        executor: Decides how many run at a time.
        emit: Takes events, from any thread.
        report: Where it is noted how each ends, for a caller that wants to know even if this is interrupted.

    Returns:
        How each ended.

    Raises:
        ClosedPipeError: The reader of standard output has closed it; also if `emit` says so.
        OutputError: Standard output cannot be written.
        KeyboardInterrupt: The run was interrupted; what was under way has been waited for.
    """
    return _JobRun(steps, executor, emit, report or Report()).run(jobs)


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of a recording.

    Args:
        stdout: Its document for standard output; None if none is wanted.
        written: The files that were written.
        kept: The files that were there and stay.
    """

    stdout: bytes | None = None
    written: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()


class _AllThereError(Exception):
    """All results of a recording have appeared meanwhile."""


class _JobRun:
    """The state of one `run_jobs`; only `_work` and what it calls run in other threads."""

    def __init__(self, steps: JobSteps, executor: Executor, emit: Emit, report: Report) -> None:
        self._steps = steps
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
        self._pending: dict[Future[_Made | None], Job] = {}

    def run(self, jobs: Sequence[Job]) -> Report:
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
                self._pending[self._executor.submit(self._work, job)] = job
        try:
            while self._pending:
                self._collect_finished(_TICK_SECONDS)
        except INTERRUPTIONS as interruption:
            self._stop(isinstance(interruption, Terminated))
            raise
        return self._report

    def _collect_finished(self, longest_s: float) -> None:
        finished, _ = wait(self._pending, timeout=longest_s, return_when=FIRST_COMPLETED)
        if not finished:
            self._emit(Tick())
        # Those that ended together are reported in the order of the inputs.
        for future in [future for future in self._pending if future in finished]:
            self._collect(self._pending.pop(future), future)

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

    def _work(self, job: Job) -> _Made | None:
        """Transcribe, render and write a recording; None if it would meet a refusal that another one has met."""
        if self._hopeless.is_set() or self._steps.stop.is_begun:
            return None

        self._emit(JobStarted(job))

        def emit(event: Event) -> None:
            self._emit(JobEvent(job, event))

        def check() -> None:
            if not self._missing(job):
                raise _AllThereError

        try:
            check()
            result = self._steps.transcribe(job.source, emit, check)
        except _AllThereError:
            return _Made(kept=tuple(target for target in job.targets.values() if target is not None))
        except (AccessDeniedError, BudgetError, UnknownModelError):
            # Set here, before the next job starts, not when results are collected.
            self._hopeless.set()
            raise
        except UnavailableError as error:
            if error.status is None and self._is_one_of_many():
                return None
            raise
        self._unreached = 0
        documents = self._steps.render(result, job, emit)
        if result.findings:
            self._report.incomplete.add(job)
        # Here too: what is written then may have to wait for others.
        self._emit(JobTranscribed(job, result.findings))
        return self._written(job, documents)

    def _is_one_of_many(self) -> bool:
        """Note that the server could not be reached; return whether that is known already."""
        with self._lock:
            self._unreached += 1
            if self._unreached >= _IN_A_ROW:
                self._hopeless.set()
            return self._unreached > _IN_A_ROW

    def _missing(self, job: Job) -> list[OutputFormat]:
        """Return the formats whose files are not there, or may be replaced."""
        ledger = self._steps.ledger
        return [
            output
            for output, target in job.targets.items()
            if target is None or not ledger.is_kept(job.source, output, target, overwrite=job.overwrite)
        ]

    def _written(self, job: Job, documents: Mapping[OutputFormat, bytes]) -> _Made:
        """Write a recording's results; a file that appeared meanwhile stays, and that is no failure."""
        ledger = self._steps.ledger
        written: list[Path] = []
        kept: list[Path] = []
        for output, target in job.targets.items():
            if target is None:
                continue
            body = documents[output]
            was_there = os.path.lexists(target)
            if ledger.is_kept(job.source, output, target, overwrite=job.overwrite):
                kept.append(target)
                continue
            try:
                write_whole(target, body, overwrite=job.overwrite or was_there)
            except AppearedError:
                kept.append(target)
                continue
            except AnyscribeError as error:
                if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                    # Nothing that is made from now on could be written.
                    self._hopeless.set()
                raise
            ledger.note(job.source, output, target, body)
            written.append(target)
        shown = job.stdout_format
        return _Made(None if shown is None else documents[shown], tuple(written), tuple(kept))

    def _collect(self, job: Job, future: Future[_Made | None]) -> None:
        try:
            made = future.result()
        except UnavailableError as error:
            if self._may_try_again(job):
                self._second_tries[job] = error
                self._pending[self._executor.submit(self._work, job)] = job
            else:
                self._fail(job, error)
        except AnyscribeError as error:
            self._fail(job, error)
        except StoppedError:
            self._end(job, None)
        except Exception as error:  # noqa: BLE001 - a bug that one recording shows must not cost the others
            self._fail(job, DefectError(error))
        else:
            self._end(job, made)

    def _end(self, job: Job, made: _Made | None) -> None:
        """Note what was made of a recording; None if it was not tried, or not tried once more."""
        if made is not None:
            if made.kept:
                self._emit(JobSkipped(job, made.kept))
            self._release(job, made.stdout)
            self._finish(job, made.written)
        elif job in self._second_tries:
            self._fail(job, self._second_tries[job])
        else:
            self._report.untried.append(job)
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
            waiting = self._waiting.pop(self._order.popleft())
            if waiting is not None:
                self._steps.write_stdout(waiting)

    def _finish(self, job: Job, written: Sequence[Path]) -> None:
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
