"""The commands: ``anyscribe [OPTIONS] INPUT...`` itself, and its subcommands."""

from __future__ import annotations

from typing import Annotated, Any

import typer
import typer.core
import typer.main

from anyscribe.cli.completions import Shell, completion_script
from anyscribe.cli.models import models
from anyscribe.cli.serve import serve
from anyscribe.cli.transcribe import transcribe

_MAIN = "transcribe"
_HELP_NAMES = {"help_option_names": ["-h", "--help"]}


class _Program(typer.core.TyperGroup):
    """Takes what names no subcommand for the main command's arguments: ``anyscribe talk.mp3``, ``anyscribe --help``.

    A file that is called like a subcommand is reached as ``./serve``.
    """

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        *rest: Any,  # noqa: ANN401 - as Typer has it
        **extra: Any,  # noqa: ANN401 - likewise
    ) -> typer.Context:
        """Make the context of the command that the first argument chooses."""
        name = args[0] if args and args[0] in self.commands and args[0] != _MAIN else None
        command = self.commands[name or _MAIN]
        shown = f"{info_name} {name}" if name else info_name
        return command.make_context(shown, args[1:] if name else args, *rest, **extra)  # type: ignore[return-value] # click types its own

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override] # noqa: ANN401 - as Typer has it
        """Run the command that was chosen."""
        return ctx.command.invoke(ctx)


class _Main(typer.core.TyperCommand):
    """Shows its usage as one would type it; Typer's own puts braces around."""

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # click types its own
        """Give the words after the program's name."""
        del ctx
        return ["[OPTIONS]", "INPUT..."]


_app = typer.Typer(
    cls=_Program,
    # Plain help: it loads no rich, and pipes well.
    rich_markup_mode=None,
    # Registers Typer's shells. The two options that come with it stay unseen on the group: `completion` is the command.
    add_completion=True,
)
_app.command(
    _MAIN,
    context_settings=_HELP_NAMES,
    cls=_Main,
    epilog="anyscribe completion SHELL prints a completion script. The keys are read from ANYSCRIBE_API_KEY, else"
    " ANYAPI_API_KEY; OPENAI_API_KEY is used for OpenAI's own server only.",
)(transcribe)
_app.command("models", context_settings=_HELP_NAMES)(models)
_app.command("serve", context_settings=_HELP_NAMES)(serve)


@_app.command("completion", context_settings=_HELP_NAMES)
def completion(shell: Annotated[Shell, typer.Argument(help="The shell that is to complete arguments.")]) -> None:
    """Print a completion script, to be sourced or to be put where the shell looks."""
    typer.echo(completion_script(shell), nl=False)


program = typer.main.get_command(_app)
