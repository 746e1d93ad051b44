"""The events of a run for other programs, besides what is shown: checked, opened, and told how the run ended."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anyscribe.batch.event_lines import EventLines
from anyscribe.batch.line_writer import LineWriter, open_for_lines
from anyscribe.batch.outputs import STDOUT, check_apart
from anyscribe.cli.exit_codes import code_of
from anyscribe.cli.messages import name_of
from anyscribe.errors import AnyscribeError, OutputError, UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anyscribe.batch.outputs import Job
    from anyscribe.engines import Engine
    from anyscribe.events import Emit, Event
    from anyscribe.formats import OutputFormat
    from anyscribe.recording.budget import Budget
    from anyscribe.terminal.display import Display
    from anyscribe.terminal.output import StandardOutput

_LONGEST_S: Final = 1.0
"""A run that is ending early waits no longer for a slow reader."""

_ROUTE: Final = "/audio/transcriptions"


@contextlib.contextmanager
def open_events(  # noqa: PLR0913 - what a run is, and where it is shown
    where: str,
    jobs: Sequence[Job],
    outputs: Sequence[OutputFormat],
    *,
    is_stdout_taken: bool,
    engine: Engine,
    model: str | None,
    budget: Budget,
    display: Display,
    output: StandardOutput,
) -> Iterator[tuple[Emit, Callable[[int], int]]]:
    """Write events for as long as the run lasts, and at last how it ended.

    Args:
        where: A file, or ``-`` for standard output.
        jobs: The recordings.
        outputs: The formats.
        is_stdout_taken: Whether transcripts go to standard output.
        engine: Where it is transcribed.
        model: What is asked for; None for the engine's own choice.
        budget: Knows what was asked about.
        display: Shows the events too.
        output: Standard output.

    Yields:
        What takes each event, for there and for the display; and what takes and returns the exit code of a run that has
        come to its end.

    Raises:
        UsageError: Something else is there, or goes there.
        OutputError: The file cannot be written.
    """
    _check(where, jobs, is_stdout_taken=is_stdout_taken)
    writer = _writer(where, display, output)
    lines = EventLines(jobs, writer.put, name_of=name_of, code_of=code_of)
    lines.begin(_place_of(engine), model, [wanted.name for wanted in outputs])

    def emit(event: Event) -> None:
        lines.emit(event)
        display.emit(event)

    def end(code: int, error: AnyscribeError | None = None) -> int:
        lines.end(code, asked_ms=budget.asked_ms, cost=budget.cost, error=error)
        return code

    try:
        yield emit, end
    except BaseException as error:
        end(code_of(error), error if isinstance(error, AnyscribeError) else None)
        writer.close(_LONGEST_S)
        raise
    writer.close()


def _check(where: str, jobs: Sequence[Job], *, is_stdout_taken: bool) -> None:
    if where != STDOUT:
        check_apart(Path(where), jobs, Option("events", "FILE"))
    elif is_stdout_taken:
        message = Sentence("{} and transcripts would both go to standard output", Option("events", STDOUT))
        places = Option("output", "FILE"), Option("output_dir", "DIR"), Option("events", "FILE")
        remedy = Sentence("write transcripts to {} or {}, or events to {}", *places)
        raise UsageError(message, remedy=remedy)


def _writer(where: str, display: Display, output: StandardOutput) -> LineWriter:
    def tell(why: str) -> None:
        display.notice(f"events can no longer be written ({why})")

    def write_line(line: bytes) -> None:
        with display.aside() if output.is_terminal else contextlib.nullcontext():
            output.write(line)

    if where == STDOUT:
        if output.stream is None:
            raise OutputError(
                "standard output is closed", remedy=Sentence("{} writes to a file", Option("events", "FILE"))
            )
        return LineWriter(write_line, lambda: None, tell)
    file = open_for_lines(Path(where))

    def write_flushed(line: bytes) -> None:
        file.write(line)
        file.flush()

    return LineWriter(write_flushed, file.close, tell)


def _place_of(engine: Engine) -> str:
    """Return the server's address without a query, which may hold a key."""
    if engine.address is None:
        return "local"
    parts = urlsplit(engine.address)
    return parts._replace(path=parts.path.removesuffix(_ROUTE), query="").geturl()
