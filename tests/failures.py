"""Checks of failed runs: one line that states the problem, and no traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from programs import Run

ERROR = "anyscribe: error: "


def error_lines(run: Run) -> list[str]:
    """Return the messages of a run's error lines; standard error must hold no traceback or raw control character."""
    assert "Traceback" not in run.err
    assert not [mark for mark in run.err if mark < " " and mark != "\n"]
    assert "defect" not in run.err
    return [line.removeprefix(ERROR) for line in run.err_lines if line.startswith(ERROR)]


def the_error(run: Run, code: int) -> str:
    """Return the only error message of a run that ended with this exit code and wrote no result."""
    assert (run.code, run.out) == (code, b""), run.err
    (line,) = error_lines(run)
    return line
