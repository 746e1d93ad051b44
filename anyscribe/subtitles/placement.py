"""Place cues on the recording's timeline: long enough to read, not overlapping, and inside the recording.

Source: Netflix, "Subtitle Timing Guidelines": a cue starts with the audio; it may stay longer if reading takes longer;
two frames are between cues, and gaps of up to half a second are closed to that.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.subtitles.profile import CueLimits

# Viewers do not notice a shorter cue; cues that start this close together share their time instead.
_SHORTEST_MS = 100


class Cue(NamedTuple):
    """A non-empty text to show, and the time in which it is spoken."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str | None = None


def place(cues: Iterable[Cue], limits: CueLimits, *, duration_ms: int | None) -> tuple[Segment, ...]:
    """Sort cues, extend each for reading if there is room, and keep all of them inside the recording.

    Cues that start together (two speakers at once, or times invented by a server) share their time in proportion to the
    lengths of their texts. If that time is too short for all, several are merged into one cue with more lines.

    Args:
        cues: The cues, in any order.
        limits: The limits of their duration and of the gaps between them.
        duration_ms: The recording's length in milliseconds; None or 0 if unknown.

    Returns:
        The cues, ordered by start; each lasts at least a millisecond, and ends at least the minimum gap before the next
        one starts.
    """
    last_start_ms = max(0, duration_ms - _SHORTEST_MS) if duration_ms else None
    slot_ms = _SHORTEST_MS + limits.gap_ms
    groups: list[list[Cue]] = []
    for cue in sorted(cues, key=lambda cue: cue.start_ms):
        start_ms = max(0, cue.start_ms)
        if last_start_ms is not None:
            start_ms = min(start_ms, last_start_ms)
        inside = cue if start_ms == cue.start_ms else cue._replace(start_ms=start_ms)
        if groups and start_ms < groups[-1][0].start_ms + len(groups[-1]) * slot_ms:
            groups[-1].append(inside)
        else:
            groups.append([inside])
    placed: list[Segment] = []
    following_ms = [*(group[0].start_ms for group in groups[1:]), None]
    for group, next_ms in zip(groups, following_ms, strict=True):
        if len(group) == 1:
            placed.append(_timed(group[0], limits, next_ms, duration_ms or None))
        else:
            shared = _shared(group, limits, next_ms, duration_ms or None)
            placed += (_timed(cue, limits, limit_ms, duration_ms or None) for cue, limit_ms in shared)
    return tuple(placed)


def _shared(
    group: Sequence[Cue], limits: CueLimits, next_ms: int | None, duration_ms: int | None
) -> list[tuple[Cue, int | None]]:
    """Divide the time of cues that start together among them; return each with the start of the next one."""
    start_ms = group[0].start_ms
    slot_ms = _SHORTEST_MS + limits.gap_ms
    end_ms = max(start_ms + len(group) * slot_ms, *(cue.end_ms + limits.gap_ms for cue in group))
    for limit_ms in (next_ms, None if duration_ms is None else duration_ms + limits.gap_ms):
        if limit_ms is not None:
            end_ms = min(end_ms, limit_ms)
    cues = _merged(group, max(1, (end_ms - start_ms) // slot_ms), limits.dash)
    spare_ms = end_ms - start_ms - len(cues) * slot_ms
    all_chars = sum(len(cue.text) for cue in cues)
    starts_ms = [
        start_ms + number * slot_ms + spare_ms * chars // all_chars
        for number, chars in enumerate(accumulate((len(cue.text) for cue in cues), initial=0))
    ]
    shared = [
        cue._replace(start_ms=begin_ms, end_ms=following_ms - limits.gap_ms)
        for cue, begin_ms, following_ms in zip(cues, starts_ms, starts_ms[1:], strict=False)
    ]
    return list(zip(shared, [*starts_ms[1:-1], next_ms], strict=True))


def _merged(group: Sequence[Cue], count: int, dash: str) -> Sequence[Cue]:
    """Merge the cues of a group into at most ``count`` cues; several speakers get their lines after a dash."""
    if len(group) <= count:
        return group
    merged = []
    for number in range(count):
        part = group[len(group) * number // count : len(group) * (number + 1) // count]
        speakers = {cue.speaker for cue in part}
        text = "\n".join(cue.text if len(speakers) == 1 else dash + cue.text for cue in part)
        speaker = speakers.pop() if len(speakers) == 1 else None
        merged.append(Cue(text, part[0].start_ms, max(cue.end_ms for cue in part), speaker))
    return merged


def _timed(cue: Cue, limits: CueLimits, next_ms: int | None, duration_ms: int | None) -> Segment:
    """Set the end of a cue: after its speech and its reading time, and the gap before the next cue."""
    needed_ms = limits.reading_ms(len(cue.text), len(cue.text.split()))
    end_ms = max(cue.end_ms, cue.start_ms + needed_ms)
    if next_ms is not None and next_ms - end_ms <= limits.chain_ms:
        end_ms = next_ms - limits.gap_ms
    longest_ms = cue.start_ms + limits.max_cue_ms
    if end_ms > longest_ms:
        end_ms = longest_ms
        if next_ms is not None and next_ms - end_ms <= limits.chain_ms:
            # The gap cannot be closed. It does not flicker if it is longer, should speech and reading leave the time.
            calm_ms = next_ms - limits.chain_ms - 1
            end_ms = calm_ms if calm_ms >= max(cue.end_ms, cue.start_ms + needed_ms) else end_ms
    if duration_ms is not None:
        end_ms = min(end_ms, duration_ms)
    return Segment(cue.text, cue.start_ms, max(end_ms, cue.start_ms + 1), speaker=cue.speaker)
