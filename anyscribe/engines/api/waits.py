"""How long to wait before trying again, and when not to."""

from __future__ import annotations

import email.utils
import random
import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ASKED_WAIT_S: Final = 120.0
"""A server that asks for a longer wait ends the attempts."""

_FIRST_WAIT_S: Final = 0.5
_LONGEST_OWN_WAIT_S: Final = 8.0
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]*)?|\.[0-9]+")
_UNITS: Final = (("hours", 3600), ("minutes", 60), ("s", 1))


def read_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Read how long a server asks to wait.

    Args:
        headers: The reply's headers, by any case.
        now: Seconds since 1970.

    Returns:
        Seconds, from ``retry-after-ms``, else from ``Retry-After`` as a number or a date; None where neither can be
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
        # A date without a zone is a naive one; HTTP's are all UTC.
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def own_wait(attempt: int) -> float:
    """Choose a wait where the server names none: doubling, with jitter, so that a batch does not come back all at once.

    Args:
        attempt: How many attempts have failed, from 1.

    Returns:
        Seconds, at most 8.
    """
    longest = min(_FIRST_WAIT_S * 2.0 ** min(attempt - 1, 10), _LONGEST_OWN_WAIT_S)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret


def spoken_wait(wait_seconds: float) -> str:
    """Say how long a wait is, to a person.

    Args:
        wait_seconds: The wait.
    """
    name, unit_seconds = next((name, unit) for name, unit in _UNITS if wait_seconds >= 3 * unit or unit == 1)
    return f"{-(-wait_seconds // unit_seconds):.0f} {name}"
