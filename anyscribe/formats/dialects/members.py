"""Members of any JSON, read without trust: what is missing or of another kind counts as absent."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from anyscribe.formats.timestamps import timestamp_ms
from anyscribe.timespan import MS_PER_SECOND, to_seconds

Members = dict[str, Any]

_SECONDS: Final = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*s?", re.ASCII)
_ISO: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", re.ASCII)
_NANO: Final = 1e-9


def objects(value: Any) -> list[Members]:  # noqa: ANN401 - any JSON
    """Return the objects of a list; empty for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def first(value: Any) -> Members:  # noqa: ANN401 - any JSON
    """Return the first object of a list; an empty one if there is none."""
    return next(iter(objects(value)), {})


def get(value: Any, *names: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the first member that is there and not null, by any of its names; None for anything but an object."""
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in names if value.get(name) is not None), None)


def text_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a text, or a number as one; empty for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def number(value: Any) -> float | None:  # noqa: ANN401 - any JSON
    """Return a finite number, also from a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def seconds(value: Any) -> float | None:  # noqa: ANN401 - any JSON
    """Return a time in seconds: a number, ``1.5s``, ``00:00:01,500``, ``PT1.5S``, or seconds and nanoseconds.

    Args:
        value: Any JSON.

    Returns:
        Seconds; None for anything else.
    """
    if isinstance(value, dict):
        return (number(value.get("seconds")) or 0.0) + _NANO * (number(value.get("nanos")) or 0.0)
    if not isinstance(value, str):
        return number(value)
    value = value.strip()
    if plain := _SECONDS.fullmatch(value):
        return number(plain[1])
    if (iso := _ISO.fullmatch(value)) and any(iso.groups()):
        hours, minutes, rest = iso.groups(default="0")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)
    try:
        return to_seconds(timestamp_ms(value))
    except ValueError:
        return None


def scaled(value: Any, per_second: float = MS_PER_SECOND) -> float | None:  # noqa: ANN401 - any JSON
    """Return a time in seconds that is counted in another unit.

    Args:
        value: Any JSON.
        per_second: Units a second.
    """
    found = number(value)
    return None if found is None else found / per_second


def after(start: float | None, length: float | None) -> float | None:
    """Return when something ends; None if its start or its length is not known."""
    return None if start is None or length is None else start + length


def called(kind: str, label: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return the name of a speaker or channel that has a number, such as ``Speaker 1``; another label as it is.

    Args:
        kind: ``Speaker`` or ``Channel``.
        label: The number or the label; None for none.
    """
    label = text_of(label).strip()
    return f"{kind} {label}" if label.isdecimal() else label or None
