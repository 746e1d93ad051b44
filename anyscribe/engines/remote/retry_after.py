"""The wait that a server asks for before a retry."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ASKED_WAIT_S: Final = 120.0
"""If a server asks for a longer wait, the request is not retried."""

_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]*)?|\.[0-9]+")
_UNITS: Final = (("hours", 3600), ("minutes", 60), ("s", 1))


def read_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Read the wait that a server asks for.

    Args:
        headers: The reply's headers; names are case-insensitive.
        now: The time in seconds since 1970.

    Returns:
        Seconds, from ``retry-after-ms``, otherwise from ``Retry-After`` as a number or a date; None if neither can be
        read. Never negative.
    """
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    given = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(given):
        return float(given)
    try:
        date = email.utils.parsedate_to_datetime(given)
        # A date without a zone is parsed as naive; HTTP dates are in UTC.
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def plain_wait(wait_seconds: float) -> str:
    """Format a wait for messages: ``90 s``, ``5 minutes``.

    Args:
        wait_seconds: The wait in seconds.
    """
    name, unit_seconds = next((name, unit) for name, unit in _UNITS if wait_seconds >= 3 * unit or unit == 1)
    return f"{-(-wait_seconds // unit_seconds):.0f} {name}"
