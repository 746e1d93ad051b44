"""Repair the times that servers send, as `anyscribe.transcript` requires."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from anyscribe.timespan import to_ms

if TYPE_CHECKING:
    from collections.abc import Sequence


def mended_spans(
    spans: Sequence[tuple[float | None, float | None]], *, duration_ms: int | None
) -> list[tuple[int, int]]:
    """Convert starts and ends in seconds to milliseconds, not negative and with no end before its start.

    Times before the recording are set to 0, an end before its start to the start. Times after the recording's end stay:
    only its measured length can tell. WhisperX leaves out the times of words that it could not align (``2014.``). A
    missing start is set to the end of the previous span, a missing end to the start of the next span, and consecutive
    spans without any time share the gap evenly.

    Args:
        spans: Start and end in seconds, None if the server gave none; at least one of all times is a number.
        duration_ms: The recording's length as the server states it, in milliseconds, until which spans without times at
            the end last; None if unknown.

    Returns:
        Start and end in milliseconds of each span, in the same order; they may still overlap.
    """
    known = [(_ms(start), _ms(end)) for start, end in spans]
    mended: list[tuple[int, int]] = []
    while len(mended) < len(known):
        previous_end_ms = mended[-1][1] if mended else 0
        start_ms, end_ms = known[len(mended)]
        if start_ms is None and end_ms is None:
            mended += _shared_gap(known, len(mended), previous_end_ms, duration_ms)
            continue
        if start_ms is None:
            start_ms = min(previous_end_ms, end_ms or 0)
        if end_ms is None:
            following_ms = known[len(mended) + 1][0] if len(mended) + 1 < len(known) else None
            end_ms = start_ms if following_ms is None else following_ms
        mended.append((start_ms, max(start_ms, end_ms)))
    return mended


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, to_ms(seconds))


def _shared_gap(
    known: Sequence[tuple[int | None, int | None]], first: int, previous_end_ms: int, duration_ms: int | None
) -> list[tuple[int, int]]:
    """Divide the gap before the next known time evenly among the spans without times from ``first`` on."""
    following = next((index for index in range(first, len(known)) if known[index] != (None, None)), len(known))
    times = (
        [time_ms for time_ms in known[following] if time_ms is not None] if following < len(known) else [duration_ms]
    )
    gap_ms = max(0, (times[0] or 0) - previous_end_ms)
    count = following - first
    edges = [previous_end_ms + gap_ms * index // count for index in range(count + 1)]
    return list(pairwise(edges))
