"""One run of the program: what the process gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyscribe.scratch import Scratch


COMPLETION_VARIABLE: Final = "_ANYSCRIBE_COMPLETE"
"""Set by a shell that asks for completions."""


@dataclass
class Invocation:
    """One run of the program.

    Args:
        stdin: Standard input; None if it is closed. So for the others.
        stdout: Standard output.
        stderr: Standard error.
        environ: The environment.
        verbosity: How often ``--verbose`` was given, as soon as that is known; from 2, errors show their traceback.
        is_ending: Whether the process is ending, so that what breaks off is not news.
        scratch: Where temporary files are kept; None until some are needed.
    """

    stdin: TextIO | None
    stdout: TextIO | None
    stderr: TextIO | None
    environ: Mapping[str, str]
    verbosity: int = 0
    is_ending: bool = False
    scratch: Scratch | None = None

    def open_scratch(self) -> Scratch:
        """Return where temporary files are kept; the caller closes it."""
        if self.scratch is None:
            from anyscribe.scratch import Scratch  # noqa: PLC0415 - not every command needs it

            self.scratch = Scratch()
        return self.scratch
