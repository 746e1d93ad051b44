"""What every failure of the program looks like: one line that says what happened, and no traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from programs import Run

ERROR = "anyscribe: error: "


def error_lines(run: Run) -> list[str]:
    """Give what the error lines of a run say; nothing of it may be a traceback or a raw control character."""
    assert "Traceback" not in run.err
    assert not [mark for mark in run.err if mark < " " and mark != "\n"]
    assert "defect" not in run.err
    return [line.removeprefix(ERROR) for line in run.err_lines if line.startswith(ERROR)]


def the_error(run: Run, code: int) -> str:
    """Give what the only error line of a run says that ended with this code and wrote no result."""
    assert (run.code, run.out) == (code, b""), run.err
    (line,) = error_lines(run)
    return line
