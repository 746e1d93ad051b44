"""The program: one funnel from whatever happens to one line and one exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final

from anyscribe.cli.exit_codes import ExitCode, code_of
from anyscribe.cli.invocation import Invocation
from anyscribe.errors import AnyscribeError, ClosedPipeError, FieldError

if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_COMPLETING: Final = "_ANYSCRIBE_COMPLETE"


class _Terminated(BaseException):
    """Somebody asked the process to end; unwinds like Ctrl-C, so that temporary files go."""


def main() -> NoReturn:
    """Run the command line and end the process."""
    if _COMPLETING in os.environ:
        # Typer would load rich to take markup out of help texts that have none; a press of Tab should not wait for it.
        sys.modules["rich"] = None  # type: ignore[assignment] # what importlib takes for: not there
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)
    invocation = Invocation()
    try:
        code = _run(invocation)
        code = _flushed(code)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except _Terminated:
        code = ExitCode.TERMINATED
    if "anyscribe.audio.scratch" in sys.modules:
        from anyscribe.audio.scratch import remove_scratch_folders  # noqa: PLC0415 - where it is loaded already

        # A second Ctrl-C would leave half of it behind.
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)
        remove_scratch_folders()
    # At once: a thread that waits for a server must not hold the process up. All cleaning up is done by now.
    os._exit(code)


def _run(invocation: Invocation) -> int:
    try:
        # Imported here so that Ctrl-C ends an import as quietly as anything else.
        from anyscribe.cli.app import program  # noqa: PLC0415

        return int(program.main(prog_name="anyscribe", standalone_mode=False, obj=invocation) or ExitCode.DONE)
    except SystemExit as leaving:
        # Typer's own way out of completion, and of help for which there is no reader any more.
        read = not isinstance(leaving.__context__, BrokenPipeError)
        return leaving.code if read and isinstance(leaving.code, int) else ExitCode.DONE
    except ClosedPipeError:
        return ExitCode.DONE
    except FieldError as error:
        from anyscribe.cli.values import FLAGS  # noqa: PLC0415 - only errors need it

        error.name_field(FLAGS.get(error.field, f"--field {error.field}"))
        _say(str(error), error, invocation)
        return code_of(error)
    except AnyscribeError as error:
        _say(str(error), error, invocation)
        return code_of(error)
    except Exception as error:  # noqa: BLE001 - the end of the funnel
        return _end_of_the_rest(error, invocation)


def _end_of_the_rest(error: Exception, invocation: Invocation) -> int:
    # Only errors need it, and a program that starts quickly does without.
    from typer.exceptions import TyperException  # noqa: PLC0415

    if isinstance(error, TyperException):
        message = " ".join(error.format_message().split()).removesuffix(".")
        _say(f"{message}: anyscribe --help lists what there is", error, invocation)
        return ExitCode.USAGE
    if isinstance(error, OSError):
        _say(str(error.strerror or error), error, invocation)
    else:
        defect = f"{type(error).__name__}: {error}"
        _say(f"this is a defect of anyscribe's ({defect}): please report it, with what -vv shows", error, invocation)
    return ExitCode.FAILED


def _say(message: str, error: Exception, invocation: Invocation) -> None:
    """Say the last line, and where it came from to those who asked for it."""
    from anyscribe.terminal.display import Display  # noqa: PLC0415 - only errors need it

    Display(sys.stderr, verbosity=invocation.verbosity).failure(message, error)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    # Where all of a group is told to end, workers may be gone first; what threads then say of it is no news any more.
    threading.excepthook = lambda _: None
    raise _Terminated


def _flushed(code: int) -> int:
    """Write what is still in the buffers; what cannot be written was not done."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed before the program started
                stream.flush()
        except BrokenPipeError:
            continue
        except (OSError, ValueError):
            # Where nobody can be told of it, work was done all the same.
            if stream is sys.stdout:
                code = code or ExitCode.FAILED
    return code
