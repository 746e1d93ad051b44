"""Put the rooms together for one run of the main command: an engine, the inputs, the batch, the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from anyscribe.audio import spool
from anyscribe.batch.inputs import find_sources, is_single
from anyscribe.batch.outputs import plan_jobs
from anyscribe.batch.run import run_jobs
from anyscribe.cli.exit_codes import code_of_run
from anyscribe.cli.values import FLAGS
from anyscribe.config import DEFAULT_MODEL, Local, Origin, Server, choose_place, usable_cores
from anyscribe.errors import ClosedPipeError, OutputError, UsageError
from anyscribe.recording import Crew, RecordingOptions, Transcriber
from anyscribe.request import TranscriptionRequest
from anyscribe.subtitles import profile_with
from anyscribe.terminal import Display, StandardOutput
from anyscribe.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from anyscribe.batch.inputs import Source
    from anyscribe.batch.outputs import Job
    from anyscribe.batch.run import Report
    from anyscribe.cli.settings import Settings
    from anyscribe.engines import Engine
    from anyscribe.events import Emit
    from anyscribe.recording import Delivery
    from anyscribe.terminal.hearing import Hearing

_JOBS_ON_SERVER: Final = 4
_JOBS_HERE: Final = 1


def run(settings: Settings) -> int:
    """Transcribe what the settings name.

    Args:
        settings: What the user wants.

    Returns:
        The exit code; each failure has been shown.

    Raises:
        UsageError: What is wanted cannot be; nothing was read or sent.
        AnyscribeError: The run could not start.
    """
    place = choose_place(local=settings.local, base_url=settings.base_url, environ=os.environ)
    request = _request(settings, place)
    sources = find_sources(settings.inputs, recursive=settings.recursive)
    single = is_single(settings.inputs)
    jobs = plan_jobs(sources, settings.formats, settings.destination, single=single)
    if sys.stdout is None and any(None in job.targets.values() for job in jobs):
        raise OutputError("standard output is closed", hint="-o writes to a file")
    output = StandardOutput(sys.stdout)
    display = Display(
        sys.stderr,
        quiet=settings.quiet,
        strict=settings.strict,
        verbosity=settings.verbosity,
        total=len(jobs),
        hearing=_hearing(settings, jobs, output),
    )
    with contextlib.ExitStack() as stack:
        stack.callback(display.close)
        engine = stack.enter_context(_engine(settings, place))
        at_once = settings.jobs or (_JOBS_HERE if isinstance(place, Local) else _JOBS_ON_SERVER)
        crew = stack.enter_context(_crew(at_once))
        transcriber = Transcriber(engine, request, settings.formats, _options(settings), crew)
        for field in transcriber.check():
            display.notice(f"the built-in engine has no use for {FLAGS.get(field, f'--field {field}')}")
        if isinstance(place, Local) and place.notice:
            display.notice(place.notice)
        stdin = stack.enter_context(_spooled_stdin(sources))

        def transcribe(source: Source, emit: Emit) -> Delivery:
            if stdin is not None and source.is_stdin:
                return transcriber.transcribe(stdin, emit, name="")
            return transcriber.transcribe(source.path, emit)

        executor = stack.enter_context(_threads(at_once))
        try:
            report = _run_shown(jobs, transcribe, executor, display, output)
        except ClosedPipeError:
            raise
        except BaseException:
            transcriber.tell_kept()
            raise
        return code_of_run(report, strict=settings.strict)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[Executor]:
    """Run threads; on Ctrl-C nobody waits for what is under way: the process ends, see `anyscribe.cli.main`."""
    executor = ThreadPoolExecutor(count)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextlib.contextmanager
def _crew(at_once: int) -> Iterator[Crew]:
    """Hold ready who helps with a recording; no thread and no process is started before there is work for it."""
    cores = usable_cores()
    with worker_pool(cores) as listening, _threads(cores) as hearing, _threads(at_once) as asking:
        yield Crew(asking, at_once, hearing, listening)


def _options(settings: Settings) -> RecordingOptions:
    set_by_user = (settings.max_line_chars, settings.max_lines, settings.max_cue_ms, settings.max_cps)
    return RecordingOptions(
        upload=settings.upload,
        max_body_bytes=settings.max_body_bytes,
        max_ms=settings.max_ms,
        align=settings.align,
        is_checked=settings.check,
        cues=profile_with(
            max_line_chars=settings.max_line_chars,
            max_lines=settings.max_lines,
            max_cue_ms=settings.max_cue_ms,
            max_cps=settings.max_cps,
        ),
        are_cues_own=any(limit is not None for limit in set_by_user),
    )


def _run_shown(
    jobs: Sequence[Job],
    transcribe: Callable[[Source, Emit], Delivery],
    executor: Executor,
    display: Display,
    output: StandardOutput,
) -> Report:
    """Do the jobs before the user's eyes, and say in the end what became of them."""

    def write_stdout(body: bytes) -> None:
        rest = display.result(body)
        with display.aside():
            output.write(rest)

    try:
        report = run_jobs(jobs, transcribe, executor=executor, write_stdout=write_stdout, emit=display.emit)
    except KeyboardInterrupt:
        display.close()
        display.notice("interrupted" if len(jobs) == 1 else "interrupted; what was finished is kept")
        raise
    display.close()
    _summarise(report, len(jobs), display)
    return report


def _hearing(settings: Settings, jobs: Sequence[Job], output: StandardOutput) -> Hearing | None:
    """Have text shown while it comes, where a stream of it is asked for and there is a place to show it."""
    if not settings.stream:
        return None
    from anyscribe.terminal.hearing import choose_hearing  # noqa: PLC0415 - it takes its time, and few runs need it

    return choose_hearing(jobs, output, sys.stderr, quiet=settings.quiet, environ=os.environ)


def _request(settings: Settings, place: Server | Local) -> TranscriptionRequest:
    model = settings.model.value
    if isinstance(place, Server):
        model = model or DEFAULT_MODEL
    elif settings.model.origin is Origin.ENVIRONMENT:
        # It names the model that is usually asked for, on a server.
        model = None
    if isinstance(place, Local) and place.notice and model is None:
        from anyscribe.engines.local import model_at_hand  # noqa: PLC0415 - only one engine is loaded

        model = model_at_hand()
    return TranscriptionRequest(
        response_format=settings.formats[0],
        model=model,
        language=settings.language,
        prompt=settings.prompt,
        temperature=settings.temperature,
        timestamp_granularities=settings.timestamp_granularities,
        include=settings.include,
        stream=settings.stream,
        fields=settings.fields,
    )


@contextlib.contextmanager
def _engine(settings: Settings, place: Server | Local) -> Iterator[Engine]:
    if isinstance(place, Server):
        from anyscribe.engines.api import Endpoint, RemoteEngine  # noqa: PLC0415 - only one engine is loaded

        endpoint = Endpoint(place.base_url, place.key, place.key_name, settings.insecure_http)
        yield RemoteEngine(
            endpoint,
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            retries=settings.retries,
        )
    else:
        from anyscribe.engines.local import local_engine  # noqa: PLC0415 - as above

        with local_engine(usable_cores()) as engine:
            yield engine


@contextlib.contextmanager
def _spooled_stdin(sources: list[Source]) -> Iterator[Path | None]:
    """Keep standard input in a file for as long as it is needed, if it is an input at all."""
    if not any(source.is_stdin for source in sources):
        yield None
        return
    if sys.stdin is None or sys.stdin.isatty():
        state = "closed" if sys.stdin is None else "a terminal"
        raise UsageError(f"standard input (-) is {state}", hint="pipe a recording in: anyscribe - < FILE")
    with spool(sys.stdin.buffer) as path:
        yield path


def _summarise(report: Report, total: int, display: Display) -> None:
    """Close a batch with what became of it; each failure was shown when it happened, and is named again."""
    if total == 1:
        return
    display.notice(f"{len(report.done)} of {total} done" + (f", {len(report.failed)} failed" if report.failed else ""))
    for job, error in report.failed:
        display.line(f"failed: {job.source.shown}: {error.message}")
    if report.untried:
        display.line(f"not tried for the same reason: {len(report.untried)}")
