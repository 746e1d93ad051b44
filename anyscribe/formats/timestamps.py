"""Convert milliseconds to a subtitle's timestamp and back, with integers only.

Source: https://www.w3.org/TR/webvtt1/#webvtt-timestamp; SubRip has no standard and uses the same form with a comma.
"""

from __future__ import annotations

import re

from anyscribe.timespan import MS_PER_SECOND

# Nine digits of hours are 114,000 years: no recording is longer, and a longer number is garbage that only costs time.
_TIMESTAMP = r"(?:[0-9]{1,9}:)?[0-9]{1,9}:[0-9]{1,9}(?:[.,][0-9]{1,9})?"
_TIMESTAMP_PARTS = re.compile(r"(?:([0-9]{1,9}):)?([0-9]{1,9}):([0-9]{1,9})(?:[.,]([0-9]{1,9}))?")

TIMING_LINE = re.compile(rf"\s*({_TIMESTAMP})\s*-->\s*({_TIMESTAMP})(?=\s|$)")
"""A line that gives a cue its time, in either format; anything after the second timestamp (settings) is ignored."""

_MS_PER_HOUR = 3_600_000
_MS_PER_MINUTE = 60_000
_DECIMALS_OF_MS = 3


def srt_timestamp(time_ms: int) -> str:
    """Write a time as SubRip does: ``HH:MM:SS,mmm``.

    Args:
        time_ms: Milliseconds from the recording's start, 0 or more; 100 hours and more take more than two digits.

    Returns:
        The timestamp.
    """
    return _timestamp(time_ms, ",")


def vtt_timestamp(time_ms: int) -> str:
    """Write a time as WebVTT does: ``HH:MM:SS.mmm``.

    Args:
        time_ms: Milliseconds from the recording's start, 0 or more; 100 hours and more take more than two digits.

    Returns:
        The timestamp.
    """
    return _timestamp(time_ms, ".")


def timestamp_ms(timestamp: str) -> int:
    """Read a timestamp of either format, also in a loose form.

    Hours may be missing, and minutes and seconds may exceed 59 (LocalAI writes ``01:75:03,000``). The decimals may
    follow a dot or a comma and may be missing; digits finer than a millisecond are rounded half up.

    Args:
        timestamp: The timestamp, without surrounding whitespace.

    Returns:
        Milliseconds from the recording's start.

    Raises:
        ValueError: It is not a timestamp.
    """
    parts = _TIMESTAMP_PARTS.fullmatch(timestamp)
    if parts is None:
        raise ValueError(f"not a timestamp: {timestamp[:40]!r}")
    hours, minutes, seconds, decimals = parts.groups(default="0")
    whole_ms = int(hours) * _MS_PER_HOUR + int(minutes) * _MS_PER_MINUTE + int(seconds) * MS_PER_SECOND
    if len(decimals) > _DECIMALS_OF_MS:
        next_decimal = int(decimals[_DECIMALS_OF_MS])
        return whole_ms + int(decimals[:_DECIMALS_OF_MS]) + next_decimal // 5
    return whole_ms + int(decimals.ljust(_DECIMALS_OF_MS, "0"))


def _timestamp(time_ms: int, decimal_sign: str) -> str:
    seconds, milliseconds = divmod(time_ms, MS_PER_SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{decimal_sign}{milliseconds:03d}"
