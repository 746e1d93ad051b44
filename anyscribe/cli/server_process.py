"""The process around the server: load the models, show what happens, stop on signals."""

from __future__ import annotations

import contextlib
import logging
import signal
import time
import traceback
from typing import TYPE_CHECKING, Final, Self

from anyscribe.cli.exit_codes import ExitCode
from anyscribe.events import Trace
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.server.listener import bind, url_of
from anyscribe.server.service import GRACE_S, Service
from anyscribe.session import open_resources, share_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from anyscribe.engines.whisper.engine import WhisperEngine
    from anyscribe.scratch import Scratch
    from anyscribe.server.server_settings import ServerSettings
    from anyscribe.terminal.display import Display

_TICK_S: Final = 0.2
_LAST_WAIT_S: Final = 10.0
"""After the grace period, what is still open is closed, which may take this long."""

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")


def run_server(  # noqa: PLR0913 - what a server is made of
    settings: ServerSettings,
    place: tuple[str, int],
    engine: WhisperEngine,
    display: Display,
    scratch: Scratch,
    *,
    prepared: Sequence[str],
    verbosity: int,
) -> int:
    """Serve until a signal.

    Args:
        settings: What is offered to whom.
        place: The address to listen at, without a key one that only this machine can reach, and the port; 0 takes any
            that is free.
        engine: The engine; it is closed at the end.
        display: Shows what happens.
        scratch: Holds the uploads.
        prepared: The models that are loaded at once; others when they are first asked for.
        verbosity: From 2, library errors are shown with their traceback.

    Returns:
        The exit code.

    Raises:
        AnyscribeError: The server cannot start.
    """
    journal = _Journal(display)
    # Never removed: the process ends with the server. Without a handler, Python would write to standard error.
    logging.getLogger().addHandler(_LogHandler(journal, with_tracebacks=verbosity > 1))
    share_cores()
    with (
        open_resources(settings.jobs, scratch) as resources,
        contextlib.closing(bind(*place, may_be_reached=settings.key is not None)) as listener,
        contextlib.closing(engine),
    ):
        for model in dict.fromkeys(prepared):
            # Errors show up now, not at the first request.
            engine.check(TranscriptionRequest(ResponseFormat.JSON, model=model))
            engine.prepare(model, display.emit)
        url = url_of(listener)
        with (
            contextlib.closing(journal),
            Service(engine, settings, listener, journal, resources=resources) as service,
            _FirstSignal(service.stop) as signalled,
        ):
            display.notice(f"serving {', '.join(settings.models)} at {url} (press Ctrl-C to stop)")
            _wait(service, signalled, display)
    return ExitCode.DONE


class _Journal:
    """Shows what happens, until the process is ending: errors after that are caused by the end.

    Args:
        display: Shows it.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self._is_closed = False

    def trace(self, message: str) -> None:
        """Show a line, if requests are shown."""
        if not self._is_closed:
            self._display.emit(Trace(message))

    def failure(self, error: BaseException, request: str) -> None:
        """Show an error of the server."""
        if not self._is_closed:
            self._display.failure(error, request)

    def close(self) -> None:
        """Show nothing more."""
        self._is_closed = True


class _LogHandler(logging.Handler):
    """Shows the warnings of libraries, if requests are shown.

    Args:
        journal: Shows them.
        with_tracebacks: Whether tracebacks are shown too.
    """

    def __init__(self, journal: _Journal, *, with_tracebacks: bool) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self._with_tracebacks = with_tracebacks

    def emit(self, record: logging.LogRecord) -> None:
        """Show a warning."""
        self._journal.trace(f"{record.name}: {record.getMessage()}")
        if self._with_tracebacks and record.exc_info:
            for line in "".join(traceback.format_exception(record.exc_info[1])).splitlines():
                self._journal.trace(line)


class _FirstSignal:
    """Catches the first signal that asks the process to end. The next one has its usual effect, which is immediate.

    Args:
        on_signal: Called in the main thread, between any two bytecodes.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self.received_s: float | None = None
        self._on_signal = on_signal
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (getattr(signal, name, None) for name in _SIGNALS):
            # The parent process may have set some of them to be ignored.
            if number is not None and callable(signal.getsignal(number)):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _receive(self, *_: object) -> None:
        self._restore()
        self.received_s = time.monotonic()
        self._on_signal()

    def _restore(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())


def _wait(service: Service, signalled: _FirstSignal, display: Display) -> None:
    """Wait until the server has ended; after a signal, for a limited time."""
    is_announced = False
    while not service.wait(_TICK_S):
        if signalled.received_s is None:
            continue
        if not is_announced and service.under_way:
            display.notice("finishing requests in progress; press Ctrl-C again to stop at once")
        is_announced = True
        if time.monotonic() > signalled.received_s + GRACE_S + _LAST_WAIT_S:
            return
