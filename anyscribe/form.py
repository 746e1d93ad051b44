"""Convert a request to the contract's form fields and back: the client writes them, the server reads them.

Source: the reference page of ``POST /v1/audio/transcriptions``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from anyscribe.errors import FieldError, UsageError
from anyscribe.languages import language_code, similar_languages
from anyscribe.request import Granularity, ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

    Choice = TypeVar("Choice", bound=StrEnum)

FIELDS: Final = (
    "file",
    "model",
    "language",
    "prompt",
    "response_format",
    "temperature",
    "timestamp_granularities",
    "stream",
    "include",
)
"""The contract's fields, in its order."""

_LISTS: Final = frozenset({"timestamp_granularities", "include"})
_BOOLEANS: Final = {"true": True, "false": False}
_DETECTED: Final = "auto"
"""How other programs call a language that is not set."""

_DECIMAL: Final = re.compile(r"\d*\.?\d+|\d+\.", re.ASCII)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_INDEX: Final = re.compile(r"\[[0-9]*\]$")
"""The suffix by which form libraries mark a list: ``include[]``, ``include[0]``."""


def write_form(request: TranscriptionRequest) -> list[tuple[str, str]]:
    """Convert a request to form fields.

    Args:
        request: The request.

    Returns:
        (name, value) pairs; lists as repeated names that end in ``[]``. Unset fields are left out.

    Raises:
        UsageError: A value contains bytes that are not text.
    """
    fields = [("model", request.model), ("response_format", request.response_format.value)]
    fields.append(("language", request.language))
    fields.append(("prompt", request.prompt))
    fields.append(("temperature", request.temperature))
    fields.extend(("timestamp_granularities[]", granularity.value) for granularity in request.timestamp_granularities)
    fields.extend(("include[]", value) for value in request.include)
    fields.append(("stream", None if request.stream is None else str(request.stream).lower()))
    fields.extend(request.fields)
    for name, value in fields:
        # Python turns argument bytes that do not fit the terminal's encoding into surrogates.
        if value is not None and _SURROGATES.search(name + value):
            raise UsageError(f"the value for {name} is not text in UTF-8", remedy="give it in UTF-8")
    return [(name, value) for name, value in fields if value is not None]


def read_form(fields: Iterable[tuple[str, str]]) -> TranscriptionRequest:
    """Read form fields, in any order; the inverse of `write_form`.

    Args:
        fields: (name, value) pairs, without the file. If a field that is not a list is repeated, the last value counts.
            An empty value counts as unset. Lists may be marked by ``[]`` or not.

    Returns:
        The request; fields that the contract does not name are in ``fields``.

    Raises:
        FieldError: The contract does not allow a value.
    """
    single: dict[str, str] = {}
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    others: list[tuple[str, str]] = []
    for name, value in fields:
        plain = _INDEX.sub("", name)
        if plain in _LISTS:
            if value:
                lists[plain].append(value)
        elif name in FIELDS:
            single[name] = value
        else:
            others.append((name, value))
    given = {name: value for name, value in single.items() if value}
    return TranscriptionRequest(
        response_format=_choice("response_format", given.get("response_format", "json"), ResponseFormat),
        model=given.get("model"),
        language=read_language(given.get("language")),
        prompt=given.get("prompt"),
        temperature=read_temperature(given.get("temperature")),
        timestamp_granularities=tuple(
            _choice("timestamp_granularities", value, Granularity) for value in lists["timestamp_granularities"]
        ),
        include=tuple(lists["include"]),
        stream=_read_boolean("stream", given.get("stream")),
        fields=tuple(others),
    )


def read_temperature(given: str | None) -> str | None:
    """Validate a temperature and return it unchanged, so that the server gets the digits that the user wrote.

    Args:
        given: The text; None if unset.

    Raises:
        FieldError: It is not a decimal number from 0 to 1.
    """
    if given is not None and not (_DECIMAL.fullmatch(given) and float(given) <= 1):
        raise FieldError("temperature", given, "not a number from 0 to 1")
    return given


def read_language(given: str | None) -> str | None:
    """Read a language: a code, a tag such as ``en-US``, or a name such as ``English``.

    Args:
        given: The text; None if unset.

    Returns:
        The language's ISO-639-1 code, see `anyscribe.languages.language_code`; None if unset, or ``auto``.

    Raises:
        FieldError: It is no language's name and does not look like a code.
    """
    if given is None or given.strip().lower() == _DETECTED:
        return None
    code = language_code(given)
    if code is None:
        similar = similar_languages(given)
        remedy = "give ISO-639-1, such as en, de or ja, or a name, such as German"
        if similar:
            remedy = f"did you mean {similar[0]}? {remedy}"
        raise FieldError("language", given, "not a language", remedy=remedy)
    return code


def _read_boolean(name: str, given: str | None) -> bool | None:
    """Read a boolean; also accept the spellings of Python and of lax clients."""
    if given is None:
        return None
    value = {**_BOOLEANS, "1": True, "0": False}.get(given.lower())
    if value is None:
        raise FieldError(name, given, "not a boolean", legal=tuple(_BOOLEANS))
    return value


def _choice(name: str, given: str, choices: type[Choice]) -> Choice:
    try:
        return choices(given)
    except ValueError:
        raise FieldError(name, given, "no such value", legal=tuple(choices)) from None
