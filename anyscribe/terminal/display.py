"""Standard error: bars while work goes on, lines that stay, and nothing but errors where that is wanted."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Final, TextIO

from anyscribe.batch.progress import JobDone, JobEvent, JobFailed, JobSkipped, Tick
from anyscribe.events import Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.terminal.safety import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from anyscribe.batch.outputs import Job
    from anyscribe.events import Event
    from anyscribe.terminal.bars import Bar

_NAME_CHARS: Final = 32
_NAME_SHARE: Final = 3
"""A name takes a third of a narrow terminal, no more: the rest is for what happens."""

_SENT: Final = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
_WORKING: Final = "{elapsed} the server is working on {desc}"
_HEARD: Final = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
_FILES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} recordings [{elapsed}{postfix}]"


class Display:
    """Draws events; safe to call from any thread.

    Args:
        stream: The process's standard error; None where it was closed before the program started.
        quiet: Whether only errors are shown.
        verbosity: From 1, what is sent and received; from 2, also where an error came from.
        total: How many recordings there are.
    """

    def __init__(self, stream: TextIO | None, *, quiet: bool = False, verbosity: int = 0, total: int = 1) -> None:
        self._stream = stream
        self._quiet = quiet
        self._verbosity = verbosity
        self._total = total
        self._is_terminal = stream is not None and stream.isatty()
        self._bar: Bar | None = None
        self._bar_format = ""
        self._console: Console | None = None
        self._lock = threading.RLock()
        self._shown_notices: set[str] = set()
        self._is_aside = False

    def emit(self, event: Event) -> None:
        """Draw one event."""
        with self._drawing():
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
                    if self._bar is not None and not self._is_aside:
                        self._bar.refresh()
                case _:
                    self._draw(None, event)

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

                for line in "".join(traceback.format_exception(error)).splitlines():
                    self._plain(printable(line, one_line=True))

    def notice(self, message: str) -> None:
        """Show something worth knowing, once however often it is said."""
        with self._drawing():
            if message not in self._shown_notices:
                self._shown_notices.add(message)
                self._line(message, to_quiet=False)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Keep the bar off the terminal, which standard output may share, while something is written there."""
        with self._drawing():
            self._is_aside = True
            if self._bar is not None:
                self._bar.clear()
        try:
            # Without the lock: a reader that takes its time must not hold up those who send.
            yield
        finally:
            self._is_aside = False

    def close(self) -> None:
        """Take the bar away; what is said later still appears."""
        with self._drawing():
            self._close()

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """Work goes on where nobody can be told of it: a closed pipe or terminal, a full disk."""
        with self._lock:
            try:
                yield
            except OSError:
                self._stream = self._bar = None

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _draw(self, job: Job | None, event: Event) -> None:
        several = self._total > 1
        prefix = f"{job.source.shown}: " if job and several else ""
        match event:
            case Sent(done, total) if job and not several:
                if done < total:
                    self._bar_to(job.source.shown, done, total, _SENT)
                else:
                    self._bar_to(job.source.shown, 0, 0, _WORKING)
            case Transcribed(done, total) if job and not several:
                self._bar_to(job.source.shown, done / 1000, total / 1000, _HEARD)
            case Sent() | Transcribed() if job:
                self._bar_to_count()
                if self._bar is not None and not self._is_aside:
                    self._bar.set_postfix_str(self._short(job.source.shown), refresh=False)
            case Retrying(reason, wait_seconds, attempt):
                if not several:
                    # Nobody is working while we wait.
                    self._close()
                self._line(
                    f"{prefix}{reason}; trying again in {wait_seconds:.1f} s (attempt {attempt})", to_quiet=False
                )
            case Notice(message, of_recording):
                self.notice(prefix + message if of_recording else message)
            case Trace(message) if self._verbosity:
                self._line(prefix + message, to_quiet=False)
            case _:
                pass

    def _count(self) -> None:
        if self._total > 1:
            self._bar_to_count()
            if self._bar is not None:
                self._bar.update(1)
        else:
            self._close()

    def _bar_to_count(self) -> None:
        if self._bar is None:
            self._bar_to("", 0, self._total, _FILES)

    def _bar_to(self, name: str, done: float, total: float, bar_format: str) -> None:
        """Move the bar, after changing to another one where the work has changed its kind."""
        if self._quiet or not self._is_terminal or self._stream is None or self._is_aside:
            return
        if self._bar is None or self._bar_format != bar_format:
            from anyscribe.terminal.bars import Bar  # noqa: PLC0415 - a pipe never needs it, and it takes its time

            self._close()
            self._bar_format = bar_format
            self._bar = Bar(
                desc=self._short(name),
                total=total,
                bar_format=bar_format,
                unit="B",
                unit_scale=bar_format is _SENT,
                unit_divisor=1024,
                dynamic_ncols=True,
                leave=False,
                file=self._stream,
                mininterval=0.1,
            )
        # A recording of unknown length grows while it is heard.
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def _short(self, name: str) -> str:
        """Keep the end of a name, which tells more than its beginning."""
        name = printable(name, one_line=True)
        columns = 0
        if self._stream is not None:
            with contextlib.suppress(OSError):
                columns = os.get_terminal_size(self._stream.fileno()).columns
        longest = min(_NAME_CHARS, columns // _NAME_SHARE or _NAME_CHARS)
        return name if len(name) <= longest else "…" + name[1 - longest :]

    def _line(self, text: str, *, to_quiet: bool = True) -> None:
        """Write a line above the bar."""
        if self._quiet and not to_quiet:
            return
        text = f"anyscribe: {printable(text, one_line=True)}"
        if self._bar is not None:
            self._bar.clear()
        if self._is_terminal and not os.environ.get("NO_COLOR"):
            self._styled(text)
        else:
            self._plain(text)
        if self._bar is not None:
            self._bar.refresh()

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
