"""Run the jobs, several at a time; the failure of one does not stop the others, unless they would all fail."""

from __future__ import annotations

import errno
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from anyscribe.batch.job_events import JobDone, JobEvent, JobFailed, JobSkipped, JobTranscribed, Tick
from anyscribe.batch.writing import find_unwritable, write_whole
from anyscribe.errors import AccessDeniedError, AnyscribeError, DefectError
from anyscribe.formats import Metadata
from anyscribe.rendering import render_outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from anyscribe.batch.inputs import Source
    from anyscribe.batch.outputs import Job
    from anyscribe.events import Emit
    from anyscribe.formats import OutputFormat
    from anyscribe.recording.transcriber import Transcriber
    from anyscribe.rendering import PlannedOutput, RenderOptions
    from anyscribe.result import Result

_TICK_SECONDS: Final = 0.25
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass
class Report:
    """How the jobs ended, in the order in which they did.

    Args:
        done: Jobs whose results are all written, or existed before.
        failed: Jobs without a result, and why.
        untried: Jobs that were not tried because the server would have refused them too.
        incomplete: Jobs with findings about their transcript; whether they are done or not.
    """

    done: list[Job] = field(default_factory=list)
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
    """

    transcriber: Transcriber
    outputs: Sequence[PlannedOutput]
    render_options: RenderOptions
    write_stdout: Callable[[bytes], None]
    spooled: Mapping[Source, Future[Path]] = field(default_factory=dict)

    def transcribe(self, source: Source, emit: Emit) -> Result:
        """Transcribe a recording."""
        path = self.spooled[source].result() if source in self.spooled else source.path
        return self.transcriber.transcribe(path, emit, name=source.filename)

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
    """
    return _JobRun(steps, executor, emit, report or Report()).run(jobs)


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A recording's documents, and the result that they were made from."""

    documents: Mapping[OutputFormat, bytes]
    result: Result

    def confirm(self) -> None:
        """Note that all of it is written."""
        if self.result.kept is not None:
            self.result.kept.discard()

    def fail(self) -> None:
        """Note that it could not be written."""
        if self.result.kept is not None:
            self.result.kept.report()


class _JobRun:
    """The state of one `run_jobs`; only `_work` runs in other threads."""

    def __init__(self, steps: JobSteps, executor: Executor, emit: Emit, report: Report) -> None:
        self._steps = steps
        self._executor = executor
        self._emit = emit
        self._report = report
        self._hopeless = threading.Event()
        # Results for standard output that wait for their turn; None holds the turn of a job that failed.
        self._waiting: dict[Job, _Rendered | None] = {}
        self._order: deque[Job] = deque()

    def run(self, jobs: Sequence[Job]) -> Report:
        pending: dict[Future[_Rendered | None], Job] = {}
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
                pending[self._executor.submit(self._work, job)] = job
        while pending:
            finished, _ = wait(pending, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
            if not finished:
                self._emit(Tick())
            # Those that ended together are reported in the order of the inputs.
            for future in [future for future in pending if future in finished]:
                self._collect(pending.pop(future), future)
        return self._report

    def _work(self, job: Job) -> _Rendered | None:
        """Transcribe and render a recording; None if it would meet a refusal that another one has met."""
        if self._hopeless.is_set():
            return None
        try:
            result = self._steps.transcribe(job.source, lambda event: self._emit(JobEvent(job, event)))
        except AccessDeniedError:
            # Set here, before the next job starts, not when results are collected.
            self._hopeless.set()
            raise
        documents = self._steps.render(result, job, lambda event: self._emit(JobEvent(job, event)))
        if result.findings:
            self._report.incomplete.add(job)
        # Here too: what is written then may have to wait for others.
        self._emit(JobTranscribed(job, result.findings))
        return _Rendered(documents, result)

    def _collect(self, job: Job, future: Future[_Rendered | None]) -> None:
        try:
            rendered = future.result()
            if rendered is None:
                self._report.untried.append(job)
                self._release(job, None)
                return
            written = _write_files(job, rendered)
        except AnyscribeError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                # Anything that is paid for from now on would be lost.
                self._hopeless.set()
            self._fail(job, error)
        except Exception as error:  # noqa: BLE001 - a bug that one recording shows must not cost the others
            self._fail(job, DefectError(error))
        else:
            if job.stdout_format is None:
                rendered.confirm()
            else:
                self._release(job, rendered)
            self._finish(job, written)

    def _release(self, job: Job, rendered: _Rendered | None) -> None:
        """Write to standard output in the order of the inputs, up to the first that is still missing."""
        self._waiting[job] = rendered
        while self._order and self._order[0] in self._waiting:
            first = self._order.popleft()
            waiting = self._waiting.pop(first)
            output = first.stdout_format
            if waiting is not None and output is not None:
                self._steps.write_stdout(waiting.documents[output])
                waiting.confirm()

    def _finish(self, job: Job, written: Sequence[Path]) -> None:
        self._report.done.append(job)
        self._emit(JobDone(job, tuple(written)))

    def _fail(self, job: Job, error: AnyscribeError) -> None:
        self._report.failed.append((job, error))
        self._release(job, None)
        self._emit(JobFailed(job, error))


def _write_files(job: Job, rendered: _Rendered) -> list[Path]:
    written: list[Path] = []
    try:
        for output, target in job.targets.items():
            if target is not None:
                write_whole(target, rendered.documents[output], overwrite=job.overwrite)
                written.append(target)
    except AnyscribeError:
        rendered.fail()
        raise
    return written
