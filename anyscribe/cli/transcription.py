"""One run of the main command: the rooms put together, and how it ends."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from anyscribe.audio import spool, unreadable
from anyscribe.batch.arrivals import Arrivals, ArrivingJobs
from anyscribe.batch.fetching import fetched
from anyscribe.batch.job_runner import JobSteps, Report, run_jobs
from anyscribe.batch.ledger import Ledger
from anyscribe.batch.making import MakerHere
from anyscribe.batch.outputs import STDOUT, plan_jobs
from anyscribe.cli.exit_codes import code_of_run
from anyscribe.cli.forecasts import show_forecast
from anyscribe.cli.inputs import check_own
from anyscribe.cli.messages import name_of
from anyscribe.cli.stdout import check_stdout, stdout_writer
from anyscribe.cli.summary import Summary
from anyscribe.config import KnownText, Server
from anyscribe.errors import ClusterError, UsageError
from anyscribe.events import Notice, Trace
from anyscribe.formats import NO_METADATA, Metadata
from anyscribe.recording.budget import Budget
from anyscribe.recording.options import SpeakerOptions
from anyscribe.recording.plan import make_plan
from anyscribe.recording.transcriber import Transcriber
from anyscribe.recording.vocabulary import left_out_notice
from anyscribe.rendering import RenderOptions
from anyscribe.sentence import Field, Option, Sentence
from anyscribe.session import default_jobs, open_engine, open_resources, open_store, open_threads, share_cores
from anyscribe.stopping import INTERRUPTIONS, Stop
from anyscribe.terminal.capability import can_erase, shows_progress
from anyscribe.terminal.colors import color_choice
from anyscribe.terminal.display import Display, DisplayOptions
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from anyscribe.batch.input_set import InputSet
    from anyscribe.batch.making import Maker
    from anyscribe.batch.outputs import Destination, Job
    from anyscribe.batch.sources import Source
    from anyscribe.cli.invocation import Invocation
    from anyscribe.cli.machines import Machines
    from anyscribe.config import Place
    from anyscribe.engines import Engine
    from anyscribe.events import Emit
    from anyscribe.formats import OutputFormat, Provenance
    from anyscribe.places import Location
    from anyscribe.recording.budget import Limits
    from anyscribe.recording.options import RecordingOptions, Resources
    from anyscribe.recording.plan import Plan
    from anyscribe.request import TranscriptionRequest
    from anyscribe.session import Network
    from anyscribe.store import Store
    from anyscribe.terminal.live_text import LiveText

_PATIENCE_S: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRun:
    """What the user wants, each value read and found to be legal.

    Args:
        place: Where it is transcribed.
        request: The form fields.
        options: How recordings are uploaded, timed, checked and rendered.
        network: How a server is talked to.
        inputs: The recordings.
        settle_s: How long a recording that arrives must have been unchanged, in seconds; None if none is waited for.
        outputs: The formats.
        destination: Where results are written.
        provenance: What documents tell of how they were made, as far as flags say it; None to tell nothing.
        jobs: How many requests are made at a time; None for the place's usual number.
        grace_s: How long answers that are under way are waited for if the run is interrupted, in seconds.
        limits: How much may be asked about.
        is_dry: Whether it is only said what would be done.
        store: The file that keeps what was paid for; True for the usual one, False for none.
        quiet: Whether only errors are shown.
        strict: Whether a transcript that looks incomplete counts as a failure.
        headings: Whether several texts on standard output are told apart by headings.
        events: Where events are written for other programs: a file, or ``-`` for standard output; None for nowhere.
        machines: Other machines that do the work; None for this one.
        invocation: What the process gives the run.
    """

    place: Place
    request: TranscriptionRequest
    options: RecordingOptions
    network: Network
    inputs: InputSet
    settle_s: float | None = None
    outputs: tuple[OutputFormat, ...]
    destination: Destination
    provenance: Provenance | None = None
    jobs: int | None
    grace_s: float
    limits: Limits
    is_dry: bool
    store: Path | bool
    quiet: bool
    strict: bool
    headings: bool = True
    events: str | None = None
    machines: Machines | None = None
    invocation: Invocation

    def run(self) -> int:
        """Transcribe.

        Returns:
            The exit code; each failure has been shown.

        Raises:
            UsageError: What is wanted is impossible; nothing was read or sent.
            AnyscribeError: The run could not start.
        """
        passed_over: list[Location] = []
        told: list[str] = []
        is_watching = self.settle_s is not None
        if is_watching:
            self.inputs.check_watchable()
        sources = [] if is_watching else self.inputs.find(passed_over.append, told.append)
        if self.machines is not None:
            self.machines.check(sources)
        invocation = self.invocation
        stop = Stop()
        at_once = self.jobs or default_jobs(self.place)
        with contextlib.ExitStack() as stack:
            engine = stack.enter_context(open_engine(self.place, self.network, at_once, stop))
            plan = make_plan(self.request, self.outputs, engine.capabilities(self.request), self.options, can_time=True)
            noted = stack.enter_context(self._opened_store(told))
            store = noted if isinstance(self.place, Server) else None
            ledger, single = self._ledger(engine, noted, plan), self.inputs.is_single(sources)
            jobs = plan_jobs(sources, self.outputs, self.destination, single=single, ledger=ledger)
            self._check_targets(jobs)
            share_cores()
            output = StandardOutput(invocation.stdout)
            display = self._display(jobs, output)
            stack.callback(display.close)
            budget = Budget(self.limits)
            emit, end = stack.enter_context(self._events(jobs, engine, budget, display, output))
            for line in told:
                emit(Notice(line))
            resources = stack.enter_context(
                open_resources(at_once, invocation.open_scratch(), store=store, stop=stop, budget=budget)
            )
            transcriber = Transcriber(engine, plan, self.options, resources)
            for field in transcriber.check():
                emit(Notice(Sentence("the built-in engine ignores {}", Field(field))))
            check_own(sources, transcriber)
            if plan.left_out:
                emit(Notice(left_out_notice(plan.left_out, len(self.options.vocabulary))))
            if self.place.notice:
                emit(Notice(self.place.notice))
            _tell_passed_over(passed_over, emit)
            if self.is_dry:
                return show_forecast(jobs, transcriber, self.limits, output)
            spooled = stack.enter_context(self._spooled(sources, emit))
            fetch = partial(fetched, scratch=invocation.open_scratch(), store=store)
            here = MakerHere(transcriber, plan.outputs, self._render_options(), ledger, spooled, fetch)
            maker, executor = stack.enter_context(self._executor(jobs, here, plan, resources, store, emit=emit))
            # A stream is shown as it comes: who interrupts it has seen enough.
            is_waited_for = isinstance(self.place, Server) and not (self.request.stream and len(jobs) == 1)
            arriving = self._arriving(jobs, ledger, emit) if is_watching else None
            steps = JobSteps(
                maker,
                stdout_writer(display, output, has_headings=self.headings and (is_watching or len(jobs) > 1)),
                ledger,
                stop,
                self.grace_s if is_waited_for else 0,
                tries_twice=len(jobs) > 1 and self.network.retries > 0,
            )
            emit = stack.enter_context(self._watched(store, display, emit))
            report = self._run_shown(jobs, steps, executor, emit, display=display, budget=budget, arriving=arriving)
            return end(code_of_run(report, strict=self.strict))

    def _opened_store(self, told: list[str]) -> contextlib.AbstractContextManager[Store | None]:
        """Open the store, also for what is found on this machine; of a cluster only what servers say is noted."""
        return open_store(self.place, self.store, told.append, is_for_notes=self.machines is None)

    def _check_targets(self, jobs: Sequence[Job]) -> None:
        """Find out before anything is read whether results can go where they are wanted."""
        check_stdout(jobs, self.invocation.stdout)

    def _run_shown(  # noqa: PLR0913 - all that a run is made of
        self,
        jobs: Sequence[Job],
        steps: JobSteps,
        executor: Executor,
        emit: Emit,
        *,
        display: Display,
        budget: Budget,
        arriving: Callable[[], Sequence[Job]] | None,
    ) -> Report:
        """Run the jobs, and say how they ended."""
        began_s = time.monotonic()
        report = Report()

        def summary() -> Summary:
            display.close()
            paid = budget if isinstance(self.place, Server) else None
            return Summary(report, len(jobs) if self.settle_s is None else None, paid, time.monotonic() - began_s)

        try:
            run_jobs(jobs, steps, executor=executor, emit=emit, report=report, arriving=arriving)
        except (*INTERRUPTIONS, ClusterError):
            summary().show(display, is_interrupted=True)
            raise
        summary().show(display)
        return report

    @contextlib.contextmanager
    def _executor(  # noqa: PLR0913 - all that a run is made of
        self,
        jobs: Sequence[Job],
        here: MakerHere,
        plan: Plan,
        resources: Resources,
        store: Store | None,
        *,
        emit: Emit,
    ) -> Iterator[tuple[Maker, Executor]]:
        """Yield what makes results, in this process or elsewhere, and what calls it."""
        is_needed = self.settle_s is not None or any(job.targets for job in jobs)
        if self.machines is None or not is_needed:
            with open_threads(resources.request_count) as executor:
                yield here, executor
            return
        from anyscribe.cli.machines import open_machines  # noqa: PLC0415 - few runs have a cluster

        opened = open_machines(
            self.machines,
            jobs,
            here,
            resources,
            place=self.place,
            network=self.network,
            plan=plan,
            options=self.options,
            at_once=self.jobs,
            store=store,
            emit=emit,
        )
        with opened as (maker, executor):
            yield maker, executor

    def _arriving(self, jobs: list[Job], ledger: Ledger, emit: Emit) -> Callable[[], Sequence[Job]]:
        """Return what finds recordings that have arrived, and adds their jobs to the others."""

        def plan(source: Source) -> Job:
            (job,) = plan_jobs([source], self.outputs, self.destination, single=False, ledger=ledger)
            return job

        find = partial(self.inputs.find, None, lambda _: None)
        arriving = ArrivingJobs(Arrivals(find, self.settle_s or 0), plan, emit)

        def take() -> Sequence[Job]:
            found = arriving.take()
            jobs.extend(found)
            return found

        return take

    def _events(
        self, jobs: Sequence[Job], engine: Engine, budget: Budget, display: Display, output: StandardOutput
    ) -> contextlib.AbstractContextManager[tuple[Emit, Callable[[int], int]]]:
        """Have events shown, and written if that is wanted; return what takes them, and at last the exit code."""
        if self.events is None:
            return contextlib.nullcontext((display.emit, int))
        from anyscribe.cli.event_output import open_events  # noqa: PLC0415 - few runs need it

        return open_events(
            self.events,
            jobs,
            self.outputs,
            is_stdout_taken=self.destination.output == STDOUT or any(job.stdout_format for job in jobs),
            engine=engine,
            model=self.request.model,
            budget=budget,
            display=display,
            output=output,
        )

    @contextlib.contextmanager
    def _watched(self, store: Store | None, display: Display, emit: Emit) -> Iterator[Emit]:
        """Yield what takes the events; on a server, also for the last day of the model."""
        if store is None or not isinstance(self.place, Server) or self.request.model is None or self.quiet:
            yield emit
            return
        from anyscribe.cli.model_dates import ModelDates  # noqa: PLC0415 - loads SQLite

        dates = ModelDates(self.place, self.request.model, self.network, store, display)
        with dates.watching(emit) as watched:
            yield watched

    def _display(self, jobs: Sequence[Job], output: StandardOutput) -> Display:
        invocation = self.invocation
        options = DisplayOptions(
            quiet=self.quiet,
            strict=self.strict,
            verbosity=invocation.verbosity,
            is_colored=color_choice(invocation.environ),
            can_erase=can_erase(invocation.environ),
            shows_progress=shows_progress(invocation.environ),
            name_of=name_of,
        )
        return Display(
            invocation.stderr,
            options,
            jobs=None if self.settle_s is not None else jobs,
            live_text=self._live_text(jobs, output),
        )

    def _live_text(self, jobs: Sequence[Job], output: StandardOutput) -> LiveText | None:
        """Have text shown while it comes, if it is streamed and there is a place to show it."""
        if not self.request.stream:
            return None
        from anyscribe.terminal.live_text import choose_live_text  # noqa: PLC0415 - few runs need it

        invocation = self.invocation
        return choose_live_text(jobs, output, invocation.stderr, quiet=self.quiet, environ=invocation.environ)

    def _ledger(self, engine: Engine, store: Store | None, plan: Plan) -> Ledger:
        """Return what knows which files were written by this program, and how."""
        if store is None or engine.address is None:
            return Ledger(store, is_checked=plan.is_checked)
        from anyscribe.recording.answers import question_digest  # noqa: PLC0415 - loads SQLite

        # What is told of how a result was made does not decide what it says, and its date is always another one.
        looks = replace(self._render_options(), metadata=NO_METADATA)
        told = "" if self.provenance or not any(output.has_remarks for output in self.outputs) else " nothing told"
        rendering = f"{looks} {self.options.align} {self.options.channels} {self.options.track}{told}"
        if self.options.speakers != SpeakerOptions():
            rendering = f"{rendering} {self.options.speakers}"
        repaired = f"{rendering} repaired"
        # A result that was repaired stays when no repair is asked for.
        renderings = (repaired,) if self.options.repairs else (rendering, repaired)
        question = partial(question_digest, engine.address, plan)
        return Ledger(store, question, renderings, is_checked=plan.is_checked)

    def _render_options(self) -> RenderOptions:
        options = self.options
        return RenderOptions(
            options.cues,
            self.request.timestamp_granularities,
            Metadata(provenance=self._made()),
            keeps_cues=options.keeps_cues,
            # What is streamed cannot be divided later, and a text that one has is divided already.
            has_paragraphs=not self.request.stream and not isinstance(self.place, KnownText),
            embeds_sound=self.destination.embeds_sound,
        )

    def _made(self) -> Provenance | None:
        """Return how documents are made; None if that is not to be told, or nowhere."""
        if self.provenance is None or not any(output.has_remarks for output in self.outputs):
            return None
        from anyscribe.cli.provenance import made_by  # noqa: PLC0415 - few formats have room for remarks

        model, server = made_by(self.place, self.request)
        return replace(self.provenance, model=model, server=server)

    @contextlib.contextmanager
    def _spooled(self, sources: Sequence[Source], emit: Emit) -> Iterator[Mapping[Source, Future[Path]]]:
        """Copy standard input and pipes to files, all at a time: one program may write to several of them."""
        streams = [source for source in sources if source.stream and not source.error]
        stdin = self.invocation.stdin
        if any(source.is_stdin for source in streams) and (stdin is None or stdin.isatty()):
            state = "closed" if stdin is None else "a terminal"
            remedy = Sentence("pipe a recording into {}", Option("standard_input"))
            raise UsageError(f"standard input (-) is {state}", remedy=remedy)
        with contextlib.ExitStack() as files:
            scratch = self.invocation.open_scratch()

            def keep(source: Source) -> Path:
                if source.is_stdin:
                    assert stdin is not None  # noqa: S101 - looked at above
                    return files.enter_context(spool(stdin.buffer, scratch))
                with _opened(source, emit) as pipe:
                    return files.enter_context(spool(pipe, scratch, name=source.filename or "pipe", subject="it"))

            executor = files.enter_context(open_threads(max(len(streams), 1)))
            spooled = {source: executor.submit(keep, source) for source in streams}
            for source in streams:
                if source.is_stdin:
                    # If it cannot be read, nothing else is begun.
                    spooled[source].result()
            yield spooled


@contextlib.contextmanager
def _opened(source: Source, emit: Emit) -> Iterator[BinaryIO]:
    """Open a pipe, which takes until another program opens it for writing; tell the user if that takes long."""
    waiting = Notice(f"{source.shown}: waiting: nothing writes to this pipe yet")
    timer = threading.Timer(_PATIENCE_S, emit, [waiting])
    timer.daemon = True
    timer.start()
    try:
        pipe = Path(source.stream).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise unreadable(error) from error
    finally:
        timer.cancel()
    with pipe:
        yield pipe


def _tell_passed_over(paths: Sequence[Location], emit: Emit) -> None:
    """Count the files of folders that are no recordings; name them if details are wanted."""
    if not paths:
        return
    count = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
    message = Sentence("{} passed over, without a recording's extension; {} names them", count, Option("verbose"))
    emit(Notice(message))
    for path in paths:
        emit(Trace(Sentence("{}: passed over", str(path))))
