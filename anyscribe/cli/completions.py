"""Completion scripts for shells, made by Typer. The files in ``completions/`` are these, and a test compares them."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Final

VARIABLE: Final = "_ANYSCRIBE_COMPLETE"
"""Set by a shell that asks for completions."""


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

    script: str = get_completion_script(prog_name="anyscribe", complete_var=VARIABLE, shell=shell.value)
    if shell is Shell.ZSH:
        # zsh runs the file itself as the completing function when the first Tab loads it from its function path.
        script += '\n\nif [ "$funcstack[1]" = "_anyscribe" ]; then _anyscribe_completion "$@"; fi'
    return script + "\n"


def skip_rich() -> None:
    """Keep Typer from loading rich to remove markup from help texts that have none: Tab should not wait for it.

    The process ends when the completions are printed.
    """
    sys.modules["rich"] = None  # type: ignore[assignment] # what importlib takes for: not there
