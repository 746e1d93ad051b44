"""Standard error: bars while work goes on, lines that stay, and nothing but errors where that is wanted."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, TextIO

from anyscribe.batch.progress import JobDone, JobEvent, JobFailed, JobHeard, JobSkipped, Tick
from anyscribe.events import Aligning, Delta, Doubted, Fetched, Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.terminal.gauge import ALIGNING, FETCHED, FILES, HEARD, SENT, WORKING, Gauge
from anyscribe.terminal.safety import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from anyscribe.batch.outputs import Job
    from anyscribe.events import Event
    from anyscribe.terminal.hearing import Hearing


class Display:
    """Draws events; safe to call from any thread.

    Args:
        stream: The process's standard error; None where it was closed before the program started.
        quiet: Whether only errors are shown.
        strict: Whether a transcript that does not look whole counts as one.
        verbosity: From 1, what is sent and received; from 2, also where an error came from.
        total: How many recordings there are.
        hearing: Shows the text of recordings while it comes; None where it is not shown.
    """

    def __init__(  # noqa: PLR0913 - what the user wants to see, each by its name
        self,
        stream: TextIO | None,
        *,
        quiet: bool = False,
        strict: bool = False,
        verbosity: int = 0,
        total: int = 1,
        hearing: Hearing | None = None,
    ) -> None:
        self._stream = stream
        self._quiet = quiet
        self._strict = strict
        self._verbosity = verbosity
        self._total = total
        self._hearing = hearing
        self._is_terminal = stream is not None and stream.isatty()
        self._gauge = Gauge(stream) if stream is not None and self._is_terminal and not quiet else None
        self._console: Console | None = None
        self._lock = threading.RLock()
        self._shown_notices: set[str] = set()
        self._ended = 0
        # What keeps the bar away: something else that is written, and recordings whose text is being shown.
        self._is_aside = False
        self._heard: set[Job] = set()

    def emit(self, event: Event) -> None:
        """Draw one event.

        Raises:
            ClosedPipeError: It is text for standard output, and the reader has gone.
            OutputError: It is text for standard output, which cannot be written.
        """
        match event:
            case JobEvent(job, Delta(text)):
                self._hear(job, text)
                return
            case JobHeard(job):
                self._end_text(job, is_whole=True)
            case JobFailed(job):
                self._end_text(job, is_whole=False)
            case _:
                pass
        with self._drawing():
            self._show(event)

    def line(self, message: str) -> None:
        """Show a line, also where all else is quiet."""
        with self._drawing():
            self._line(message)

    def failure(self, message: str, error: BaseException) -> None:
        """Show what failed, and where in the program to those who asked for it.

        Args:
            message: One line.
            error: What was raised.
        """
        with self._drawing():
            self._line(f"error: {message}")
            if self._verbosity > 1:
                import traceback  # noqa: PLC0415 - only those who asked need it

                with self._above():
                    for line in "".join(traceback.format_exception(error)).splitlines():
                        self._plain(printable(line, one_line=True))

    def notice(self, message: str) -> None:
        """Show something worth knowing, once however often it is said."""
        with self._drawing():
            if message not in self._shown_notices:
                self._shown_notices.add(message)
                self._line(message, to_quiet=False)

    def result(self, body: bytes) -> bytes:
        """Take a result for standard output, of which some may be there already.

        Args:
            body: All of it.

        Returns:
            What is still to be written.

        Raises:
            ClosedPipeError: The reader of standard output has gone.
            OutputError: Standard output cannot be written, or holds something else already.
        """
        return self._hearing.result(body) if self._hearing else body

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Keep bar and text off the terminal, which standard output may share, while something is written there."""
        with self._drawing():
            self._clear_bar()
            self._is_aside = True
        try:
            # Without the lock: a reader that takes its time must not hold up those who send.
            with self._cleared():
                yield
        finally:
            self._is_aside = False

    def close(self) -> None:
        """Take the bar away and let the text stand; what is said later still appears."""
        if self._hearing:
            self._hearing.close()
        with self._drawing():
            if self._gauge:
                self._gauge.close()

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """Work goes on where nobody can be told of it: a closed pipe or terminal, a full disk."""
        with self._lock:
            try:
                yield
            except OSError:
                self._stream = self._gauge = None

    def _cleared(self) -> contextlib.AbstractContextManager[None]:
        """Make room for something else among the text."""
        return self._hearing.cleared() if self._hearing else contextlib.nullcontext()

    def _show(self, event: Event) -> None:
        match event:
            case JobEvent(job, inner):
                self._draw(job, inner)
            case JobDone(job, written):
                for path in written:
                    self._line(f"{job.source.shown} → {path}", to_quiet=False)
                self._count()
            case JobSkipped(_, kept):
                for path in kept:
                    self._line(f"{path} exists and is kept; --overwrite replaces it", to_quiet=False)
            case JobFailed(job, error):
                self.failure(f"{job.source.shown}: {error}", error)
                self._count()
            case Tick():
                if self._gauge and not self._is_bar_away:
                    self._gauge.refresh()
            case _:
                self._draw(None, event)

    def _hear(self, job: Job, text: str) -> None:
        if not self._hearing:
            return
        with self._drawing():
            self._clear_bar()
            self._heard.add(job)
            if self._gauge and self._total == 1:
                self._gauge.close()
        # Without the lock: it may be written to a reader that takes its time.
        self._hearing.hear(job, text)

    def _end_text(self, job: Job, *, is_whole: bool) -> None:
        if self._hearing:
            if is_whole:
                self._hearing.finish(job)
            else:
                self._hearing.give_up(job)
        self._heard.discard(job)

    @property
    def _is_bar_away(self) -> bool:
        return self._is_aside or bool(self._heard)

    def _draw(self, job: Job | None, event: Event) -> None:
        several = self._total > 1
        prefix = f"{job.source.shown}: " if job and several else ""
        match event:
            case Sent() | Transcribed() | Aligning() if job:
                self._draw_work(job, event)
            case Fetched(model, done, total) if total:
                self._move_bar(model, done, total, FETCHED)
                if done == total and self._gauge:
                    self._gauge.close()
            case Retrying(reason, wait_seconds, attempt):
                if not several and self._gauge:
                    # Nobody is working while we wait.
                    self._gauge.close()
                self._line(
                    f"{prefix}{reason}; trying again in {wait_seconds:.1f} s (attempt {attempt})", to_quiet=False
                )
            case Notice(message, of_recording):
                self.notice(prefix + message if of_recording else message)
            case Doubted(finding):
                self._line(f"{job.source.shown if job else ''}: {finding}", to_quiet=self._strict)
            case Trace(message) if self._verbosity:
                self._line(prefix + message, to_quiet=False)
            case _:
                pass

    def _draw_work(self, job: Job, event: Sent | Transcribed | Aligning) -> None:
        """Show how far a recording is; of several, how many are done, and the name of one that is worked on."""
        name = job.source.shown
        if self._total > 1:
            self._move_bar("", self._ended, self._total, FILES)
            if self._gauge:
                self._gauge.note(name)
            return
        match event:
            case Sent(done, total) if done < total:
                self._move_bar(name, done, total, SENT)
            case Sent():
                self._move_bar(name, 0, 0, WORKING)
            case Aligning():
                self._move_bar(name, 0, 0, ALIGNING)
            case Transcribed(done, total):
                self._move_bar(name, done / 1000, total / 1000, HEARD)

    def _count(self) -> None:
        self._ended += 1
        if self._total > 1:
            self._move_bar("", self._ended, self._total, FILES)
        elif self._gauge:
            self._gauge.close()

    def _clear_bar(self) -> None:
        """Take the bar away for a while; where it is away, something else stands in its place."""
        if self._gauge and not self._is_bar_away:
            self._gauge.clear()

    def _move_bar(self, name: str, done: float, total: float, bar_format: str) -> None:
        if self._gauge and not self._is_bar_away:
            self._gauge.move(name, done, total, bar_format)

    def _line(self, text: str, *, to_quiet: bool = True) -> None:
        """Write a line above the bar."""
        if self._quiet and not to_quiet:
            return
        text = f"anyscribe: {printable(text, one_line=True)}"
        with self._above():
            if self._is_terminal and not os.environ.get("NO_COLOR"):
                self._styled(text)
            else:
                self._plain(text)

    @contextlib.contextmanager
    def _above(self) -> Iterator[None]:
        """Make room above bar and text, which both stand at the lower end."""
        if not self._is_terminal:
            yield
            return
        self._clear_bar()
        with self._cleared():
            yield
        if self._gauge and not self._is_bar_away:
            self._gauge.refresh()

    def _styled(self, text: str) -> None:
        if self._stream is None:
            return
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - a pipe never needs it, and it takes its time

            self._console = Console(file=self._stream, soft_wrap=True, highlight=False, markup=False, emoji=False)
        from rich.text import Text  # noqa: PLC0415 - as above

        name, _, rest = text.partition(" ")
        self._console.print(Text.assemble((name, "dim"), " ", (rest, "red" if rest.startswith("error:") else "")))

    def _plain(self, text: str) -> None:
        """Write a line in whatever encoding the stream has: no message must fail on a name in another script."""
        if self._stream is None:
            return
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        self._stream.flush()
