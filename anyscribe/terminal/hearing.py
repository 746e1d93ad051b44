"""Where the text of recordings is shown while it comes: as the result itself, or beside the results."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from anyscribe.errors import OutputError
from anyscribe.request import ResponseFormat
from anyscribe.terminal.live import LiveRegion
from anyscribe.terminal.streamed import StreamedText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from anyscribe.batch.outputs import Job
    from anyscribe.terminal.output import StandardOutput

_WITHOUT_A_CURSOR: Final = frozenset({"dumb", "unknown"})


class Hearing(Protocol):
    """Takes the text of recordings as it comes; from any thread, for one recording from one at a time."""

    def hear(self, job: Job, delta: str) -> None:
        """Take the next piece of a recording's text.

        Raises:
            ClosedPipeError: The reader of standard output has gone.
            OutputError: Standard output cannot be written.
        """

    def finish(self, job: Job) -> None:
        """Take note that a recording's whole text has come; its result may be written later."""

    def give_up(self, job: Job) -> None:
        """Let stand what has come of a recording of which no more will come."""

    def result(self, body: bytes) -> bytes:
        """Take a result for standard output.

        Args:
            body: All of it, in UTF-8.

        Returns:
            What of it is still to be written; nothing where all has been shown.

        Raises:
            ClosedPipeError: The reader of standard output has gone.
            OutputError: Standard output cannot be written, or holds something else already.
        """

    def cleared(self) -> AbstractContextManager[None]:
        """Make room on the terminal for something else, written while the context lasts."""

    def close(self) -> None:
        """Let stand what has come of all recordings; nothing is shown any more."""


def choose_hearing(
    jobs: Sequence[Job], output: StandardOutput, error: TextIO | None, *, quiet: bool, environ: Mapping[str, str]
) -> Hearing | None:
    """Decide where text is shown while it comes.

    Args:
        jobs: The recordings and where their results go.
        output: Standard output.
        error: Standard error; None where it is closed.
        quiet: Whether standard error shall hold nothing but errors.
        environ: The environment, which tells what the terminal can do.

    Returns:
        Who shows it; None where there is no place for it.
    """
    is_able = environ.get("TERM", "").lower() not in _WITHOUT_A_CURSOR
    if len(jobs) == 1 and jobs[0].targets == {ResponseFormat.TEXT: None}:
        return _Result(output, LiveRegion(output.stream) if output.stream and output.is_terminal and is_able else None)
    if quiet or error is None or not error.isatty() or not is_able:
        return None
    # A text that standard output will show on a terminal is not to stand there twice.
    is_shown_later = output.is_terminal and any(None in job.targets.values() for job in jobs)
    return _Preview(LiveRegion(error, is_kept=not is_shown_later), is_named=len(jobs) > 1)


class _Result:
    """The text of the only recording, on standard output.

    Args:
        output: Where it goes.
        region: Standard output's terminal; None where it is none, or one that can only be written to.
    """

    def __init__(self, output: StandardOutput, region: LiveRegion | None) -> None:
        self._output = output
        self._region = region
        self._text = StreamedText()

    def hear(self, job: Job, delta: str) -> None:  # noqa: ARG002 - there is only one
        self._write(self._text.feed(_encodable(delta)))

    def finish(self, job: Job) -> None:
        pass  # the result follows

    def give_up(self, job: Job) -> None:  # noqa: ARG002 - as above
        self._leave()

    def result(self, body: bytes) -> bytes:
        if not self._text.is_begun:
            return body
        try:
            rest = self._text.finish(body.decode("utf-8", "replace"))
        except BaseException:
            self._leave()
            raise
        if self._region is None:
            self._write(rest)
        else:
            self._write(rest.rstrip())
            self._end()
        return b""

    def cleared(self) -> AbstractContextManager[None]:
        return self._region.cleared() if self._region is not None else contextlib.nullcontext()

    def close(self) -> None:
        if self._region is not None:
            self._region.close()

    def _write(self, text: str) -> None:
        if not text:
            return
        if self._region is None:
            self._output.write_on(text)
        else:
            with self._output.translated():
                self._region.feed(self, text)

    def _end(self) -> None:
        if self._region is not None:
            with self._output.translated():
                self._region.end(self)

    def _leave(self) -> None:
        """End the line on a terminal; a pipe has what it has."""
        # Where it cannot be written, that is known, or not worth a word beside what has happened.
        with contextlib.suppress(OutputError):
            if self._region is not None:
                self._end()
            elif self._output.is_terminal and self._text.is_begun:
                self._output.write_on("\n")


class _Preview:
    """The texts of recordings whose results go elsewhere, on standard error.

    Args:
        region: Standard error's terminal.
        is_named: Whether each line says whose it is.
    """

    def __init__(self, region: LiveRegion, *, is_named: bool) -> None:
        self._region = region
        self._is_named = is_named
        self._texts: dict[Job, StreamedText] = {}

    def hear(self, job: Job, delta: str) -> None:
        piece = self._texts.setdefault(job, StreamedText()).feed(delta)
        if piece:
            # Who cannot be shown it gets the results all the same.
            with contextlib.suppress(OSError):
                self._region.feed(job, piece, name=job.source.shown if self._is_named else "")

    def finish(self, job: Job) -> None:
        self._texts.pop(job, None)
        with contextlib.suppress(OSError):
            self._region.end(job)

    def give_up(self, job: Job) -> None:
        self.finish(job)

    def result(self, body: bytes) -> bytes:
        return body

    def cleared(self) -> AbstractContextManager[None]:
        return self._region.cleared()

    def close(self) -> None:
        self._region.close()


def _encodable(text: str) -> str:
    """Put a stand-in for what no stream can write, as it is put into the result."""
    return text.encode("utf-8", "replace").decode()
