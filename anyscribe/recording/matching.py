"""Where a new transcript of a stretch goes into the old transcript: the words around the stretch are said in both."""

from __future__ import annotations

from itertools import product, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.timespan import MS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anyscribe.recording.tokens import Token
    from anyscribe.timespan import Span

_IN_A_ROW: Final = 0.5
"""What a pair is worth beside 1 if the pair before it is directly before it in both texts."""

_PER_SECOND: Final = 0.15
"""What it loses for each second between the times of its two words."""

_EDGE_MS: Final = 100
"""A word this near to the edge of the sound may be cut."""

_OFF_MS: Final = 1_500
"""Times of the same word may differ by this much."""

_FAR_MS: Final = 4_000
"""The times of old words beside a doubted stretch may be so wrong."""

_MOST_REPLACED: Final = 2
"""So many words beside a stretch may be heard differently."""


class Joint(NamedTuple):
    """What becomes of two texts: old tokens up to ``left``, new ones from ``begin`` to ``end``, old from ``right`` on.

    Args:
        left: How many old tokens stay before the new ones.
        begin: Index of the first new token.
        end: Index after the last new token.
        right: Index of the first old token that stays after them.
        matched: How many words around the stretch are the same in both.
    """

    left: int
    begin: int
    end: int
    right: int
    matched: int


def doubtful(tokens: Sequence[Token], stretch: Span) -> tuple[int, int]:
    """Return which tokens are in a stretch of time: the index of the first one, and that after the last one.

    Args:
        tokens: All tokens, in order.
        stretch: The stretch.
    """
    before = sum(token.middle_ms < stretch.start_ms for token in tokens)
    after = len(tokens) - sum(token.middle_ms >= stretch.end_ms for token in tokens)
    return before, max(before, after)


def find_joint(old: Sequence[Token], new: Sequence[Token], stretch: Span, heard: Span) -> Joint | None:
    """Find out how a new text of a stretch, and of some sound around it, goes into the old text.

    Args:
        old: The words of the old transcript.
        new: The words of the new one, with times from the recording's start.
        stretch: The stretch whose old text is doubted.
        heard: What the new text is about.

    Returns:
        The joint; None if the two texts do not agree around the stretch.
    """
    first, after = doubtful(old, stretch)
    from_ms, until_ms = heard.start_ms - _FAR_MS, heard.end_ms + _FAR_MS
    before = [index for index in range(first) if old[index].end_ms > from_ms]
    behind = [index for index in range(after, len(old)) if old[index].start_ms < until_ms]
    pairs = _pairs(old, new, before, behind)
    left = [index for index in reversed(before) if _is_whole(old[index], heard)]
    right = [index for index in behind if _is_whole(old[index], heard)]
    latest_ms, earliest_ms = stretch.start_ms + _OFF_MS, stretch.end_ms - _OFF_MS
    last = _anchor(old, new, pairs, left, lambda token: token.start_ms <= latest_ms)
    following = _anchor(old, new, pairs, right, lambda token: token.end_ms >= earliest_ms)
    if (last is None and left) or (following is None and right):
        return None
    begin = 0 if last is None else pairs[last] + 1
    end = len(new) if following is None else pairs[following]
    if begin > end:
        return None
    matched = sum(index in pairs for index in (*left, *right))
    joint = Joint(first if last is None else last + 1, begin, end, after if following is None else following, matched)
    return _without_misheard(joint, old, new, first, after)


def _without_misheard(joint: Joint, old: Sequence[Token], new: Sequence[Token], first: int, after: int) -> Joint:
    """Keep the old words between the equal ones and the stretch, if the new text has as many others there."""
    left, begin, end, right, _ = joint
    if left < first:
        until_ms = old[first - 1].end_ms
        count = sum(token.middle_ms < until_ms for token in new[begin:end])
        left, begin = (first, begin + count) if count == first - left else (left, begin)
    if after < right:
        from_ms = old[after].start_ms
        count = sum(token.middle_ms > from_ms for token in new[begin:end])
        end, right = (end - count, after) if count == right - after else (end, right)
    return joint._replace(left=left, begin=begin, end=end, right=right)


def _is_whole(token: Token, heard: Span) -> bool:
    """Return whether a word can be heard whole."""
    is_inside = heard.start_ms + _EDGE_MS <= token.start_ms and token.end_ms <= heard.end_ms - _EDGE_MS
    return is_inside and bool(token.letters)


def _anchor(
    old: Sequence[Token],
    new: Sequence[Token],
    pairs: Mapping[int, int],
    around: Sequence[int],
    is_beside: Callable[[Token], bool],
) -> int | None:
    """Return the old word nearest to the stretch that is surely the same in the new text; None if there is none.

    Args:
        old: The words of the old transcript.
        new: The words of the new one.
        pairs: Which old word is which new one.
        around: The old words on one side of the stretch, the nearest first.
        is_beside: Whether a new word is on this side of the stretch.
    """
    if 2 * sum(index in pairs for index in around) <= len(around):
        return None
    for index, beyond in zip_longest(around[: _MOST_REPLACED + 1], around[1 : _MOST_REPLACED + 2]):
        if index not in pairs or not is_beside(new[pairs[index]]):
            continue
        # A word that is alone may be another one that is spelled like it.
        if beyond is None:
            is_sure = abs(old[index].start_ms - new[pairs[index]].start_ms) <= _OFF_MS
        else:
            is_sure = beyond in pairs and abs(pairs[beyond] - pairs[index]) <= abs(beyond - index)
        if is_sure:
            return index
    return None


def _pairs(old: Sequence[Token], new: Sequence[Token], before: Sequence[int], behind: Sequence[int]) -> dict[int, int]:
    """Pair words that are the same in both texts, in order: as many as possible, in a row, near each other in time.

    Args:
        old: The words of the old transcript.
        new: The words of the new one.
        before: Which of the old ones are before the stretch, all of them neighbours.
        behind: Which are after it, likewise.
    """
    indices = [*before, *behind]
    wanted = [old[index].letters for index in indices]
    found = [token.letters for token in new]
    # Of the words up to each pair of places: the worth of the best pairs, and of those that end with this very pair.
    best = [[0.0] * (len(found) + 1) for _ in range(len(wanted) + 1)]
    ending = [[0.0] * (len(found) + 1) for _ in range(len(wanted) + 1)]
    for i, j in product(range(1, len(wanted) + 1), range(1, len(found) + 1)):
        apart_ms = abs(old[indices[i - 1]].start_ms - new[j - 1].start_ms)
        if wanted[i - 1] and wanted[i - 1] == found[j - 1] and apart_ms <= _FAR_MS:
            # What is between the last word before the stretch and the first one after it is not known.
            in_a_row = 0 if i - 1 == len(before) else _IN_A_ROW
            previous = ending[i - 1][j - 1]
            earlier = max(best[i - 1][j - 1], previous + in_a_row if previous else 0)
            ending[i][j] = earlier + 1 - _PER_SECOND * apart_ms / MS_PER_SECOND
        best[i][j] = max(best[i - 1][j], best[i][j - 1], ending[i][j])
    pairs: dict[int, int] = {}
    i, j = len(wanted), len(found)
    is_bound = False
    while i and j:
        if ending[i][j] and (is_bound or ending[i][j] == best[i][j]):
            pairs[indices[i - 1]] = j - 1
            in_a_row = 0 if i - 1 == len(before) else _IN_A_ROW
            previous = ending[i - 1][j - 1]
            is_bound = bool(previous) and previous + in_a_row > best[i - 1][j - 1]
            i, j = i - 1, j - 1
        elif best[i][j] == best[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return pairs
