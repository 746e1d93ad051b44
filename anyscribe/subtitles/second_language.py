"""Subtitles in two languages: those of the second one below those of the first."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from anyscribe.timespan import Span, overlap_ms

if TYPE_CHECKING:
    from anyscribe.transcript import Segment, Transcript


def with_second_language(first: Transcript, second: Transcript) -> Transcript:
    """Put each cue of a second language below the cues of the first that are shown at that time.

    A cue goes below every cue half of whose time it covers, or else below the one with which it shares most. One that
    shares no time with any becomes a cue of its own.

    Args:
        first: A transcript whose segments are cues, ordered by start and not overlapping.
        second: Likewise.

    Returns:
        The first transcript with these cues, and without words, which would be those of one language.
    """
    below: dict[int, list[str]] = {}
    alone: list[Segment] = []
    starts_ms = [cue.start_ms for cue in first.segments]
    for cue in second.segments:
        found = _below(first.segments, starts_ms, cue)
        for number in found:
            below.setdefault(number, []).append(cue.text.strip())
        if not found:
            alone.append(cue)
    cues = [
        replace(cue, text="\n".join([cue.text, *(text for text, _ in groupby(below.get(number, ())))]))
        for number, cue in enumerate(first.segments)
    ]
    ordered = sorted([*cues, *alone], key=lambda cue: cue.start_ms)
    return replace(first, segments=tuple(ordered), words=())


def _below(cues: tuple[Segment, ...], starts_ms: list[int], other: Segment) -> list[int]:
    """Return the indices of the cues that another one goes below."""
    shown = Span(other.start_ms, other.end_ms)
    begin = max(0, bisect_right(starts_ms, other.start_ms) - 1)
    end = bisect_right(starts_ms, other.end_ms)
    shared = {
        number: overlap_ms(Span(cues[number].start_ms, cues[number].end_ms), shown) for number in range(begin, end)
    }
    shared = {number: time_ms for number, time_ms in shared.items() if time_ms > 0}
    if not shared:
        return []
    covered = [
        number for number, time_ms in shared.items() if 2 * time_ms >= cues[number].end_ms - cues[number].start_ms
    ]
    return covered or [max(shared, key=lambda number: shared[number])]
