"""Completion scripts for shells, made by Typer. The files in ``completions/`` are these, and a test compares them."""

from __future__ import annotations

from enum import StrEnum

from typer.completion import get_completion_script  # type: ignore[attr-defined]  # the module re-exports it silently


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
    script = get_completion_script(prog_name="anyscribe", complete_var="_ANYSCRIBE_COMPLETE", shell=shell.value)
    if shell is Shell.ZSH:
        # zsh runs the file itself as the completing function when the first Tab loads it from its function path.
        script += '\n\nif [ "$funcstack[1]" = "_anyscribe" ]; then _anyscribe_completion "$@"; fi'
    return script + "\n"
