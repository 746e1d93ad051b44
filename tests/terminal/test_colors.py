"""Colours follow the variables that programs have agreed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anyscribe.terminal.colors import color_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from programs import Program, Terminal

RED = "\x1b[31m"


@pytest.mark.parametrize(
    ("environ", "choice"),
    [
        ({}, None),
        ({"NO_COLOR": "", "FORCE_COLOR": "", "CLICOLOR": "", "CLICOLOR_FORCE": ""}, None),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "3"}, True),
        ({"FORCE_COLOR": "true"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, None),
        ({"CLICOLOR": "1"}, None),
        ({"CLICOLOR": "0"}, False),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR": "0", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
    ],
)
def test_what_the_variables_mean(environ: Mapping[str, str], choice: bool | None):  # noqa: FBT001 - pytest calls it
    """NO_COLOR wins, then what forces colours, then CLICOLOR; without any of them the terminal decides."""
    assert color_choice(environ) is choice


@pytest.mark.parametrize(
    ("env", "is_colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"CLICOLOR_FORCE": "0"}, False),
    ],
)
@pytest.mark.parametrize("arguments", [["gone.ogg", "--local"], ["--no-such-option"], ["help", "nothing"]])
def test_messages_in_a_pipe(anyscribe: Program, env: dict[str, str], arguments: list[str], *, is_colored: bool):
    """In a pipe, lines have colours only if they are forced, and are the same lines."""
    plain = anyscribe(*arguments)
    run = anyscribe(*arguments, env=env)
    assert (RED in run.err) == is_colored
    assert run.err.replace(RED, "").replace("\x1b[2m", "").replace("\x1b[0m", "") == plain.err


@pytest.mark.parametrize(
    ("env", "is_colored"),
    [
        ({}, True),
        ({"CLICOLOR": "0"}, False),
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ({"CLICOLOR": "0", "FORCE_COLOR": "1"}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_messages_on_a_terminal(terminal: Terminal, env: dict[str, str], *, is_colored: bool):
    """A terminal has colours unless they are switched off."""
    assert (RED in terminal("gone.ogg", "--local", env=env).text) == is_colored
