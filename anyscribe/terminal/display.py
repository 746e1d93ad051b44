"""Standard error: a progress bar, messages that stay, and only errors in quiet mode."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.batch.job_events import JobDone, JobEvent, JobFailed, JobSkipped, JobTranscribed, Stopping, Tick
from anyscribe.events import Aligning, Delta, Fetched, Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.sentence import Option, Sentence, plain_name, write
from anyscribe.terminal.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console

    from anyscribe.batch.outputs import Job
    from anyscribe.errors import AnyscribeError
    from anyscribe.events import Event
    from anyscribe.sentence import Term, Text
    from anyscribe.terminal.live_text import LiveText

_TRACEBACKS: Final = 2
_LONG_WAIT_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayOptions:
    """The user's display options.

    Args:
        quiet: Whether only errors are shown.
        strict: Whether findings about a transcript count as errors.
        verbosity: From 1, show what is sent and received; from 2, also the traceback of an error.
        is_colored: Whether lines are coloured; None if the stream is a terminal.
        can_erase: Whether a terminal understands control sequences; see `anyscribe.terminal.capability`.
        name_of: Returns the user-facing name of an option or extra.
    """

    quiet: bool = False
    strict: bool = False
    verbosity: int = 0
    is_colored: bool | None = None
    can_erase: bool = True
    name_of: Callable[[Term], str] = plain_name


class Display:
    """Draws events; safe to use from any thread.

    Args:
        stream: The process's standard error; None if it was closed before the program started.
        options: The user's display options; None uses the defaults.
        total: The number of recordings.
        live_text: Shows the text of recordings as it arrives; None if it is not shown.
    """

    def __init__(
        self,
        stream: TextIO | None,
        options: DisplayOptions | None = None,
        *,
        total: int = 1,
        live_text: LiveText | None = None,
    ) -> None:
        self._stream = stream
        self._options = options or DisplayOptions()
        self._total = total
        self._live_text = live_text
        self._is_terminal = stream is not None and stream.isatty()
        self._bar = None
        if stream is not None and self._is_terminal and not self._options.quiet:
            from anyscribe.terminal.progress_bar import ProgressBar  # noqa: PLC0415 - loads tqdm

            self._bar = ProgressBar(stream, can_erase=self._options.can_erase)
        self._console: Console | None = None
        self._lock = threading.RLock()
        self._shown_notices: set[str] = set()
        self._ended = 0
        # The bar is hidden while something else is being written, or while the text of these recordings is shown.
        self._is_aside = False
        self._live: set[Job] = set()
        # Lines that have to wait: a result is being written to the same terminal.
        self._is_shared = False
        self._waiting: list[Callable[[], None]] = []

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
            self._show(event)

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
            if self._options.verbosity >= _TRACEBACKS:
                import traceback  # noqa: PLC0415 - rarely needed

                for line in "".join(traceback.format_exception(error)).splitlines():
                    self._put(printable(line, one_line=True), is_styled=False)

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
                for write_line in waiting:
                    write_line()

    def close(self) -> None:
        """Remove the bar for good and leave the text; later messages still appear."""
        if self._live_text:
            self._live_text.close()
        with self._drawing():
            if self._bar:
                self._bar.close()
                self._bar = None

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """Hold the lock, and continue without output if it fails: a closed pipe or terminal, a full disk."""
        with self._lock:
            try:
                yield
            except OSError:
                self._stream = self._bar = None

    def _cleared(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which the live text is off the terminal."""
        return self._live_text.cleared() if self._live_text else contextlib.nullcontext()

    def _show(self, event: Event) -> None:
        match event:
            case JobEvent(job, inner):
                self._draw(job, inner)
            case JobTranscribed(job, findings):
                messages = [f"{job.source.shown}: {finding}" for finding in findings]
                self._lines(messages, to_quiet=self._options.strict)
            case JobDone(job, written):
                self._lines([f"{job.source.shown} → {path}" for path in written], to_quiet=False)
                self._count()
            case JobSkipped(_, kept):
                overwrite = Option("overwrite")
                self._lines(
                    [Sentence("{} exists and is kept; {} replaces it", str(path), overwrite) for path in kept],
                    to_quiet=False,
                )
            case JobFailed(job, error):
                self.failure(error, job.source.shown)
                self._count()
            case Stopping(under_way, longest_s):
                answers = "1 answer that is" if under_way == 1 else f"{under_way} answers that are"
                waiting = f"interrupted: waiting up to {longest_s:.0f} s for {answers} paid for"
                self._line(f"{waiting}; Ctrl-C again stops at once", to_quiet=False)
            case Tick():
                if self._bar and not self._is_bar_away:
                    self._bar.refresh()
            case _:
                self._draw(None, event)

    def _show_text(self, job: Job, text: str) -> None:
        if not self._live_text:
            return
        with self._drawing():
            self._clear_bar()
            self._live.add(job)
            if self._bar and self._total == 1:
                self._bar.close()
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

    def _draw(self, job: Job | None, event: Event) -> None:
        subject = job.source.shown if job and self._total > 1 else ""
        match event:
            case Sent() | Transcribed() | Aligning() if job:
                self._draw_work(job, event)
            case Fetched(model, done, total) if total:
                self._draw_fetch(model, done, total)
            case Retrying(reason, wait_seconds) if self._total > 1 and not self._options.verbosity:
                # Of many recordings, one that waits a little is no news.
                if wait_seconds >= _LONG_WAIT_S:
                    self.notice(Sentence("{}; waiting {} s", reason, f"{wait_seconds:.0f}"))
            case Retrying(reason, wait_seconds, attempt):
                if self._total == 1 and self._bar:
                    # No work is done during the wait.
                    self._bar.close()
                message = Sentence("{}; retrying in {} s (attempt {})", reason, f"{wait_seconds:.1f}", str(attempt))
                self._line(self._written(message, subject), to_quiet=False)
            case Notice(message, of_recording):
                self.notice(message, subject if of_recording else "")
            case Trace(message) if self._options.verbosity:
                self._line(self._written(message, subject), to_quiet=False)
            case _:
                pass

    def _draw_work(self, job: Job, event: Sent | Transcribed | Aligning) -> None:
        """Show the progress of a single recording or, for several, how many are done and the name of a current one."""
        if not self._bar:
            return
        from anyscribe.terminal import progress_bar  # noqa: PLC0415 - loaded with the bar

        name = job.source.shown
        if self._total > 1:
            self._move_bar("", self._ended, self._total, progress_bar.FILES)
            self._bar.note(name)
            return
        match event:
            case Sent(done, total) if done < total:
                self._move_bar(name, done, total, progress_bar.SENT)
            case Sent():
                self._move_bar(name, 0, 0, progress_bar.WORKING)
            case Aligning():
                self._move_bar(name, 0, 0, progress_bar.ALIGNING)
            case Transcribed(done, total):
                self._move_bar(name, done / 1000, total / 1000, progress_bar.TRANSCRIBED)

    def _draw_fetch(self, model: str, done: int, total: int) -> None:
        if not self._bar:
            return
        from anyscribe.terminal import progress_bar  # noqa: PLC0415 - loaded with the bar

        self._move_bar(model, done, total, progress_bar.FETCHED)
        if done == total:
            self._bar.close()

    def _count(self) -> None:
        self._ended += 1
        if not self._bar:
            return
        if self._total == 1:
            self._bar.close()
            return
        from anyscribe.terminal import progress_bar  # noqa: PLC0415 - loaded with the bar

        self._move_bar("", self._ended, self._total, progress_bar.FILES)

    def _clear_bar(self) -> None:
        """Erase the bar temporarily; if it is hidden, something else is in its place."""
        if self._bar and not self._is_bar_away:
            self._bar.clear()

    def _move_bar(self, name: str, done: float, total: float, bar_format: str) -> None:
        if self._bar and not self._is_bar_away:
            self._bar.move(name, done, total, bar_format)

    def _written(self, message: Text, subject: str = "") -> str:
        text = write(message, self._options.name_of)
        return f"{subject}: {text}" if subject else text

    def _lines(self, messages: Iterable[Text], *, to_quiet: bool) -> None:
        for message in messages:
            self._line(message, to_quiet=to_quiet)

    def _line(self, message: Text, *, to_quiet: bool = True) -> None:
        """Write a line above the bar."""
        if self._options.quiet and not to_quiet:
            return
        text = f"anyscribe: {printable(self._written(message), one_line=True)}"
        is_colored = self._options.is_colored
        self._put(text, is_styled=self._is_terminal if is_colored is None else is_colored)

    def _put(self, text: str, *, is_styled: bool) -> None:
        """Write a line above the bar, at once or after the result that is being written."""
        if self._is_shared:
            self._waiting.append(lambda: self._put(text, is_styled=is_styled))
            return
        with self._above():
            if is_styled:
                self._styled(text)
            else:
                self._plain(text)

    @contextlib.contextmanager
    def _above(self) -> Iterator[None]:
        """Clear bar and text, which are at the bottom, while lines are written above them."""
        if not self._is_terminal:
            yield
            return
        self._clear_bar()
        with self._cleared():
            yield
        if self._bar and not self._is_bar_away:
            self._bar.refresh()

    def _styled(self, text: str) -> None:
        if self._stream is None:
            return
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - not needed for a pipe

            self._console = Console(
                file=self._stream,
                # Decided here; rich reads other variables.
                force_terminal=True,
                no_color=False,
                color_system="auto" if self._is_terminal else "standard",
                soft_wrap=True,
                highlight=False,
                markup=False,
                emoji=False,
            )
        from rich.text import Text as RichText  # noqa: PLC0415 - as above

        name, _, rest = text.partition(" ")
        self._console.print(RichText.assemble((name, "dim"), " ", (rest, "red" if rest.startswith("error:") else "")))

    def _plain(self, text: str) -> None:
        """Write a line in the stream's encoding, with escapes: a name in another script must not cause an error."""
        if self._stream is None:
            return
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        self._stream.flush()
