"""Standard error: bars while work goes on, lines that stay, and nothing but errors where that is wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TextIO

from anyscribe.batch.progress import JobDone, JobEvent, JobFailed, JobSkipped, Tick
from anyscribe.events import Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.terminal.safety import printable

if TYPE_CHECKING:
    from rich.console import Console
    from tqdm import tqdm

    from anyscribe.batch.outputs import Job
    from anyscribe.events import Event

_NAME_CHARS: Final = 32
_SENT: Final = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"
_WORKING: Final = "{desc}: sent; the server is working, {elapsed}"
_HEARD: Final = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
_FILES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} recordings [{elapsed}{postfix}]"


class Display:
    """Draws events; safe to call from any thread.

    Args:
        stream: The process's standard error.
        quiet: Whether only errors are shown.
        verbosity: From 1, what is sent and received.
        total: How many recordings there are.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False, verbosity: int = 0, total: int = 1) -> None:
        self._stream = stream
        self._quiet = quiet
        self._verbosity = verbosity
        self._total = total
        self._is_terminal = stream.isatty()
        self._bar: tqdm[Any] | None = None
        self._bar_format = ""
        self._console: Console | None = None
        self._lock = threading.RLock()
        self._shown_notices: set[str] = set()

    def emit(self, event: Event) -> None:
        """Draw one event."""
        with self._lock:
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
                    self.line(f"error: {job.source.shown}: {error}")
                    self._count()
                case Tick():
                    if self._bar is not None:
                        self._bar.refresh()
                case _:
                    self._draw(None, event)

    def line(self, message: str) -> None:
        """Show a line, also where all else is quiet."""
        self._line(message)

    def notice(self, message: str) -> None:
        """Show something worth knowing, once however often it is said."""
        with self._lock:
            if message not in self._shown_notices:
                self._shown_notices.add(message)
                self._line(message, to_quiet=False)

    def close(self) -> None:
        """Take the bar away; what is said later still appears."""
        with self._lock:
            if self._bar is not None:
                self._bar.close()
                self._bar = None

    def _draw(self, job: Job | None, event: Event) -> None:
        name = _short(job.source.shown) if job else ""
        several = self._total > 1
        match event:
            case Sent(done, total) if not several:
                if done < total:
                    self._bar_to(name, done, total, _SENT)
                else:
                    self._bar_to(name, 0, 0, _WORKING)
            case Transcribed(done, total) if not several:
                self._bar_to(name, done / 1000, total / 1000, _HEARD)
            case Sent() | Transcribed():
                if self._bar is None:
                    self._bar_to(name, 0, self._total, _FILES)
                if self._bar is not None:
                    self._bar.set_postfix_str(name, refresh=False)
            case Retrying(reason, wait_seconds, attempt):
                prefix = f"{job.source.shown}: " if job and several else ""
                self._line(
                    f"{prefix}{reason}; trying again in {wait_seconds:.1f} s (attempt {attempt})", to_quiet=False
                )
            case Notice(message):
                self.notice(message)
            case Trace(message) if self._verbosity:
                self._line(message, to_quiet=False)
            case _:
                pass

    def _count(self) -> None:
        if self._total > 1:
            if self._bar is None:
                self._bar_to("", 0, self._total, _FILES)
            if self._bar is not None:
                self._bar.update(1)
        else:
            self.close()

    def _bar_to(self, name: str, done: float, total: float, bar_format: str) -> None:
        """Move the bar, after changing to another one where the work has changed its kind."""
        if self._quiet or not self._is_terminal:
            return
        if self._bar is None or self._bar_format != bar_format:
            from tqdm import tqdm  # noqa: PLC0415 - a pipe never needs it, and it takes its time

            self.close()
            self._bar_format = bar_format
            bar: tqdm[Any] = tqdm(
                desc=name,
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
            self._bar = bar
        self._bar.update(done - self._bar.n)

    def _line(self, text: str, *, to_quiet: bool = True) -> None:
        """Write a line above the bar."""
        if self._quiet and not to_quiet:
            return
        with self._lock:
            text = f"anyscribe: {printable(text, one_line=True)}"
            if self._bar is not None:
                self._bar.clear()
            if self._is_terminal:
                self._styled(text)
            else:
                _write(self._stream, text)
            if self._bar is not None:
                self._bar.refresh()

    def _styled(self, text: str) -> None:
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - a pipe never needs it, and it takes its time

            self._console = Console(file=self._stream, soft_wrap=True, highlight=False, markup=False, emoji=False)
        from rich.text import Text  # noqa: PLC0415 - as above

        name, _, rest = text.partition(" ")
        self._console.print(Text.assemble((name, "dim"), " ", (rest, "red" if rest.startswith("error:") else "")))


def _write(stream: TextIO, text: str) -> None:
    """Write a line in whatever encoding the stream has: an error message must not fail on a name in another script."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _short(name: str) -> str:
    name = printable(name, one_line=True)
    return name if len(name) <= _NAME_CHARS else "…" + name[1 - _NAME_CHARS :]
