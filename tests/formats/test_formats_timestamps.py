"""Timestamps are integers throughout and are read in every known notation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.formats.timestamps import srt_timestamp, timestamp_ms, vtt_timestamp

times_ms = st.integers(min_value=0, max_value=10**12)


@given(times_ms)
def test_every_millisecond_survives_both_formats(time_ms: int) -> None:
    """A timestamp is read back to the millisecond, also beyond 99 hours."""
    assert timestamp_ms(srt_timestamp(time_ms)) == time_ms
    assert timestamp_ms(vtt_timestamp(time_ms)) == time_ms


@pytest.mark.parametrize(
    ("time_ms", "srt"),
    [
        (0, "00:00:00,000"),
        (1, "00:00:00,001"),
        (59_999, "00:00:59,999"),
        (60_000, "00:01:00,000"),
        (3_599_999, "00:59:59,999"),
        (3_600_000, "01:00:00,000"),
        (359_999_999, "99:59:59,999"),
        (360_000_000, "100:00:00,000"),
    ],
)
def test_timestamps_carry_over_at_the_right_place(time_ms: int, srt: str) -> None:
    """Seconds and minutes never show 60, hours have at least two digits."""
    assert srt_timestamp(time_ms) == srt
    assert vtt_timestamp(time_ms) == srt.replace(",", ".")


@pytest.mark.parametrize(
    ("timestamp", "time_ms"),
    [
        ("01:75:03,000", 8_103_000),
        ("00:01:02", 62_000),
        ("01:02.5", 62_500),
        ("01:02,05", 62_050),
        ("1:2:3.4", 3_723_400),
        ("00:00:01.0004", 1_000),
        ("00:00:01.9995", 2_000),
        ("0:00:03.120000", 3_120),
    ],
)
def test_loose_timestamps_are_read(timestamp: str, time_ms: int) -> None:
    """Missing hours, minutes over 59, dot or comma, and any number of decimals are read."""
    assert timestamp_ms(timestamp) == time_ms


@pytest.mark.parametrize(
    "timestamp", ["", "1", "1.5", "-00:00:01,000", "00:00:0x", "00:00:01,", " 00:00:01", "\u0661:02:03", "9" * 5000]
)
def test_what_is_no_timestamp_is_refused(timestamp: str) -> None:
    """An ambiguous timestamp is an error with a short message."""
    with pytest.raises(ValueError, match="not a timestamp") as caught:
        timestamp_ms(timestamp)
    assert len(str(caught.value)) < 80
