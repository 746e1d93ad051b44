"""The command line: arguments in, an exit code out; every error becomes one line and one code here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.cli.exit_codes import ExitCode, code_of
from anyscribe.errors import AnyscribeError, ClosedPipeError, DefectError, UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer.exceptions import TyperException

    from anyscribe.cli.invocation import Invocation

PROGRAM: Final = "anyscribe"


def run(arguments: Sequence[str], invocation: Invocation) -> int:
    """Run the command line.

    Args:
        arguments: Those after the program's name.
        invocation: What the process gives it.

    Returns:
        The exit code; errors have been shown.

    Raises:
        KeyboardInterrupt: Ctrl-C; what was finished is written.
    """
    try:
        return _run(arguments, invocation)
    except SystemExit as leaving:
        # Typer's own way out of completion.
        return leaving.code if isinstance(leaving.code, int) else ExitCode.DONE
    except ClosedPipeError:
        return ExitCode.DONE
    except AnyscribeError as error:
        _show(error, invocation)
        return code_of(error)
    except OSError as error:
        _show(AnyscribeError(str(error.strerror or error)).with_traceback(error.__traceback__), invocation)
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001 - the last resort
        _show(DefectError(error), invocation)
        return ExitCode.FAILED


def _run(arguments: Sequence[str], invocation: Invocation) -> int:
    from typer.exceptions import TyperException  # noqa: PLC0415 - loaded with the commands

    from anyscribe.cli.app import program  # noqa: PLC0415 - after the above

    try:
        result = program.main(list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=invocation)
        return int(result or ExitCode.DONE)
    except TyperException as error:
        raise _usage_error(error) from error


def _usage_error(error: TyperException) -> UsageError:
    """Translate an error that Typer found in the arguments."""
    see = Sentence("see {}", Option("help"))
    name, context = getattr(error, "option_name", None), getattr(error, "ctx", None)
    if name and context is not None and hasattr(error, "possibilities"):
        from anyscribe.cli.other_names import remedy_for  # noqa: PLC0415 - only this error needs it

        known = {option for parameter in context.command.params for option in parameter.opts}
        remedy = remedy_for(name, known, error.possibilities or [])
        return UsageError(f"No such option: {name}", remedy=remedy or see)
    message = " ".join(error.format_message().split()).removesuffix(".")
    parameter = getattr(error, "param", None)
    if context is not None and parameter is not None and context.default_map is not None:
        from anyscribe.cli.settings import setting_of  # noqa: PLC0415 - loaded with the commands

        place = setting_of(context, parameter.name, None).place
        message += f" (set by {place})" if place else ""
    return UsageError(message, remedy=see)


def _show(error: AnyscribeError, invocation: Invocation) -> None:
    """Show the last line, and the traceback if it is wanted."""
    from anyscribe.cli.messages import name_of  # noqa: PLC0415 - only errors need it
    from anyscribe.terminal.colors import color_choice  # noqa: PLC0415 - as above
    from anyscribe.terminal.display import Display, DisplayOptions  # noqa: PLC0415 - as above

    options = DisplayOptions(
        verbosity=invocation.verbosity, is_colored=color_choice(invocation.environ), name_of=name_of
    )
    Display(invocation.stderr, options).failure(error)
