"""Standard error: progress, messages that stay, and only errors in quiet mode."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.batch.job_events import (
    JobDone,
    JobEvent,
    JobFailed,
    JobsArrived,
    JobSkipped,
    JobStarted,
    JobTranscribed,
    Stopping,
    Tick,
)
from anyscribe.events import Delta, Notice, Retrying, Trace
from anyscribe.sentence import Option, Sentence, plain_name, write
from anyscribe.terminal.escaping import printable
from anyscribe.terminal.message_lines import MessageLines
from anyscribe.terminal.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anyscribe.batch.outputs import Job
    from anyscribe.errors import AnyscribeError
    from anyscribe.events import Event
    from anyscribe.places import Location
    from anyscribe.sentence import Term, Text
    from anyscribe.terminal.live_text import LiveText
    from anyscribe.terminal.progress_bar import ProgressBar

_TRACEBACKS: Final = 2
_LONG_WAIT_S: Final = 10
_SILENCE_S: Final = 60.0
"""Where there is no terminal, a line says after so long that the work goes on: what is silent may be killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayOptions:
    """The user's display options.

    Args:
        quiet: Whether only errors are shown.
        strict: Whether findings about a transcript count as errors.
        verbosity: From 1, show what is sent and received; from 2, also the traceback of an error.
        is_colored: Whether lines are coloured; None if the stream is a terminal.
        can_erase: Whether a terminal understands control sequences; see `anyscribe.terminal.capability`.
        shows_progress: Whether a terminal shows progress in its tab or in the taskbar; likewise.
        name_of: Returns the user-facing name of an option or extra.
    """

    quiet: bool = False
    strict: bool = False
    verbosity: int = 0
    is_colored: bool | None = None
    can_erase: bool = True
    shows_progress: bool = False
    name_of: Callable[[Term], str] = plain_name


class Display:
    """Draws events; safe to use from any thread.

    Args:
        stream: The process's standard error; None if it was closed before the program started.
        options: The user's display options; None uses the defaults.
        jobs: The recordings of a run; empty if nothing is transcribed, None if they are yet to come.
        live_text: Shows the text of recordings as it arrives; None if it is not shown.
        clock: Returns seconds.
    """

    def __init__(
        self,
        stream: TextIO | None,
        options: DisplayOptions | None = None,
        *,
        jobs: Sequence[Job] | None = (),
        live_text: LiveText | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._options = options or DisplayOptions()
        self._is_batch = jobs is None or len(jobs) > 1
        self._kept = sum(len(job.kept) for job in jobs or ())
        self._live_text = live_text
        self._clock = clock
        self._is_terminal = stream is not None and stream.isatty()
        is_drawn = self._is_terminal and not self._options.quiet
        self._tally = Tally(jobs, clock, is_total_needed=is_drawn)
        self._bar = self._open_bar(stream) if stream is not None and is_drawn else None
        self._lines = MessageLines(stream, is_colored=self._options.is_colored) if stream is not None else None
        # Where nothing is drawn, it is said now and then that the work goes on.
        self._is_silence_broken = jobs != () and not (self._is_terminal or self._options.quiet)
        self._written_s = clock()
        self._lock = threading.RLock()
        self._shown_notices: set[str] = set()
        # The bar is hidden while something else is being written, or while the text of these recordings is shown.
        self._is_aside = False
        self._live: set[Job] = set()
        # The workers of a cluster that have recordings.
        self._workers: dict[Job, str] = {}
        # Lines that have to wait: a result is being written to the same terminal.
        self._is_shared = False
        self._waiting: list[str] = []

    def emit(self, event: Event) -> None:
        """Draw one event.

        Raises:
            ClosedPipeError: The event is text for standard output, whose reader has closed it.
            OutputError: The event is text for standard output, which cannot be written.
        """
        match event:
            case JobEvent(job, Delta(text)):
                self._show_text(job, text)
                return
            case JobTranscribed(job):
                self._end_text(job, is_complete=True)
            case JobFailed(job):
                self._end_text(job, is_complete=False)
            case _:
                pass
        with self._drawing():
            self._tally.note(event)
            self._show(event)
            self._go_on(is_due=isinstance(event, Tick))

    def line(self, message: Text) -> None:
        """Show a line, even in quiet mode.

        Args:
            message: One line.
        """
        with self._drawing():
            self._line(message)

    def failure(self, error: BaseException, subject: str = "") -> None:
        """Show an error, with its traceback if the verbosity asks for it.

        Args:
            error: The exception.
            subject: What the error is about, such as a recording's name; empty for the whole run.
        """
        with self._drawing():
            text = getattr(error, "text", None)
            message = text(self._options.name_of) if text else str(error)
            self._line(f"error: {subject}: {message}" if subject else f"error: {message}")
            if self._options.verbosity >= _TRACEBACKS and self._lines:
                import traceback  # noqa: PLC0415 - rarely needed

                for line in "".join(traceback.format_exception(error)).splitlines():
                    self._put(self._lines.plain(printable(line, one_line=True)))

    def summary_of(self, error: AnyscribeError) -> str:
        """Return an error's message without its remedy.

        Args:
            error: The exception.
        """
        return error.summary(self._options.name_of)

    def notice(self, message: Text, subject: str = "") -> None:
        """Show a notice, unless it was shown before.

        Args:
            message: One line.
            subject: What the notice is about; empty for the whole run.
        """
        with self._drawing():
            text = self._written(message, subject)
            if text not in self._shown_notices:
                self._shown_notices.add(text)
                self._line(text, to_quiet=False)

    def result(self, body: bytes) -> bytes:
        """Accept a result for standard output, part of which may be shown already.

        Args:
            body: The whole result.

        Returns:
            The part that is still to be written.

        Raises:
            ClosedPipeError: The reader of standard output has closed it.
            OutputError: Standard output cannot be written, or already holds different text.
        """
        return self._live_text.result(body) if self._live_text else body

    @contextlib.contextmanager
    def aside(self, *, is_shared: bool = True) -> Iterator[None]:
        """Hide bar and text while something is written to standard output.

        Args:
            is_shared: Whether that may be the same terminal: then lines wait until all of it is written.
        """
        with self._drawing():
            self._clear_bar()
            self._is_aside = True
            self._is_shared = is_shared and self._is_terminal
        is_whole = False
        try:
            # Without the lock: a slow reader must not block the uploading threads.
            with self._cleared():
                yield
            is_whole = True
        finally:
            with self._drawing():
                is_cut = self._is_shared and not is_whole
                self._is_aside = self._is_shared = False
                if is_cut and self._stream is not None:
                    # Whatever was written has no end.
                    self._stream.write("\n")
                waiting, self._waiting = self._waiting, []
                for line in waiting:
                    self._put(line)

    def close(self) -> None:
        """Remove the bar for good and leave the text; later messages still appear."""
        if self._live_text:
            self._live_text.close()
        with self._drawing():
            self._close_bar()

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """Hold the lock, and continue without output if it fails: a closed pipe or terminal, a full disk."""
        with self._lock:
            try:
                yield
            except OSError:
                self._stream = self._bar = self._lines = None

    def _cleared(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which the live text is off the terminal."""
        return self._live_text.cleared() if self._live_text else contextlib.nullcontext()

    def _open_bar(self, stream: TextIO) -> ProgressBar:
        from anyscribe.terminal.progress_bar import ProgressBar  # noqa: PLC0415 - loads tqdm
        from anyscribe.terminal.taskbar import Taskbar  # noqa: PLC0415 - as above

        options = self._options
        taskbar = Taskbar(stream, self._clock) if options.shows_progress else None
        return ProgressBar(stream, self._tally, can_erase=options.can_erase, taskbar=taskbar)

    def _show(self, event: Event) -> None:
        match event:
            case JobStarted(job, worker) if worker:
                self._workers[job] = f" ({worker.removeprefix('tcp://')})"
            case JobEvent(job, inner):
                self._tell(inner, job.source.shown if self._is_batch else "")
            case JobTranscribed(job, findings):
                for finding in findings:
                    self._line(f"{job.source.shown}: {finding}", to_quiet=self._options.strict)
            case JobDone(job, written):
                self._tell_written(job, written)
            case JobsArrived(jobs):
                self._kept = sum(len(job.kept) for job in jobs)
            case JobSkipped(job, kept):
                self._tell_kept(job, kept)
            case JobFailed(job, error):
                self.failure(error, job.source.shown + self._workers.pop(job, ""))
            case Stopping(under_way, longest_s):
                answers = "1 answer that is" if under_way == 1 else f"{under_way} answers that are"
                waiting = f"interrupted: waiting up to {longest_s:.0f} s for {answers} paid for"
                self._line(f"{waiting}; Ctrl-C again stops at once", to_quiet=False)
                # The process may end at any moment now.
                self._close_bar()
            case _:
                self._tell(event)

    def _tell_written(self, job: Job, written: Sequence[Location]) -> None:
        where = self._workers.pop(job, "")
        for path in written:
            self._line(f"{job.source.shown} → {path}{where}", to_quiet=False)

    def _tell_kept(self, job: Job, kept: Sequence[Location]) -> None:
        """Name the files that are kept; count them if a batch finds several at its start."""
        overwrite = Option("overwrite")
        if not self._is_batch or self._kept == 1 or self._options.verbosity or kept is not job.kept:
            for path in kept:
                self._line(Sentence("{} exists and is kept; {} replaces it", str(path), overwrite), to_quiet=False)
        else:
            self.notice(
                Sentence("{} files are there already and are kept; {} replaces them", f"{self._kept:,}", overwrite)
            )

    def _go_on(self, *, is_due: bool) -> None:
        """Draw what has changed; where nothing is drawn, break a long silence."""
        if self._bar:
            if not self._is_bar_away:
                self._bar.refresh(is_due=is_due)
        elif self._is_silence_broken and not self._tally.is_idle and self._clock() - self._written_s >= _SILENCE_S:
            self._line(self._tally.told())

    def _show_text(self, job: Job, text: str) -> None:
        if not self._live_text:
            return
        with self._drawing():
            self._clear_bar()
            self._live.add(job)
        # Without the lock: the reader may be slow.
        self._live_text.add(job, text)

    def _end_text(self, job: Job, *, is_complete: bool) -> None:
        if self._live_text:
            if is_complete:
                self._live_text.finish(job)
            else:
                self._live_text.give_up(job)
        with self._drawing():
            self._live.discard(job)

    @property
    def _is_bar_away(self) -> bool:
        return self._is_aside or bool(self._live)

    def _tell(self, event: Event, subject: str = "") -> None:
        """Write what an event says, if that is news."""
        match event:
            case Retrying(reason, wait_seconds) if self._is_batch and not self._options.verbosity:
                # Of many recordings, one that waits a little is no news.
                if wait_seconds >= _LONG_WAIT_S:
                    self.notice(Sentence("{}; waiting {} s", reason, f"{wait_seconds:.0f}"))
            case Retrying(reason, wait_seconds, attempt):
                message = Sentence("{}; retrying in {} s (attempt {})", reason, f"{wait_seconds:.1f}", str(attempt))
                self._line(self._written(message, subject), to_quiet=False)
            case Notice(message, of_recording):
                self.notice(message, subject if of_recording else "")
            case Trace(message) if self._options.verbosity:
                self._line(self._written(message, subject), to_quiet=False)
            case _:
                pass

    def _close_bar(self) -> None:
        if self._bar:
            self._bar.close()
            self._bar = None

    def _clear_bar(self) -> None:
        """Erase the bar temporarily; if it is hidden, something else is in its place."""
        if self._bar and not self._is_bar_away:
            self._bar.clear()

    def _written(self, message: Text, subject: str = "") -> str:
        text = write(message, self._options.name_of)
        return f"{subject}: {text}" if subject else text

    def _line(self, message: Text, *, to_quiet: bool = True) -> None:
        """Write a line above the bar."""
        if self._lines and (to_quiet or not self._options.quiet):
            self._put(self._lines.message(printable(self._written(message), one_line=True)))

    def _put(self, line: str) -> None:
        """Write a line above bar and text, at once or after the result that is being written."""
        if self._stream is None:
            return
        self._written_s = self._clock()
        if self._is_shared:
            self._waiting.append(line)
        elif self._bar and not self._is_bar_away:
            self._bar.write(line)
        else:
            with self._cleared() if self._is_terminal else contextlib.nullcontext():
                self._stream.write(line)
                self._stream.flush()
