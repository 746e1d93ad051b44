"""Divide a text into cues: find the cheapest division within the limits.

All limits are weighed at once, by dynamic programming. For each word, the best division of the text up to it is the
cheapest of all cues that may end there, each combined with the best division of the text before it. Only as many words
as fit a cue are considered, so the time is linear in the length of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.subtitles.breaks import BEST, PLAIN
from anyscribe.timespan import MS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.subtitles.profile import CueLimits
    from anyscribe.subtitles.timed_tokens import TimedToken

# Each cue has a cost, so that there are no more cues than needed. The cost rises with the fullness of the cue, so that
# cues are even. A second line costs half of what its best break would cost between cues.
_CUE_COST: Final = 60.0
_FULL_CUE_COST: Final = 120.0
_LINE_SHARE: Final = 0.5
# The cost of each millisecond that a viewer lacks to read the cue, and of lacking more than half a frame; and a lower
# cost of each millisecond by which a cue is shorter than is restful, so that sentences of a word or two share one.
_HURRY_COST: Final = 0.3
_TOO_FAST_COST: Final = 150.0
_NOTICED_MS: Final = 20
_RESTLESS_COST: Final = 0.05
_RESTFUL_MS: Final = 1_500
# The cost of a cue that lasts as long as it may and still ends so shortly before the next one that the gap flickers.
_FLICKER_COST: Final = 200.0

_ENDLESS: Final = float("inf")


def find_cue_starts(
    tokens: Sequence[TimedToken],
    break_costs: Sequence[float],
    must_begin: Sequence[int],
    limits: CueLimits,
    *,
    end_ms: int | None,
) -> list[int]:
    """Divide a text into cues.

    A cue of two or more tokens is within the limits of lines, characters and duration, and contains no pause longer
    than the limit. A token that exceeds the limits by itself becomes a separate cue.

    Args:
        tokens: The tokens of the text, in order of text and time, not overlapping; at least one.
        break_costs: The cost of a break before each token.
        must_begin: The indices of the tokens, in order, at which a cue must begin (the speaker changes).
        limits: The limits.
        end_ms: The end of the recording, in milliseconds; None if unknown.

    Returns:
        The indices of the tokens that begin a cue, in order; the first one is 0.
    """
    line_ends = _line_ends(tokens, limits.max_line_chars)
    until_ms = [token.start_ms - limits.gap_ms for token in tokens[1:]]
    until_ms.append(max(tokens[-1].end_ms, end_ms or tokens[-1].end_ms + limits.max_cue_ms))
    room = _Room(line_ends, _earliest(tokens, line_ends, must_begin, limits), until_ms)
    chosen = _cheapest_begins(tokens, break_costs, room, limits)
    found = []
    end = len(tokens)
    while end:
        end = chosen[end]
        found.append(end)
    return found[::-1]


class _Room(NamedTuple):
    """What the limits allow for each token.

    Args:
        line_ends: The index after the last token of the longest line that begins with the token; one more entry than
            there are tokens.
        earliest: The index of the first token of the longest cue that ends with the token.
        until_ms: The time until which a cue that ends with the token may be shown.
    """

    line_ends: Sequence[int]
    earliest: Sequence[int]
    until_ms: Sequence[int]


def _line_ends(tokens: Sequence[TimedToken], max_line_chars: int) -> list[int]:
    ends = [token.end for token in tokens]
    count = len(tokens)
    line_ends = []
    end = 0
    for index, token in enumerate(tokens, start=1):
        end = max(end, index)
        last = token.begin + max_line_chars
        while end < count and ends[end] <= last:
            end += 1
        line_ends.append(end)
    return [*line_ends, count]


def _earliest(
    tokens: Sequence[TimedToken], line_ends: Sequence[int], must_begin: Sequence[int], limits: CueLimits
) -> list[int]:
    cue_ends = line_ends
    for _ in range(limits.max_lines - 1):
        cue_ends = [line_ends[end] for end in cue_ends]
    barriers = {*must_begin, len(tokens)}
    earliest = []
    first = 0
    pause_from_ms = tokens[0].start_ms
    was_too_long = False
    for index, token in enumerate(tokens):
        is_too_long = token.end - token.begin > limits.max_line_chars
        if is_too_long or was_too_long or index in barriers or token.start_ms - pause_from_ms > limits.pause_ms:
            first = index
        first_start_ms = token.end_ms - limits.max_cue_ms
        while first < index and (cue_ends[first] <= index or tokens[first].start_ms < first_start_ms):
            first += 1
        earliest.append(first)
        pause_from_ms = token.end_ms
        was_too_long = is_too_long
    return earliest


def _cheapest_begins(  # noqa: C901, PLR0912 - function calls in the inner loop would take longer than the loop
    tokens: Sequence[TimedToken],
    break_costs: Sequence[float],
    room: _Room,
    limits: CueLimits,
) -> list[int]:
    """Return for each token the start of the cue before it in the cheapest division of the text before it."""
    # The inner loop works on plain lists, since a recording may last a day. It first compares a candidate's cost
    # without the cue's own costs, since that alone rules out most candidates.
    begins = [token.begin for token in tokens]
    starts_ms = [token.start_ms for token in tokens]
    line_ends, ms_per_char, ms_per_word = room.line_ends, MS_PER_SECOND / limits.max_cps, limits.word_ms
    max_line_chars = limits.max_line_chars
    fullness = _FULL_CUE_COST / limits.max_chars**2
    min_cue_ms, restful_ms = limits.min_cue_ms, max(_RESTFUL_MS, limits.min_cue_ms)
    max_cue_ms, rest_ms = limits.max_cue_ms, limits.max_cue_ms + limits.chain_ms - limits.gap_ms
    lowest_line_cost = _LINE_SHARE * max(BEST, min(break_costs))
    chosen = [0]
    totals: list[float] = []
    lowest = 0.0
    one_line_from = 0
    for index, (token, first, end_ms) in enumerate(zip(tokens, room.earliest, room.until_ms, strict=True)):
        totals.append(lowest + break_costs[index] + _CUE_COST)
        end = token.end
        while end - begins[one_line_from] > max_line_chars and one_line_from < index:
            one_line_from += 1
        lowest, bound, best = _ENDLESS, _ENDLESS, first
        line_break, line_cost = one_line_from, _ENDLESS
        for begin, total in enumerate(totals[first:], start=first):
            if total >= lowest and (begin >= one_line_from or total >= bound):
                continue
            cost = total
            if begin < one_line_from:
                # The second line may begin anywhere from where it first fits to the end of a full first line.
                while line_break <= line_ends[begin]:
                    if break_costs[line_break] < line_cost:  # noqa: PLR1730 - a call takes longer
                        line_cost = break_costs[line_break]
                    line_break += 1
                cost += _LINE_SHARE * line_cost if line_cost < _ENDLESS else PLAIN
            chars = end - begins[begin]
            cost += fullness * chars * chars
            if cost >= lowest:
                # What follows only adds to it.
                continue
            time_ms = end_ms - starts_ms[begin]
            hurry_ms = chars * ms_per_char - time_ms
            if ms_per_word and (index + 1 - begin) * ms_per_word - time_ms > hurry_ms:
                hurry_ms = (index + 1 - begin) * ms_per_word - time_ms
            if hurry_ms > 0:
                cost += _HURRY_COST * hurry_ms + (_TOO_FAST_COST if hurry_ms > _NOTICED_MS else 0.0)
            if time_ms < restful_ms:
                cost += _RESTLESS_COST * (restful_ms - time_ms)
                if time_ms < min_cue_ms:
                    cost += _HURRY_COST * (min_cue_ms - time_ms)
            elif max_cue_ms < time_ms < rest_ms:
                cost += _FLICKER_COST
            if cost < lowest:
                lowest, best = cost, begin
                bound = lowest - lowest_line_cost
        chosen.append(best)
    return chosen
