"""Estimate word times without an acoustic model, by spreading the text over the spans of speech.

The length of a word is estimated from its letters. The estimate is good because speakers pause where the text has a
comma or a full stop. So the text is divided among the spans such that clauses end where spans end, and each span gets
about as much text as can be spoken in it. Only within a span are the words spread by their length.
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
"""Extra length of a word at the end of a clause, whose last syllable is drawn out."""

_FASTEST: Final = 3
"""No speech is this many times faster than usual. If a text does not fit, some of its speech was not detected."""

_STRETCHES_JOINED: Final = 3
_LONGEST_STOP_MS: Final = 400
"""Up to this many spans may be joined, if the gaps between them are at most this long. Such gaps are within words:
stops before a plosive, and weak sounds below the noise."""

_HYPOTHESES: Final = 32
"""Beam width of the search over ways to divide the text; a wider beam finds nothing better."""

# Costs of a way to divide the text: negative log likelihoods. Tuned on sentences outside the evaluation set, with
# pauses as detected, distorted, missing and false. The exact values do not matter.
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
    """Estimate when each word is spoken.

    Args:
        tokens: The words in order, as `anyscribe.words.split_words` returns them.
        speech: The spans of speech, in order, not overlapping; parts outside ``span`` are ignored.
        span: The span of the recording in which the words are spoken.

    Returns:
        A word for each token, in order; the words do not overlap and stay inside the span.
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
    """Spread words over a span; return the start of each word, and the end of the last one."""
    slowness = stretch.length_ms / (sum(lengths) or 1.0)
    edges = [stretch.start_ms + round(slowness * before) for before in accumulate(lengths, initial=0.0)]
    return [min(edge, stretch.end_ms) for edge in edges]


class _Share(NamedTuple):
    """The tokens spoken in a span: from ``first`` up to, but not including, ``after``."""

    stretch: Span
    first: int
    after: int


class _Hypothesis(NamedTuple):
    """A way to divide the first tokens among the first spans: its cost, and the hypothesis that it extends."""

    cost: float
    stretches_before: int
    tokens_before: int


class _TextDivision:
    """Finds the likeliest way to divide a text among spans of speech."""

    def __init__(self, tokens: Sequence[str], lengths: Sequence[float], stretches: Sequence[Span]) -> None:
        self._stretches = stretches
        self._tokens = len(tokens)
        self._endings = [ending_of(token) for token in tokens]
        self._lengths = list(accumulate(lengths, initial=0.0))
        # For each token, the cost if no pause follows any of the tokens before it.
        self._unpaused = list(accumulate((_NO_PAUSE[ending] for ending in self._endings), initial=0.0))
        # How many times slower than usual the text is spoken.
        self._slowness = total_ms(stretches) / self._lengths[-1]

    def shares(self) -> list[_Share]:
        """Return the spans of the best division with their tokens, in order; joined spans count as one."""
        # For each number of spans: the hypotheses by the number of tokens spoken in them.
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
        """Yield the possible starts of a joined span that ends before ``after``, with the cost of joining."""
        cost = 0.0
        for before in range(after - 1, max(-1, after - 1 - _STRETCHES_JOINED), -1):
            if before < after - 1:
                stop_ms = self._stretches[before + 1].start_ms - self._stretches[before].end_ms
                if stop_ms > _LONGEST_STOP_MS:
                    return
                cost += _STOP + stop_ms * _STOP_PER_MS
            yield before, cost

    def _extend(self, way: dict[int, _Hypothesis], after: int, before: int, tokens_before: int, cost: float) -> None:
        """Add the hypotheses for the tokens spoken from span ``before`` up to, but not including, span ``after``."""
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
    """Return the cost of a pause after a token."""
    if ending is Ending.NONE:
        return min(_PAUSE[ending], _ANY_PAUSE + pause_ms * _PAUSE_PER_MS)
    is_short_for_it = ending is Ending.SENTENCE and pause_ms < _SHORT_PAUSE_MS
    return _SHORT_PAUSE_AFTER_SENTENCE if is_short_for_it else _PAUSE[ending]
