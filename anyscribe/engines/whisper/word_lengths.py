"""Give words without a length one: Whisper's alignment often leaves none for the first word after a pause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.speaking_time import speaking_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.transcript import Word

_LEAST_MS: Final = 20
"""The resolution of the alignment: a shorter word has no measured length."""

_LETTER_MS: Final = 75
_LONGEST_MS: Final = 1_000
# Words far away have no time to give; the bound keeps the effort linear.
_MOST_NEIGHBOURS: Final = 10


def with_lengths(words: Sequence[Word], end_ms: int) -> list[Word]:
    """Return words of which each has a length, inside the time between its neighbours if there is any.

    A word without a length is placed in the pause before it (where it is in recordings: speech begins about 0.1 s
    earlier than the alignment says), otherwise in the pause after it. Without a pause, it shares the time of the
    neighbour that has the most time for its letters.

    Args:
        words: The words, in order of time and not overlapping.
        end_ms: The end of the recording, in milliseconds, not before the end of the last word.

    Returns:
        The words with the same texts, in order and not overlapping. A word still has no length if the recording is
        shorter than a millisecond for each word there.
    """
    times = [[word.start_ms, word.end_ms] for word in words]
    usual_ms = [min(max(speaking_ms(word.text), _LETTER_MS), _LONGEST_MS) for word in words]
    last = -1
    for first in range(len(words)):
        if first <= last or not _is_short(times[first]):
            continue
        last = first
        while last + 1 < len(words) and _is_short(times[last + 1]) and times[last + 1][0] - times[last][1] < _LEAST_MS:
            last += 1
        first_placed, last_placed = _make_room(times, usual_ms, first, last, end_ms)
        _divide(times, usual_ms, first_placed, last_placed)
        last = max(last, last_placed)
    return [
        word if (word.start_ms, word.end_ms) == (start_ms, end_ms) else replace(word, start_ms=start_ms, end_ms=end_ms)
        for word, (start_ms, end_ms) in zip(words, times, strict=True)
    ]


def _is_short(time: Sequence[int]) -> bool:
    return time[1] - time[0] < _LEAST_MS


def _make_room(
    times: Sequence[list[int]], usual_ms: Sequence[float], first: int, last: int, end_ms: int
) -> tuple[int, int]:
    """Extend short words into a pause, or join them with neighbours.

    Returns:
        The indices of the first and the last word that share the time from the first one's start to the last one's end.
    """
    wanted_ms = round(sum(usual_ms[first : last + 1]))
    least_ms = _LEAST_MS * (last + 1 - first)
    before_ms = times[first][0] - (times[first - 1][1] if first else 0)
    after_ms = (times[last + 1][0] if last + 1 < len(times) else end_ms) - times[last][1]
    if before_ms >= least_ms:
        times[first][0] -= min(before_ms, wanted_ms)
        return first, last
    if after_ms >= least_ms:
        times[last][1] += min(after_ms, wanted_ms)
        return first, last

    def stretch(index: int) -> float:
        """Return how many times the usual length a word has; -1 if there is no such word."""
        return (times[index][1] - times[index][0]) / usual_ms[index] if 0 <= index < len(times) else -1.0

    for _ in range(_MOST_NEIGHBOURS):
        before, after = stretch(first - 1), stretch(last + 1)
        has_room = times[last][1] - times[first][0] >= _LEAST_MS * (last + 1 - first)
        if has_room or before == after == -1.0:
            break
        if before > after:
            first -= 1
        else:
            last += 1
    return first, last


def _divide(times: Sequence[list[int]], usual_ms: Sequence[float], first: int, last: int) -> None:
    """Divide the time of several words among them, in proportion to their usual lengths."""
    start_ms = at_ms = times[first][0]
    end_ms = times[last][1]
    scale = (end_ms - start_ms) / sum(usual_ms[first : last + 1])
    said_ms = 0.0
    for index in range(first, last + 1):
        said_ms += usual_ms[index]
        # At least a millisecond for this word and each one after it, if there are so many.
        latest_ms = max(end_ms - (last - index), at_ms)
        next_ms = min(max(start_ms + round(said_ms * scale), at_ms + 1), latest_ms)
        times[index][:] = at_ms, next_ms
        at_ms = next_ms
