"""One run of the main command: the rooms put together, and how it ends."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from anyscribe.audio import spool, unreadable
from anyscribe.batch.inputs import find_sources, is_single
from anyscribe.batch.job_runner import JobSteps, Report, run_jobs
from anyscribe.batch.ledger import Ledger
from anyscribe.batch.outputs import plan_jobs
from anyscribe.cli.exit_codes import code_of_run
from anyscribe.cli.forecasts import show_forecast
from anyscribe.cli.messages import name_of
from anyscribe.config import Server
from anyscribe.errors import OutputError, UsageError
from anyscribe.events import Trace
from anyscribe.recording.budget import Budget
from anyscribe.recording.plan import make_plan
from anyscribe.recording.transcriber import Transcriber
from anyscribe.rendering import RenderOptions
from anyscribe.sentence import Field, Option, Sentence
from anyscribe.session import default_jobs, open_engine, open_resources, open_store, open_threads
from anyscribe.stopping import INTERRUPTIONS, Stop
from anyscribe.terminal.capability import can_erase
from anyscribe.terminal.colors import color_choice
from anyscribe.terminal.display import Display, DisplayOptions
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from anyscribe.batch.inputs import Source
    from anyscribe.batch.outputs import Destination, Job
    from anyscribe.cli.invocation import Invocation
    from anyscribe.config import Place
    from anyscribe.engines import Engine
    from anyscribe.formats import OutputFormat
    from anyscribe.recording.budget import Limits
    from anyscribe.recording.options import RecordingOptions
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
        inputs: Files, folders, globs and ``-``, as typed.
        is_recursive: Whether subfolders are searched too.
        outputs: The formats.
        destination: Where results are written.
        jobs: How many requests are made at a time; None for the place's usual number.
        grace_s: How long answers that are under way are waited for if the run is interrupted, in seconds.
        limits: How much may be asked about.
        is_dry: Whether it is only said what would be done.
        store: The file that keeps what was paid for; True for the usual one, False for none.
        quiet: Whether only errors are shown.
        strict: Whether a transcript that looks incomplete counts as a failure.
        invocation: What the process gives the run.
    """

    place: Place
    request: TranscriptionRequest
    options: RecordingOptions
    network: Network
    inputs: tuple[str, ...]
    is_recursive: bool
    outputs: tuple[OutputFormat, ...]
    destination: Destination
    jobs: int | None
    grace_s: float
    limits: Limits
    is_dry: bool
    store: Path | bool
    quiet: bool
    strict: bool
    invocation: Invocation

    def run(self) -> int:
        """Transcribe.

        Returns:
            The exit code; each failure has been shown.

        Raises:
            UsageError: What is wanted is impossible; nothing was read or sent.
            AnyscribeError: The run could not start.
        """
        passed_over: list[Path] = []
        sources = find_sources(self.inputs, recursive=self.is_recursive, pass_over=passed_over.append)
        invocation = self.invocation
        stop = Stop()
        told: list[str] = []
        at_once = self.jobs or default_jobs(self.place)
        with contextlib.ExitStack() as stack:
            engine = stack.enter_context(open_engine(self.place, self.network, at_once, stop))
            store = stack.enter_context(open_store(self.place, self.store, told.append))
            ledger = self._ledger(engine, store)
            jobs = plan_jobs(sources, self.outputs, self.destination, single=is_single(self.inputs), ledger=ledger)
            if invocation.stdout is None and any(job.stdout_format for job in jobs):
                remedy = Sentence("{} writes to a file", Option("output"))
                raise OutputError("standard output is closed", remedy=remedy)
            output = StandardOutput(invocation.stdout)
            display = self._display(jobs, output)
            stack.callback(display.close)
            for line in told:
                display.notice(line)
            budget = Budget(self.limits)
            resources = stack.enter_context(
                open_resources(at_once, invocation.open_scratch(), store=store, stop=stop, budget=budget)
            )
            plan = make_plan(self.request, self.outputs, engine.capabilities(self.request), self.options, can_time=True)
            transcriber = Transcriber(engine, plan, self.options, resources)
            for field in transcriber.check():
                display.notice(Sentence("the built-in engine ignores {}", Field(field)))
            if self.place.notice:
                display.notice(self.place.notice)
            _tell_passed_over(passed_over, display)
            if self.is_dry:
                return show_forecast(jobs, transcriber, self.limits, output)
            spooled = stack.enter_context(self._spooled(sources, display))
            executor = stack.enter_context(open_threads(at_once))

            def write_stdout(body: bytes) -> None:
                rest = display.result(body)
                with display.aside(is_shared=output.is_terminal):
                    output.write(rest)

            # A stream is shown as it comes: who interrupts it has seen enough.
            is_waited_for = isinstance(self.place, Server) and not (self.request.stream and len(jobs) == 1)
            steps = JobSteps(
                transcriber,
                plan.outputs,
                self._render_options(),
                write_stdout,
                spooled,
                ledger,
                stop,
                self.grace_s if is_waited_for else 0,
                tries_twice=len(jobs) > 1 and self.network.retries > 0,
            )
            report = _run_shown(jobs, steps, executor, display)
            return code_of_run(report, strict=self.strict)

    def _display(self, jobs: Sequence[Job], output: StandardOutput) -> Display:
        invocation = self.invocation
        options = DisplayOptions(
            quiet=self.quiet,
            strict=self.strict,
            verbosity=invocation.verbosity,
            is_colored=color_choice(invocation.environ),
            can_erase=can_erase(invocation.environ),
            name_of=name_of,
        )
        return Display(invocation.stderr, options, total=len(jobs), live_text=self._live_text(jobs, output))

    def _live_text(self, jobs: Sequence[Job], output: StandardOutput) -> LiveText | None:
        """Have text shown while it comes, if it is streamed and there is a place to show it."""
        if not self.request.stream:
            return None
        from anyscribe.terminal.live_text import choose_live_text  # noqa: PLC0415 - few runs need it

        invocation = self.invocation
        return choose_live_text(jobs, output, invocation.stderr, quiet=self.quiet, environ=invocation.environ)

    def _ledger(self, engine: Engine, store: Store | None) -> Ledger:
        """Return what knows which files were written by this program, and how."""
        if store is None or engine.address is None:
            return Ledger()
        from anyscribe.recording.answers import question_of  # noqa: PLC0415 - loads SQLite

        rendering = f"{self._render_options()} {self.options.align} {self.options.channels} {self.options.track}"
        repaired = f"{rendering} repaired"
        # A result that was repaired stays when no repair is asked for.
        renderings = (repaired,) if self.options.repairs else (rendering, repaired)
        return Ledger(store, question_of(engine.address, self.request).digest, renderings)

    def _render_options(self) -> RenderOptions:
        options = self.options
        return RenderOptions(options.cues, self.request.timestamp_granularities, keeps_cues=options.keeps_cues)

    @contextlib.contextmanager
    def _spooled(self, sources: Sequence[Source], display: Display) -> Iterator[Mapping[Source, Future[Path]]]:
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
                with _opened(source, display) as pipe:
                    return files.enter_context(spool(pipe, scratch, name=source.filename or "pipe", subject="it"))

            executor = files.enter_context(open_threads(max(len(streams), 1)))
            spooled = {source: executor.submit(keep, source) for source in streams}
            for source in streams:
                if source.is_stdin:
                    # If it cannot be read, nothing else is begun.
                    spooled[source].result()
            yield spooled


@contextlib.contextmanager
def _opened(source: Source, display: Display) -> Iterator[BinaryIO]:
    """Open a pipe, which takes until another program opens it for writing; tell the user if that takes long."""
    timer = threading.Timer(_PATIENCE_S, display.notice, ["waiting: nothing writes to this pipe yet", source.shown])
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


def _tell_passed_over(paths: Sequence[Path], display: Display) -> None:
    """Count the files of folders that are no recordings; name them if details are wanted."""
    if not paths:
        return
    count = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
    display.notice(Sentence("{} passed over, without a recording's extension; {} names them", count, Option("verbose")))
    for path in paths:
        display.emit(Trace(Sentence("{}: passed over", str(path))))


def _run_shown(jobs: Sequence[Job], steps: JobSteps, executor: Executor, display: Display) -> Report:
    """Run the jobs, and summarise how they ended."""
    report = Report()
    try:
        run_jobs(jobs, steps, executor=executor, emit=display.emit, report=report)
    except INTERRUPTIONS:
        display.close()
        left = len(jobs) - len(report.done) - len(report.there) - len(report.failed)
        counted = f": {_count(report)}, {left:,} left" if len(jobs) > 1 else ""
        kept = "; the same command goes on from there" if len(jobs) > 1 else ""
        display.notice(f"interrupted{counted}{kept}")
        raise
    display.close()
    _summarise(report, len(jobs), display)
    return report


def _summarise(report: Report, total: int, display: Display) -> None:
    """Say how a batch ended; each failure was shown when it happened, and is named again."""
    if total == 1:
        return
    display.notice(_count(report))
    for job, error in report.failed:
        display.line(f"failed: {job.source.shown}: {display.summary_of(error)}")
    if report.untried:
        display.line(f"not tried for the same reason: {len(report.untried)}")


def _count(report: Report) -> str:
    counts = {"done": len(report.done), "already there": len(report.there), "failed": len(report.failed)}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count or name == "done")
