"""Completion scripts for shells, made by Typer. The files in ``completions/`` are these, and a test compares them."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from anyscribe.cli import options
from anyscribe.cli.invocation import COMPLETION_VARIABLE
from anyscribe.terminal.output import StandardOutput


class Shell(StrEnum):
    """The shells that there are scripts for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion_script(shell: Shell) -> str:
    """Make the script that tells a shell to ask anyscribe for completions.

    Args:
        shell: Which shell.

    Returns:
        The script, ending with a line feed.
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined] # noqa: PLC0415 - re-exported

    script: str = get_completion_script(prog_name="anyscribe", complete_var=COMPLETION_VARIABLE, shell=shell.value)
    if shell is Shell.ZSH:
        # zsh runs the file itself as the completing function when the first Tab loads it from its function path.
        script += '\n\nif [ "$funcstack[1]" = "_anyscribe" ]; then _anyscribe_completion "$@"; fi'
    return script + "\n"


def completion(
    ctx: typer.Context,
    shell: Annotated[
        Shell,
        typer.Argument(metavar="SHELL", help="One of bash, zsh, fish, powershell.", rich_help_panel=options.INPUT),
    ],
) -> None:
    """Print a completion script, to be sourced or to be put in the shell's folder for them."""
    StandardOutput(ctx.obj.stdout).write(completion_script(shell).encode())


def prepare_completion() -> None:
    """Prepare this process to answer a shell; it ends when the completions are printed.

    Typer knows its shells only after its own initialisation. It would load rich to remove markup from help texts, which
    have none: Tab should not wait for that.
    """
    from typer.completion import completion_init  # type: ignore[attr-defined] # noqa: PLC0415 - re-exported

    completion_init()
    sys.modules["rich"] = None  # type: ignore[assignment] # importlib takes it for a missing package
