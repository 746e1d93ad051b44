"""Where text is shown while it comes depends on where the results go, and on what is a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from anyscribe.batch.inputs import Source
from anyscribe.batch.outputs import Job
from anyscribe.errors import OutputError
from anyscribe.request import ResponseFormat
from anyscribe.terminal import StandardOutput
from anyscribe.terminal.hearing import choose_hearing

TO_STDOUT = Job(Source(Path("a.mp3"), Path("a.mp3")), {ResponseFormat.TEXT: None})
TO_FILE = Job(Source(Path("a.mp3"), Path("a.mp3")), {ResponseFormat.TEXT: Path("a.txt")})


def pipe() -> io.TextIOWrapper:
    """Give a stream that is no terminal."""
    return io.TextIOWrapper(io.BytesIO())


@pytest.mark.parametrize("body", [b"", b" as it\r\nis", b"\xff"])
def test_result_of_which_nothing_was_told(body: bytes):
    """A result that comes whole is left to be written as it is, to the byte."""
    hearing = choose_hearing([TO_STDOUT], StandardOutput(pipe()), None, quiet=False, environ={})
    assert hearing is not None
    hearing.hear(TO_STDOUT, " \n")
    hearing.finish(TO_STDOUT)
    assert hearing.result(body) == body


def test_result_that_was_told():
    """A result that was told has been written, its last line feed too, and nothing is left."""
    stream = pipe()
    hearing = choose_hearing([TO_STDOUT], StandardOutput(stream), None, quiet=True, environ={})
    assert hearing is not None
    hearing.hear(TO_STDOUT, " caf\u00e9 \ud800")
    assert hearing.result("caf\u00e9 ?\n".encode()) == b""
    hearing.close()
    assert stream.buffer.getvalue() == "caf\u00e9 ?\n".encode()  # type: ignore[attr-defined] # it is a BytesIO


def test_closed_standard_output():
    """Where standard output is closed, the first word says so."""
    hearing = choose_hearing([TO_STDOUT], StandardOutput(None), None, quiet=False, environ={})
    assert hearing is not None
    with pytest.raises(OutputError, match="standard output is closed"):
        hearing.hear(TO_STDOUT, "text")


@pytest.mark.parametrize("jobs", [[TO_FILE], [TO_STDOUT, TO_STDOUT], [TO_FILE, TO_FILE]])
def test_nowhere(jobs: list[Job]):
    """With no terminal to be seen, and results that are written when they are whole, nobody hears."""
    assert choose_hearing(jobs, StandardOutput(pipe()), pipe(), quiet=False, environ={}) is None
    assert choose_hearing(jobs, StandardOutput(pipe()), None, quiet=False, environ={}) is None
