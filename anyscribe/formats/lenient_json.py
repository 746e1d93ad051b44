"""Decode JSON as servers write it, also if it is not quite JSON. This module loads msgspec."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

import msgspec

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def decode(document: str) -> tuple[Any, bool]:
    """Decode a JSON document.

    Tolerated are NaN and infinite numbers, which count as null, raw control characters in strings, and lone surrogates,
    which become U+FFFD.

    Args:
        document: The document, without a byte order mark.

    Returns:
        The value, and whether the document is JSON to the letter.

    Raises:
        ValueError: It is not JSON, or nested too deeply; the message is one line.
    """
    try:
        try:
            return msgspec.json.decode(mended(document)), not _SURROGATE.search(document)
        except msgspec.DecodeError as error:
            try:
                return clean(json.loads(document, strict=False, parse_int=_integer)), False
            except ValueError:
                raise error from None
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


def mended(text: str) -> str:
    """Join surrogate pairs, and replace a lone surrogate with U+FFFD.

    Args:
        text: Any text.
    """
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _integer(digits: str) -> float:
    # Python refuses to read thousands of digits as an integer.
    return int(digits) if len(digits) < 300 else math.inf  # noqa: PLR2004 - any bound will do


def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Replace infinite numbers with None, and lone surrogates with U+FFFD, in a decoded value.

    Args:
        value: Any JSON value.

    Raises:
        RecursionError: It is nested too deeply.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {mended(name): clean(item) for name, item in value.items()}
    return value
