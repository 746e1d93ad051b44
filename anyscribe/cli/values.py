"""What users write after flags becomes values here, or is refused before anything is read or sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from anyscribe.errors import UsageError

_LONGEST_WAIT_S: Final = 7 * 24 * 3600
_SIZE: Final = re.compile(r"([0-9]{1,15})(?:([kmg])(i?)b)?", re.IGNORECASE | re.ASCII)
_POWERS: Final = {"k": 1, "m": 2, "g": 3}
_ANY: Final = "none"
_LEAST_BODY_BYTES: Final = 100_000
_FASTEST_CPS: Final = 1_000

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


def read_rate(flag: str, given: float) -> float:
    """Read how many characters a second.

    Raises:
        UsageError: It is nothing that anybody reads.
    """
    if not 1 <= given <= _FASTEST_CPS:
        raise UsageError(f"{flag} {given:g}: not a reading speed", hint=f"from 1 to {_FASTEST_CPS} characters a second")
    return given


def read_size(flag: str, given: str) -> int:
    """Read a size in bytes.

    Raises:
        UsageError: It is none, or 0.
    """
    found = _SIZE.fullmatch(given.strip())
    size = int(found[1]) if found else 0
    if found and found[2]:
        size *= (1024 if found[3] else 1000) ** _POWERS[found[2].lower()]
    if not size:
        raise UsageError(f"{flag} {given}: not a size", hint="bytes, or such as 500kB, 100MB, 25MiB, 1GiB")
    return size


def read_limit(flag: str, given: str | None) -> int | None:
    """Read a size that may be ``none``, for any: 0 stands for that; None where nothing was given.

    Raises:
        UsageError: It is neither, or too small for any sound.
    """
    if given is None:
        return None
    size = 0 if given.strip().lower() == _ANY else read_size(flag, given)
    if 0 < size < _LEAST_BODY_BYTES:
        raise UsageError(f"{flag} {given}: too small for a piece of a recording", hint="100kB or more, or none")
    return size


def read_length(flag: str, given: str | None) -> int | None:
    """Read a length of sound in seconds as milliseconds; ``none`` is 0, for any; None where nothing was given.

    Raises:
        UsageError: It is neither, or less than a second.
    """
    if given is None:
        return None
    if given.strip().lower() == _ANY:
        return 0
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= _LONGEST_WAIT_S:
        hint = f"from 1 to {_LONGEST_WAIT_S:,}, or none"
        raise UsageError(f"{flag} {given}: not a length of sound in seconds", hint=hint)
    return round(seconds * 1000)


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
