"""Word times where no acoustic model can tell them: the text is spread over the stretches in which somebody speaks.

How long a word takes is guessed by its letters; what makes the guess good is that people pause where the text has a
comma or a full stop. So the text is divided among the stretches such that its clauses end where they end, and each
stretch gets about as much text as can be said in it; only within one are the words spread by their length.
"""

from __future__ import annotations

import heapq
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.alignment.endings import Ending, ending_of
from anyscribe.speaking_time import speaking_ms
from anyscribe.timespan import Span, clip, total_ms
from anyscribe.transcript import Timing, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LAST_WORD_MS: Final = 112.5
"""How much longer the last word of a clause is than it is elsewhere: its last syllable is drawn out."""

_FASTEST: Final = 3
"""No speech is this many times faster than usual. A text that does not fit shows that speech was not detected."""

_STRETCHES_JOINED: Final = 3
_LONGEST_STOP_MS: Final = 400
"""Up to so many stretches may be one, with pauses up to this length between them that are within words: stops before
a plosive, and weak sounds below the noise."""

_HYPOTHESES: Final = 32
"""How many ways to divide the text are followed at a time; more of them find nothing better."""

# What makes a way to divide the text unlikely, as minus the logarithm of a likelihood. Found on sentences other than
# those that are measured, with the pauses as they are, distorted, lost and false; none of them has to be exact.
_LENGTH_VARIANCE_MS2: Final = 40.0**2
_LENGTH_VARIANCE_PER_MS: Final = 80.0
_UNLIKELY_LENGTH: Final = 40.0
_NO_PAUSE: Final = {Ending.NONE: 0.0, Ending.CLAUSE: 1.5, Ending.SENTENCE: 3.0}
_SHORT_PAUSE_MS: Final = 250
_PAUSE: Final = {Ending.NONE: 6.0, Ending.CLAUSE: 0.5, Ending.SENTENCE: 0.0}
_SHORT_PAUSE_AFTER_SENTENCE: Final = 1.0
_ANY_PAUSE: Final = 1.0
_PAUSE_PER_MS: Final = 1 / 200
_STOP: Final = 0.5
_STOP_PER_MS: Final = 1 / 100


def estimate_words(tokens: Sequence[str], speech: Sequence[Span], span: Span) -> list[Word]:
    """Estimate when each word is said.

    Args:
        tokens: The words in order, as of `anyscribe.words.split_words`.
        speech: Where somebody speaks, in order, not overlapping; what lies outside the span is left out of account.
        span: The stretch of the recording in which the words are said.

    Returns:
        A word for each token, in order; they do not overlap and stay inside the span.
    """
    if not tokens:
        return []
    lengths = _lengths(tokens)
    stretches = _stretches(speech, span, sum(lengths))
    words: list[Word] = []
    for share in _TextDivision(tokens, lengths, stretches).shares():
        edges = _edges(share.stretch, lengths[share.first : share.after])
        words += [
            Word(token, start_ms, end_ms, timing=Timing.ESTIMATED)
            for token, (start_ms, end_ms) in zip(tokens[share.first : share.after], pairwise(edges), strict=True)
        ]
    return words


def _lengths(tokens: Sequence[str]) -> list[float]:
    lengths = [
        length_ms + _LAST_WORD_MS * (length_ms > 0 and ending_of(token) is not Ending.NONE)
        for token, length_ms in ((token, speaking_ms(token)) for token in tokens)
    ]
    return lengths if any(lengths) else [1.0] * len(tokens)


def _stretches(speech: Sequence[Span], span: Span, length: float) -> list[Span]:
    inside = clip(speech, span)
    return inside if inside and _FASTEST * total_ms(inside) >= length else [span]


def _edges(stretch: Span, lengths: Sequence[float]) -> list[int]:
    """Return where words that are spread over a stretch begin, and where the last of them ends."""
    slowness = stretch.length_ms / (sum(lengths) or 1.0)
    edges = [stretch.start_ms + int(slowness * before) for before in accumulate(lengths, initial=0.0)]
    return [min(edge, stretch.end_ms) for edge in edges]


class _Share(NamedTuple):
    """The tokens that are said in a stretch, from ``first`` on and before ``after``."""

    stretch: Span
    first: int
    after: int


class _Hypothesis(NamedTuple):
    """How the text up to some token may be divided among the stretches up to some other."""

    cost: float
    stretches_before: int
    tokens_before: int


class _TextDivision:
    """The likeliest way to divide a text among stretches."""

    def __init__(self, tokens: Sequence[str], lengths: Sequence[float], stretches: Sequence[Span]) -> None:
        self._stretches = stretches
        self._tokens = len(tokens)
        self._endings = [ending_of(token) for token in tokens]
        self._lengths = list(accumulate(lengths, initial=0.0))
        # What it costs that no pause follows the tokens before each.
        self._unpaused = list(accumulate((_NO_PAUSE[ending] for ending in self._endings), initial=0.0))
        # How much slower than usual the text is spoken.
        self._slowness = total_ms(stretches) / self._lengths[-1]

    def shares(self) -> list[_Share]:
        """Give each stretch that is not left out its tokens, in order."""
        # For each number of stretches: the tokens that may be said in them, and how.
        ways = [{0: _Hypothesis(0.0, 0, 0)}]
        for after in range(1, len(self._stretches) + 1):
            way: dict[int, _Hypothesis] = {}
            for before, cost in self._joined(after):
                for tokens_before, hypothesis in ways[before].items():
                    self._extend(way, after, before, tokens_before, hypothesis.cost + cost)
            likeliest = heapq.nsmallest(_HYPOTHESES, way.items(), key=lambda item: item[1].cost)
            ways.append(dict(likeliest))
        shares: list[_Share] = []
        after, tokens = len(self._stretches), self._tokens
        while after:
            best = ways[after][tokens]
            shares.append(_Share(self._stretch(best.stretches_before, after), best.tokens_before, tokens))
            after, tokens = best.stretches_before, best.tokens_before
        return shares[::-1]

    def _joined(self, after: int) -> Iterator[tuple[int, float]]:
        """Say how many stretches may lie before the one that ends with the stretch before ``after``, and the costs."""
        cost = 0.0
        for before in range(after - 1, max(-1, after - 1 - _STRETCHES_JOINED), -1):
            if before < after - 1:
                stop_ms = self._stretches[before + 1].start_ms - self._stretches[before].end_ms
                if stop_ms > _LONGEST_STOP_MS:
                    return
                cost += _STOP + stop_ms * _STOP_PER_MS
            yield before, cost

    def _extend(self, way: dict[int, _Hypothesis], after: int, before: int, tokens_before: int, cost: float) -> None:
        """Add what may be said from the stretch ``before`` on to the one before ``after``."""
        stretch = self._stretch(before, after)
        length_ms = stretch.end_ms - stretch.start_ms
        is_last = after == len(self._stretches)
        pause_ms = 0 if is_last else self._stretches[after].start_ms - stretch.end_ms
        pause_costs = {ending: 0.0 if is_last else _pause_cost(pause_ms, ending) for ending in Ending}
        unpaused_before, length_before = self._unpaused[tokens_before], self._lengths[tokens_before]
        for tokens in range(self._tokens if is_last else tokens_before, self._tokens + 1):
            expected_ms = self._slowness * (self._lengths[tokens] - length_before)
            variance_ms2 = _LENGTH_VARIANCE_MS2 + _LENGTH_VARIANCE_PER_MS * max(length_ms, expected_ms)
            new_cost = (length_ms - expected_ms) ** 2 / variance_ms2
            if new_cost > _UNLIKELY_LENGTH and expected_ms > length_ms and not is_last:
                break
            new_cost += cost
            if tokens > tokens_before:
                new_cost += self._unpaused[tokens - 1] - unpaused_before + pause_costs[self._endings[tokens - 1]]
            known = way.get(tokens)
            if known is None or new_cost < known.cost:
                way[tokens] = _Hypothesis(new_cost, before, tokens_before)

    def _stretch(self, before: int, after: int) -> Span:
        return Span(self._stretches[before].start_ms, self._stretches[after - 1].end_ms)


def _pause_cost(pause_ms: int, ending: Ending) -> float:
    """How unlikely it is that a pause follows a token."""
    if ending is Ending.NONE:
        return min(_PAUSE[ending], _ANY_PAUSE + pause_ms * _PAUSE_PER_MS)
    is_short_for_it = ending is Ending.SENTENCE and pause_ms < _SHORT_PAUSE_MS
    return _SHORT_PAUSE_AFTER_SENTENCE if is_short_for_it else _PAUSE[ending]
