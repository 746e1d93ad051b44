"""The process around the server: what it needs is made ready, what it says is shown, signals end it."""

from __future__ import annotations

import contextlib
import logging
import signal
import time
import traceback
from typing import TYPE_CHECKING, Final, Self

from anyscribe.cli.exit_codes import ExitCode
from anyscribe.engines.registry import local_engine
from anyscribe.events import Trace
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.server.listener import bind, url_of
from anyscribe.server.service import GRACE_S, Service
from anyscribe.workers import usable_cores, worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from anyscribe.server.server_settings import ServerSettings
    from anyscribe.terminal.display import Display

_TICK_S: Final = 0.2
_LAST_WAIT_S: Final = 10.0
"""What is told to end after its time has its own way to do so, which may take this long."""

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")


def run_server(settings: ServerSettings, host: str, port: int, display: Display, *, verbosity: int) -> int:
    """Serve until somebody wants it to end.

    Args:
        settings: What is offered to whom.
        host: Where to listen; without a key, only where this machine alone reaches it.
        port: Likewise; 0 takes any that is free.
        display: Where the server's keeper reads what happens.
        verbosity: How much that is; from 2, also where an error came from.

    Returns:
        The exit code.

    Raises:
        AnyscribeError: It cannot be served.
    """
    journal = _Journal(display)
    # For good: the process ends with the server. Without a handler, Python would show it all to everybody.
    logging.getLogger().addHandler(_LogHandler(journal, with_origins=verbosity > 1))
    with (
        contextlib.closing(bind(host, port, may_be_reached=settings.key is not None)) as listener,
        worker_pool(usable_cores()) as processes,
        local_engine(usable_cores(), processes) as engine,
    ):
        for model in dict.fromkeys(settings.models.values()):
            # What cannot be served is said now, not to the first client.
            engine.check(TranscriptionRequest(ResponseFormat.JSON, model=model))
            engine.prepare(model, display.emit)
        url = url_of(listener)
        with (
            contextlib.closing(journal),
            Service(engine, settings, listener, journal) as service,
            _FirstSignal(service.stop) as told,
        ):
            display.notice(f"serving {', '.join(settings.models)} at {url} (Ctrl-C ends it)")
            _wait(service, told, display)
    return ExitCode.DONE


class _Journal:
    """Shows what happens, until the process ends: what goes wrong then is the end itself.

    Args:
        display: Where it is shown.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self._is_closed = False

    def trace(self, message: str) -> None:
        """Show a line to those who asked to see each request."""
        if not self._is_closed:
            self._display.emit(Trace(message))

    def failure(self, error: BaseException, request: str) -> None:
        """Show a failure that is the server's own."""
        if not self._is_closed:
            self._display.failure(error, request)

    def close(self) -> None:
        """Show no more."""
        self._is_closed = True


class _LogHandler(logging.Handler):
    """Shows what libraries complain of to those who asked to see each request.

    Args:
        journal: Where it is shown.
        with_origins: Whether it is also shown where an error came from.
    """

    def __init__(self, journal: _Journal, *, with_origins: bool) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self._with_origins = with_origins

    def emit(self, record: logging.LogRecord) -> None:
        """Show a complaint."""
        self._journal.trace(f"{record.name}: {record.getMessage()}")
        if self._with_origins and record.exc_info:
            for line in "".join(traceback.format_exception(record.exc_info[1])).splitlines():
                self._journal.trace(line)


class _FirstSignal:
    """Hears the first signal that asks the process to end. The next one has its usual effect, which is immediate.

    Args:
        on_signal: Called when it comes, in the main thread, between any two of its steps.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self.heard_s: float | None = None
        self._on_signal = on_signal
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (getattr(signal, name, None) for name in _SIGNALS):
            # Whoever started the process may have it ignore some of them.
            if number is not None and callable(signal.getsignal(number)):
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _hear(self, *_: object) -> None:
        self._restore()
        self.heard_s = time.monotonic()
        self._on_signal()

    def _restore(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())


def _wait(service: Service, told: _FirstSignal, display: Display) -> None:
    """Wait until the server has ended; after a signal, for as long as it may still take."""
    is_told = False
    while not service.wait(_TICK_S):
        if told.heard_s is None:
            continue
        if not is_told and service.under_way:
            display.notice("finishing what is under way; Ctrl-C again ends it at once")
        is_told = True
        if time.monotonic() > told.heard_s + GRACE_S + _LAST_WAIT_S:
            return
