"""Results on standard output: whether they can go there, and how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.errors import OutputError
from anyscribe.formats import TEXT, TIMED_TEXT
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

    from anyscribe.batch.outputs import Job
    from anyscribe.terminal.display import Display
    from anyscribe.terminal.output import StandardOutput


def check_stdout(jobs: Iterable[Job], stdout: TextIO | None) -> None:
    """Find out before anything is read whether results can go to standard output.

    Args:
        jobs: What is done, and where results go.
        stdout: Standard output; None if it is closed.

    Raises:
        OutputError: It is closed, or it is a terminal and a result is no text.
    """
    wanted = [job.stdout_format for job in jobs if job.stdout_format is not None]
    remedy = Sentence("{} writes to a file", Option("output"))
    if wanted and stdout is None:
        raise OutputError("standard output is closed", remedy=remedy)
    binary = next((known for known in wanted if not known.is_text), None)
    if binary is not None and stdout is not None and stdout.isatty():
        raise OutputError(f"{binary} is no text, and standard output is a terminal", remedy=remedy)


def stdout_writer(display: Display, output: StandardOutput, *, has_headings: bool) -> Callable[[Job, bytes], None]:
    """Return what writes a result to standard output.

    Args:
        display: What is shown beside it.
        output: Standard output.
        has_headings: Whether several texts get headings; programs that read other formats know none.
    """

    def write(job: Job, body: bytes) -> None:
        rest = display.result(body)
        is_headed = has_headings and job.stdout_format in (TEXT, TIMED_TEXT)
        with display.aside(is_shared=output.is_terminal):
            output.write(rest, heading=job.source.shown if is_headed else "")

    return write
