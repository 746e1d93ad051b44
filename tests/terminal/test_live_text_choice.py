"""The place of live text depends on where the results go, and on which streams are terminals."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from anyscribe.batch.inputs import Source
from anyscribe.batch.outputs import Job
from anyscribe.errors import OutputError
from anyscribe.formats import TEXT
from anyscribe.terminal.live_text import choose_live_text
from anyscribe.terminal.output import StandardOutput

TO_STDOUT = Job(Source(Path("a.mp3"), Path("a.mp3")), {TEXT: None})
TO_FILE = Job(Source(Path("a.mp3"), Path("a.mp3")), {TEXT: Path("a.txt")})


def pipe() -> io.TextIOWrapper:
    """Return a stream that is not a terminal."""
    return io.TextIOWrapper(io.BytesIO())


@pytest.mark.parametrize("body", [b"", b" as it\r\nis", b"\xff"])
def test_result_of_which_nothing_was_told(body: bytes):
    """A result without live text remains to be written unchanged, byte for byte."""
    live_text = choose_live_text([TO_STDOUT], StandardOutput(pipe()), None, quiet=False, environ={})
    assert live_text is not None
    live_text.add(TO_STDOUT, " \n")
    live_text.finish(TO_STDOUT)
    assert live_text.result(body) == body


def test_result_that_was_told():
    """A result that came as live text has been written, including its last line feed, and nothing remains."""
    stream = pipe()
    live_text = choose_live_text([TO_STDOUT], StandardOutput(stream), None, quiet=True, environ={})
    assert live_text is not None
    live_text.add(TO_STDOUT, " caf\u00e9 \ud800")
    assert live_text.result("caf\u00e9 ?\n".encode()) == b""
    live_text.close()
    assert stream.buffer.getvalue() == "caf\u00e9 ?\n".encode()  # type: ignore[attr-defined] # it is a BytesIO


def test_closed_standard_output():
    """If standard output is closed, the first word raises an error."""
    live_text = choose_live_text([TO_STDOUT], StandardOutput(None), None, quiet=False, environ={})
    assert live_text is not None
    with pytest.raises(OutputError, match="standard output is closed"):
        live_text.add(TO_STDOUT, "text")


@pytest.mark.parametrize("jobs", [[TO_FILE], [TO_STDOUT, TO_STDOUT], [TO_FILE, TO_FILE]])
def test_nowhere(jobs: list[Job]):
    """Without a terminal, and with results that are written whole, there is no live text."""
    assert choose_live_text(jobs, StandardOutput(pipe()), pipe(), quiet=False, environ={}) is None
    assert choose_live_text(jobs, StandardOutput(pipe()), None, quiet=False, environ={}) is None
