"""The process: its streams, signals and end. Everything below can run in another program's process."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from anyscribe.cli.exit_codes import ExitCode
from anyscribe.cli.invocation import COMPLETION_VARIABLE, Invocation
from anyscribe.stopping import Terminated

if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


_OBJECTS_BEFORE_COLLECTION: Final = 20_000


def main() -> NoReturn:
    """Run the command line and end the process."""
    invocation = Invocation(sys.stdin, sys.stdout, sys.stderr, os.environ)
    _catch_signals(invocation)
    # Start-up makes many objects and no garbage.
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    try:
        # Imported here so that Ctrl-C ends an import as quietly as anything else.
        from anyscribe.cli.command_line import run  # noqa: PLC0415

        if COMPLETION_VARIABLE in os.environ:
            from anyscribe.cli.completions import prepare_completion  # noqa: PLC0415 - loads Typer

            prepare_completion()
        code = run(sys.argv[1:], invocation)
        if not invocation.is_ending:
            # After an interruption, a thread may still be writing, and a flush would wait for its reader.
            code = _flushed(code)
        # From here on, a signal ends the process at once.
        invocation.is_ending = True
    except Terminated:
        code = ExitCode.TERMINATED
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    _leave(invocation, code)


def _leave(invocation: Invocation, code: int) -> NoReturn:
    """End the process without waiting for its threads, which may wait for a server."""
    if invocation.scratch is not None:
        invocation.scratch.close()
    os._exit(code)


def _catch_signals(invocation: Invocation) -> None:
    def end(number: int, _frame: FrameType | None) -> NoReturn:
        is_interrupt = number == signal.SIGINT
        if invocation.is_ending:
            # Whatever the first signal has led to so far: a second exception could escape from there.
            _leave(invocation, ExitCode.INTERRUPTED if is_interrupt else ExitCode.TERMINATED)
        invocation.is_ending = True
        raise KeyboardInterrupt if is_interrupt else Terminated

    def report(failure: Any) -> None:  # noqa: ANN401 - as threading has it
        # If a whole process group is told to end, workers may be gone first; what threads say about that is not news.
        if not invocation.is_ending:
            threading.__excepthook__(failure)

    threading.excepthook = report
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, end)


def _flushed(code: int) -> int:
    """Write what is still in the buffers; what cannot be written was not done."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed before the program started
                stream.flush()
        except BrokenPipeError:
            continue
        except (OSError, ValueError):
            # Work was done even if the user cannot be told about it.
            if stream is sys.stdout:
                code = code or ExitCode.FAILED
    return code
