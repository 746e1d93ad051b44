"""Values that users write after flags: read, or refused before anything is read or sent."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.cli.messages import flag_of
from anyscribe.errors import FieldError, OptionError, UsageError
from anyscribe.form import FIELDS
from anyscribe.formats import OUTPUT_FORMATS, format_called
from anyscribe.formats.timestamps import timestamp_ms
from anyscribe.request import Granularity
from anyscribe.timespan import to_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from anyscribe.formats import OutputFormat

_LONGEST_WAIT_S: Final = 7 * 24 * 3600
_SIZE: Final = re.compile(r"([0-9]{1,15})(?:([kmg])(i?)b)?", re.IGNORECASE | re.ASCII)
_POWERS: Final = {"k": 1, "m": 2, "g": 3}
_AGO: Final = re.compile(r"([0-9]{1,5})([dw])", re.ASCII)
_DAYS: Final = {"today": 0, "yesterday": 1}
_WEEK: Final = 7
_ANY: Final = "none"
_BETWEEN_NAMES: Final = re.compile(r"[\s,;]+")
_FILE: Final = "@"
_LEAST_BODY_BYTES: Final = 100_000
_FASTEST_CPS: Final = 1_000
_TEXT_FILES: Final = frozenset({".txt", ".md", ".csv", ".tsv", ".lst"})
_MOST_VOCABULARY_BYTES: Final = 1_000_000


def read_list(option: str, given: Sequence[str]) -> list[str]:
    """Read names that are given together, ``srt,vtt``, or by repetition.

    Args:
        option: The field's name.
        given: The values, in the user's order.

    Raises:
        FieldError: One of them names nothing.
    """
    names = [(value, [name for name in _BETWEEN_NAMES.split(value) if name]) for value in given]
    for value, found in names:
        if not found:
            raise FieldError(option, value, "it is empty")
    return [name for _, found in names for name in found]


def read_formats(given: Sequence[str]) -> tuple[OutputFormat, ...]:
    """Read the output formats.

    Args:
        given: Their names, in the user's order.

    Returns:
        The formats, each once; empty if none is given.

    Raises:
        FieldError: There is no such format.
    """
    formats = []
    for name in read_list("response_format", given):
        known = format_called(name)
        if known is None:
            raise FieldError("response_format", name, "no such format", legal=tuple(OUTPUT_FORMATS))
        formats.append(known)
    return tuple(dict.fromkeys(formats))


def read_granularities(given: Sequence[str]) -> tuple[Granularity, ...]:
    """Read the granularities of times.

    Args:
        given: Their names, in the user's order; also as plurals.

    Raises:
        FieldError: There is no such granularity.
    """
    granularities = []
    for name in read_list("timestamp_granularities", given):
        try:
            granularities.append(Granularity(name.lower().removesuffix("s")))
        except ValueError:
            legal = tuple(Granularity)
            raise FieldError("timestamp_granularities", name, "no such granularity", legal=legal) from None
    return tuple(granularities)


def read_seconds(option: str, given: float) -> float:
    """Read a time in seconds.

    Args:
        option: The option's name.
        given: Its value.

    Raises:
        OptionError: It is not a sensible time.
    """
    if not 0 < given <= _LONGEST_WAIT_S:
        remedy = f"from above 0 to {_LONGEST_WAIT_S:,}, a week"
        raise OptionError(option, f"{given:g}", "not a time in seconds", remedy=remedy)
    return given


def read_milliseconds(option: str, given: float | None) -> int | None:
    """Read a time that is given in seconds.

    Args:
        option: The option's name.
        given: Its value; None if it is not set.

    Returns:
        The time in milliseconds.

    Raises:
        OptionError: It is not a sensible time.
    """
    return None if given is None else to_ms(read_seconds(option, given))


def read_time(option: str, given: str | None) -> int | None:
    """Read a time in a recording.

    Args:
        option: The option's name.
        given: Seconds, or as a clock shows it: ``90``, ``1:30``, ``00:01:30.5``; None if it is not set.

    Returns:
        Milliseconds from the start.

    Raises:
        OptionError: It is no time.
    """
    if given is None:
        return None
    text = given.strip()
    try:
        return timestamp_ms(text if ":" in text else f"0:{text}")
    except ValueError as error:
        raise OptionError(option, given, "no time", remedy="such as 90, 1:30 or 00:01:30.5") from error


def read_since(given: str) -> datetime:
    """Read a day or a time; without a zone, it is that of this machine.

    Args:
        given: Such as ``2026-11-01``, ``2026-11-01T18:30``, ``today``, ``yesterday``, ``7d`` or ``2w``.

    Raises:
        OptionError: It is none of these.
    """
    from datetime import datetime, timedelta  # noqa: PLC0415 - few runs need it

    text = given.strip().lower()
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    ago = _AGO.fullmatch(text)
    try:
        if ago or text in _DAYS:
            days = int(ago[1]) * (_WEEK if ago[2] == "w" else 1) if ago else _DAYS[text]
            return today - timedelta(days=days)
        time = datetime.fromisoformat(given.strip())
    except (ValueError, OverflowError):
        remedy = "such as 2026-11-01, 2026-11-01T18:30, today, yesterday, 7d or 2w"
        raise OptionError("since", given, "not a date", remedy=remedy) from None
    return time if time.tzinfo else time.astimezone()


def read_rate(option: str, given: float | None) -> float | None:
    """Read a reading speed in characters a second.

    Args:
        option: The option's name.
        given: Its value; None if it is not set.

    Raises:
        OptionError: Nothing can be read at that speed.
    """
    if given is not None and not 1 <= given <= _FASTEST_CPS:
        remedy = f"from 1 to {_FASTEST_CPS} characters a second"
        raise OptionError(option, f"{given:g}", "not a reading speed", remedy=remedy)
    return given


def read_size(option: str, given: str) -> int:
    """Read a size in bytes.

    Args:
        option: The option's name.
        given: Its value.

    Raises:
        OptionError: It is not a size, or 0.
    """
    found = _SIZE.fullmatch(given.strip())
    size = int(found[1]) if found else 0
    if found and found[2]:
        size *= (1024 if found[3] else 1000) ** _POWERS[found[2].lower()]
    if not size:
        raise OptionError(option, given, "not a size", remedy="bytes, or such as 500kB, 100MB, 25MiB, 1GiB")
    return size


def read_upload_limit(option: str, given: str | None) -> int | None:
    """Read the size of a request.

    Args:
        option: The option's name.
        given: Its value; None if it is not set.

    Returns:
        Bytes; 0 for ``none``, which means any.

    Raises:
        OptionError: It is neither, or too small for any audio.
    """
    if given is None:
        return None
    size = 0 if given.strip().lower() == _ANY else read_size(option, given)
    if 0 < size < _LEAST_BODY_BYTES:
        raise OptionError(option, given, "too small for a piece of a recording", remedy="100kB or more, or none")
    return size


def read_length(option: str, given: str | None) -> int | None:
    """Read a length of audio in seconds.

    Args:
        option: The option's name.
        given: Its value; None if it is not set.

    Returns:
        Milliseconds; 0 for ``none``, which means any.

    Raises:
        OptionError: It is neither, or less than a second.
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
        remedy = f"from 1 to {_LONGEST_WAIT_S:,}, or none"
        raise OptionError(option, given, "not a length of audio in seconds", remedy=remedy)
    return round(seconds * 1000)


def read_prompt(given: str | None) -> str | None:
    """Read the prompt: the text itself, or ``@file`` for what the file holds; text that begins with ``@`` has two.

    Args:
        given: The value; None if it is not set.

    Raises:
        FieldError: The file cannot be read as UTF-8 text.
    """
    if given is None or not given.startswith(_FILE):
        return given
    if given.startswith(2 * _FILE):
        return given[1:]
    path = Path(given[1:])
    try:
        return path.read_bytes().decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise FieldError("prompt", given, "the file is not UTF-8 text") from error
    except OSError as error:
        remedy = "a file name follows @; text that begins with @ is written with @@"
        raise FieldError("prompt", given, error.strerror or "", remedy=remedy) from error


def read_vocabulary(given: Sequence[str]) -> tuple[str, ...]:
    """Read names and terms.

    Args:
        given: Each a file with one a line, or the words themselves, separated by commas.

    Returns:
        The words, each once.

    Raises:
        OptionError: A file cannot be read as UTF-8 text, or there is nothing in it.
    """
    from anyscribe.recording.vocabulary import read_terms  # noqa: PLC0415 - few runs have a vocabulary

    terms: list[str] = []
    for value in given:
        found = read_terms([_vocabulary_text(value)])
        if not found:
            raise OptionError("vocabulary", value, "no words in it")
        terms += found
    return tuple(dict.fromkeys(terms))


def _vocabulary_text(given: str) -> str:
    """Return the content of a file, or the words as they were given."""
    path = Path(given)
    # Many words are longer than a file's name can be.
    if not os.path.isfile(path):  # noqa: PTH113 - pathlib raises for them
        if path.suffix.lower() in _TEXT_FILES:
            raise OptionError("vocabulary", given, "no such file")
        return given
    try:
        if path.stat().st_size > _MOST_VOCABULARY_BYTES:
            raise OptionError("vocabulary", given, f"longer than {_MOST_VOCABULARY_BYTES:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError("vocabulary", given, "the file is not UTF-8 text") from error
    except OSError as error:
        raise OptionError("vocabulary", given, error.strerror or "", remedy="check the path") from error


def read_fields(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Read form fields of the form ``NAME=VALUE``.

    Args:
        given: The values.

    Raises:
        UsageError: One has no name, or names a field that has a flag.
    """
    fields = []
    for pair in given:
        name, equals, value = pair.partition("=")
        if not name or not equals or not name.isprintable():
            raise OptionError("field", pair, "not of the form NAME=VALUE")
        plain = name.removesuffix("[]")
        if plain in FIELDS:
            raise UsageError(f"--field {name}: that field has a flag", remedy=f"use {flag_of(plain)}")
        fields.append((name, value))
    return tuple(fields)
