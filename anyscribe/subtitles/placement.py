"""Cues put in order on the recording's time line: one after another, each visible, all inside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Shorter than this nobody sees a cue at all; cues that start so near each other share their time instead.
_SHORTEST_MS = 100


def place(cues: Iterable[Segment], *, duration_ms: int | None) -> tuple[Segment, ...]:
    """Put cues in order, end each where the next one starts, and keep them inside the recording.

    Cues that start together (two speakers at once, or times that a server made up) share the time that they have by the
    lengths of their texts; if there are fewer milliseconds than cues, they become one cue of several lines.

    Args:
        cues: The cues, in any order, none of them without text.
        duration_ms: The recording's length in milliseconds; None or 0 where unknown.

    Returns:
        The cues by start; none overlaps the next, and each lasts at least a millisecond.
    """
    last_start_ms = max(0, duration_ms - _SHORTEST_MS) if duration_ms else None
    groups: list[list[Segment]] = []
    for cue in sorted(cues, key=lambda cue: cue.start_ms):
        start_ms = max(0, cue.start_ms)
        if last_start_ms is not None:
            start_ms = min(start_ms, last_start_ms)
        inside = cue if start_ms == cue.start_ms else replace(cue, start_ms=start_ms)
        if groups and start_ms < groups[-1][0].start_ms + len(groups[-1]) * _SHORTEST_MS:
            groups[-1].append(inside)
        else:
            groups.append([inside])
    placed: list[Segment] = []
    for number, group in enumerate(groups, start=1):
        limit_ms = groups[number][0].start_ms if number < len(groups) else duration_ms or None
        placed += _shared(group, limit_ms)
    return tuple(placed)


def _shared(group: Sequence[Segment], limit_ms: int | None) -> list[Segment]:
    """Divide the time of cues that start together among them; the limit is where the time of others begins."""
    start_ms = group[0].start_ms
    end_ms = max(start_ms + len(group) * _SHORTEST_MS, *(cue.end_ms for cue in group))
    if limit_ms is not None:
        end_ms = min(end_ms, limit_ms)
    spare_ms = end_ms - start_ms - len(group)
    if spare_ms < 0:
        speakers = {cue.speaker for cue in group}
        text = "\n".join(cue.text for cue in group)
        return [Segment(text, start_ms, end_ms, speaker=speakers.pop() if len(speakers) == 1 else None)]
    all_chars = sum(len(cue.text) for cue in group)
    placed = []
    chars = 0
    for number, cue in enumerate(group, start=1):
        chars += len(cue.text)
        cue_end_ms = group[0].start_ms + number + spare_ms * chars // all_chars
        is_there = (cue.start_ms, cue.end_ms) == (start_ms, cue_end_ms)
        placed.append(cue if is_there else replace(cue, start_ms=start_ms, end_ms=cue_end_ms))
        start_ms = cue_end_ms
    return placed
