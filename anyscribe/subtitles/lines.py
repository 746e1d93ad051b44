"""Break a cue into lines: as few as possible, with good breaks, and balanced."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.subtitles.timed_tokens import TimedToken

# The costs of full lines, in addition to those of their breaks. They are quadratic, so that even lines are the
# cheapest. Upper lines cost a little more than lower ones, since a pyramid hides less of the picture than a funnel.
_FULL_LINE_COST: Final = 80.0
_UPPER_LINE_COST: Final = 7.0


def break_lines(text: str, tokens: Sequence[TimedToken], break_costs: Sequence[float], *, max_line_chars: int) -> str:
    """Break the text of a cue into lines.

    Args:
        text: The whole text that the cue is taken from.
        tokens: The cue's tokens, in order; at least one.
        break_costs: The cost of a break before each token; the first one is ignored.
        max_line_chars: The most characters in a line; only a line of a single token may exceed it.

    Returns:
        The lines, separated by line feeds: one if the text fits, else as few as possible.
    """
    first, last = tokens[0], tokens[-1]
    if last.end - first.begin <= max_line_chars or len(tokens) == 1:
        return text[first.begin : last.end]
    # Two lines are by far the most frequent.
    begins = _two_lines(tokens, break_costs, max_line_chars) or _lines(tokens, break_costs, max_line_chars)
    edges = zip(begins, [*begins[1:], len(tokens)], strict=True)
    return "\n".join(text[tokens[begin].begin : tokens[end - 1].end] for begin, end in edges)


def _two_lines(tokens: Sequence[TimedToken], break_costs: Sequence[float], max_line_chars: int) -> list[int]:
    begin, end = tokens[0].begin, tokens[-1].end
    lowest, best = float("inf"), 0
    for index, (last, first) in enumerate(pairwise(tokens), start=1):
        upper, lower = last.end - begin, end - first.begin
        if upper > max_line_chars:
            break
        if lower <= max_line_chars:
            cost = break_costs[index] + _length_cost(upper, 1, max_line_chars) + _length_cost(lower, 2, max_line_chars)
            if cost < lowest:
                lowest, best = cost, index
    return [0, best] if best else []


def _lines(tokens: Sequence[TimedToken], break_costs: Sequence[float], max_line_chars: int) -> list[int]:
    """Find the cheapest lines, adding one line at a time until the last line ends with the text."""
    count = len(tokens)
    # For each token that the next line may begin with: the cost of the lines before it, and where they begin.
    ways: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    number = 0
    while count not in ways:
        number += 1
        longer: dict[int, tuple[float, list[int]]] = {}
        for begin, (cost, begins) in ways.items():
            line_begin = tokens[begin].begin
            for end in range(begin + 1, count + 1):
                chars = tokens[end - 1].end - line_begin
                if chars > max_line_chars and end > begin + 1:
                    break
                total = cost + _length_cost(chars, number, max_line_chars)
                if end < count:
                    total += break_costs[end]
                if end not in longer or total < longer[end][0]:
                    longer[end] = (total, [*begins, begin])
        ways = longer
    return ways[count][1]


def _length_cost(chars: int, number: int, max_line_chars: int) -> float:
    share = chars / max_line_chars
    return (_FULL_LINE_COST * share - _UPPER_LINE_COST * number) * share
