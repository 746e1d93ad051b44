"""Show the text of recordings as it arrives: as the result itself, or in addition to the results."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol, TextIO

from anyscribe.errors import OutputError
from anyscribe.formats import TEXT
from anyscribe.sentence import Option, Sentence
from anyscribe.terminal.capability import can_erase
from anyscribe.terminal.live_region import LiveRegion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from anyscribe.batch.outputs import Job
    from anyscribe.terminal.output import StandardOutput


class LiveText(Protocol):
    """Receives the text of recordings as it arrives, from any thread, but from one at a time for each recording."""

    def add(self, job: Job, delta: str) -> None:
        """Add the next part of a recording's text.

        Raises:
            ClosedPipeError: The reader of standard output has closed it.
            OutputError: Standard output cannot be written.
        """

    def finish(self, job: Job) -> None:
        """Note that a recording's text is complete; its result may be written later."""

    def give_up(self, job: Job) -> None:
        """Note that a recording's text ends incomplete; the text so far stays."""

    def result(self, body: bytes) -> bytes:
        """Accept a result for standard output.

        Args:
            body: The whole result, in UTF-8.

        Returns:
            The part that is still to be written; empty if all has been shown.

        Raises:
            ClosedPipeError: The reader of standard output has closed it.
            OutputError: Standard output cannot be written, or already holds different text.
        """

    def cleared(self) -> AbstractContextManager[None]:
        """Return a context in which something else may be written to the terminal."""

    def close(self) -> None:
        """Show no further text; the text so far stays."""


def choose_live_text(
    jobs: Sequence[Job], output: StandardOutput, error: TextIO | None, *, quiet: bool, environ: Mapping[str, str]
) -> LiveText | None:
    """Decide where text is shown as it arrives.

    Args:
        jobs: The recordings, with the targets of their results.
        output: Standard output.
        error: Standard error; None if it is closed.
        quiet: Whether only errors are written to standard error.
        environ: The environment variables; TERM describes the terminal.

    Returns:
        The object that shows the text; None if it is not shown.
    """
    is_able = can_erase(environ)
    if len(jobs) == 1 and jobs[0].targets == {TEXT: None}:
        return _Result(output, LiveRegion(output.stream) if output.stream and output.is_terminal and is_able else None)
    if quiet or error is None or not error.isatty() or not is_able:
        return None
    # Text that standard output will show on a terminal must not appear there twice.
    is_shown_later = output.is_terminal and any(None in job.targets.values() for job in jobs)
    return _Preview(LiveRegion(error, is_kept=not is_shown_later), is_named=len(jobs) > 1)


class _Result:
    """The text of the only recording, on standard output.

    Args:
        output: Standard output.
        region: Its terminal; None if it is not a terminal, or one that cannot move its cursor.
    """

    def __init__(self, output: StandardOutput, region: LiveRegion | None) -> None:
        self._output = output
        self._region = region
        self._text = StreamedText()
        # Of a terminal without a region: whether its last line is still open, and the lock of the terminal.
        self._is_line_open = False
        self._lock = threading.RLock()

    def add(self, job: Job, delta: str) -> None:  # noqa: ARG002 - there is only one
        self._write(self._text.add(_encodable(delta)))

    def finish(self, job: Job) -> None:
        pass  # the result follows

    def give_up(self, job: Job) -> None:  # noqa: ARG002 - as above
        self._leave()

    def result(self, body: bytes) -> bytes:
        if not self._text.has_begun:
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
        if self._region is not None:
            return self._region.cleared()
        return self._line_ended() if self._output.is_terminal else contextlib.nullcontext()

    def close(self) -> None:
        if self._region is not None:
            self._region.close()

    def _write(self, text: str) -> None:
        if not text:
            return
        if self._region is None:
            with self._lock:
                self._output.write_on(text)
                self._is_line_open = not text.endswith("\n")
        else:
            with self._output.translated():
                self._region.add(self, text)

    def _end(self) -> None:
        if self._region is not None:
            with self._output.translated():
                self._region.end(self)

    def _leave(self) -> None:
        """End the line on a terminal; leave a pipe as it is."""
        # An error here is known already, or minor compared to the original failure.
        with contextlib.suppress(OutputError):
            if self._region is not None:
                self._end()
            elif self._output.is_terminal:
                with self._line_ended():
                    pass

    @contextlib.contextmanager
    def _line_ended(self) -> Iterator[None]:
        """Let something else be written below the text so far; later text begins below that."""
        with self._lock:
            if self._is_line_open:
                self._output.write_on("\n")
                self._is_line_open = False
            yield


class _Preview:
    """The texts of recordings whose results are written elsewhere, on standard error.

    Args:
        region: Standard error's terminal.
        is_named: Whether each line names its recording.
    """

    def __init__(self, region: LiveRegion, *, is_named: bool) -> None:
        self._region = region
        self._is_named = is_named
        self._texts: dict[Job, StreamedText] = {}

    def add(self, job: Job, delta: str) -> None:
        part = self._texts.setdefault(job, StreamedText()).add(delta)
        if part:
            # If it cannot be shown, the results are still written.
            with contextlib.suppress(OSError):
                self._region.add(job, part, name=job.source.shown if self._is_named else "")

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


class StreamedText:
    """Text that arrives in parts and results in the same output as the whole text.

    It returns for each part what can be written now, so that nothing has to be taken back later: white space before the
    text is dropped, white space after it is held back until more text arrives.
    """

    def __init__(self) -> None:
        self._written: list[str] = []
        self._waiting = ""

    @property
    def has_begun(self) -> bool:
        """Whether any text was returned for writing."""
        return bool(self._written)

    def add(self, delta: str) -> str:
        """Add the next part.

        Args:
            delta: Any text.

        Returns:
            The text to write now, possibly empty; it does not end with white space.
        """
        text = self._waiting + delta
        if not self._written:
            text = text.lstrip()
        part = text.rstrip()
        self._waiting = text[len(part) :]
        if part:
            self._written.append(part)
        return part

    def finish(self, final: str) -> str:
        """Complete the text.

        Args:
            final: The whole text, possibly with white space around it.

        Returns:
            The text still to be written: what the parts left out, and a line feed unless the whole text is empty.

        Raises:
            OutputError: The whole text differs from the parts in more than white space.
        """
        final = final.strip()
        rest = _rest("".join(self._written), final)
        if rest is None:
            raise OutputError(
                "the server's final text differs from the text that it streamed to standard output",
                remedy=Sentence("{} takes the final text", Option("output", "FILE")),
            )
        return f"{rest}\n" if final else ""


def _rest(written: str, final: str) -> str | None:
    """Return the text after the written part, ignoring differences in white space; None if the texts differ."""
    if final.startswith(written):
        return final[len(written) :]
    ends = [place + 1 for place, character in enumerate(final) if not character.isspace()]
    visible = "".join(written.split())
    if not "".join(final.split()).startswith(visible):
        return None
    return final[ends[len(visible) - 1] :]


def _encodable(text: str) -> str:
    """Replace characters that no stream can write, in the same way as in the result."""
    return text.encode("utf-8", "replace").decode()
