"""What users write after flags becomes values here, or is refused before anything is read or sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from anyscribe.errors import UsageError

_LONGEST_WAIT_S: Final = 7 * 24 * 3600

_OWN_FLAGS: Final = {
    "file": "INPUT",
    "model": "--model",
    "language": "--language",
    "prompt": "--prompt",
    "response_format": "--format",
    "temperature": "--temperature",
    "timestamp_granularities": "--timestamp-granularities",
    "stream": "--stream",
    "include": "--include",
}


def read_temperature(given: str | None) -> str | None:
    """Read ``--temperature``, and keep the digits that the user wrote, since the server is to get those.

    Raises:
        UsageError: It is no decimal number from 0 to 1.
    """
    if given is not None and not (re.fullmatch(r"\d*\.?\d+|\d+\.", given, re.ASCII) and float(given) <= 1):
        raise UsageError(f"--temperature {given}: not a number from 0 to 1")
    return given


def read_seconds(flag: str, given: float) -> float:
    """Read how long to wait.

    Raises:
        UsageError: It is no time that anybody waits.
    """
    if not 0 < given <= _LONGEST_WAIT_S:
        raise UsageError(
            f"{flag} {given:g}: not a time in seconds", hint=f"from above 0 to {_LONGEST_WAIT_S:,}, a week"
        )
    return given


def read_language(given: str | None) -> str | None:
    """Read ``--language``: an ISO-639 code, perhaps with a region.

    Raises:
        UsageError: It does not look like a code.
    """
    if given is not None and not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", given):
        raise UsageError(f"--language {given}: not a language code", hint="give ISO-639-1, such as en, de or ja")
    return given


def read_prompt(given: str | None) -> str | None:
    """Read ``--prompt``: the text itself, or ``@file`` for what the file holds.

    Raises:
        UsageError: The file cannot be read as UTF-8 text.
    """
    if given is None or not given.startswith("@"):
        return given
    path = Path(given[1:])
    try:
        return path.read_bytes().decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise UsageError(f"--prompt {given}: the file is not UTF-8 text") from error
    except OSError as error:
        raise UsageError(f"--prompt {given}: {error.strerror}", hint="after @ stands the name of a file") from error


def read_fields(given: list[str]) -> tuple[tuple[str, str], ...]:
    """Read ``--field NAME=VALUE``, as often as it is given.

    Raises:
        UsageError: One has no name, or names a field that has a flag of its own.
    """
    fields = []
    for pair in given:
        name, equals, value = pair.partition("=")
        if not name or not equals or not name.isprintable():
            raise UsageError(f"--field {pair}: not of the form NAME=VALUE")
        flag = _OWN_FLAGS.get(name.removesuffix("[]"))
        if flag:
            raise UsageError(f"--field {name}: that field has a flag of its own", hint=f"use {flag}")
        fields.append((name, value))
    return tuple(fields)
