"""What users write after flags becomes values here, or is refused before anything is read or sent."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from anyscribe.errors import UsageError

_LONGEST_WAIT_S: Final = 7 * 24 * 3600

FLAGS: Final = {
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
"""The flag for each field of the contract."""


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
        flag = FLAGS.get(name.removesuffix("[]"))
        if flag:
            raise UsageError(f"--field {name}: that field has a flag of its own", hint=f"use {flag}")
        fields.append((name, value))
    return tuple(fields)
