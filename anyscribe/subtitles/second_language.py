"""Subtitles in two languages: those of the second one below those of the first, in a line each where they fit."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.subtitles.breaks import break_costs
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.lines import break_lines
from anyscribe.subtitles.profile import CueProfile, limits_for
from anyscribe.subtitles.timed_tokens import estimated, running
from anyscribe.timespan import Span, overlap_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.subtitles.function_words import FunctionWords
    from anyscribe.subtitles.profile import CueLimits
    from anyscribe.subtitles.timed_tokens import TimedToken
    from anyscribe.transcript import Segment, Transcript

_AWAY_COST: Final = 400.0
"""What it costs to divide a text at the wrong end of it, on the scale of `breaks`: a clause is worth a sixth of it."""


def with_second_language(first: Transcript, second: Transcript, profile: CueProfile) -> Transcript:
    """Put each cue of a second language below the cues of the first that are shown at that time.

    A cue goes below every cue half of whose time it covers, or else below the one with which it shares most. If there
    are several, what is longer than a line is divided among them; a shorter one is repeated. One that shares no time
    with any becomes a cue of its own. Both languages are in a line each if they fit.

    Args:
        first: A transcript whose segments are cues, ordered by start and not overlapping.
        second: Likewise; its cues may be divided in another way.
        profile: How long a line may be.

    Returns:
        The first transcript with these cues, and without words, which would be those of one language.
    """
    upper, lower = _Layout.of(first, profile), _Layout.of(second, profile)
    below: dict[int, list[str]] = {}
    alone: list[Segment] = []
    starts_ms = [cue.start_ms for cue in first.segments]
    for cue in second.segments:
        if not cue.text.strip():
            continue
        found = _below(first.segments, starts_ms, cue)
        lengths_ms = [first.segments[number].end_ms - first.segments[number].start_ms for number in found]
        for number, part in zip(found, lower.divided(cue.text, lengths_ms), strict=True):
            below.setdefault(number, []).append(part)
        if not found:
            alone.append(replace(cue, text=lower.in_lines(cue.text)))
    cues = [
        replace(cue, text="\n".join([upper.on_a_line(cue.text), *_joined(below.get(number, []), lower)]))
        for number, cue in enumerate(first.segments)
    ]
    ordered = sorted([*cues, *alone], key=lambda cue: cue.start_ms)
    return replace(first, segments=tuple(ordered), words=())


def _joined(parts: Sequence[str], layout: _Layout) -> list[str]:
    once = [text for text, _ in groupby(parts) if text]
    return [layout.in_lines("\n".join(once))] if once else []


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the text of one language is broken."""

    limits: CueLimits
    grammar: FunctionWords

    @classmethod
    def of(cls, transcript: Transcript, profile: CueProfile) -> _Layout:
        text = " ".join(cue.text for cue in transcript.segments)
        grammar = function_words_of(transcript.language, text.split())
        return cls(limits_for(text, profile, transcript.language), grammar)

    def on_a_line(self, text: str) -> str:
        """Return lines as one if that is not too long, and otherwise as they are; those of two speakers stay apart."""
        one = running(text)
        is_dialogue = sum(line.lstrip().startswith(("-", "\u2010", "\u2013")) for line in text.splitlines()) > 1
        return text if is_dialogue or len(one) > self.limits.max_line_chars else one

    def in_lines(self, text: str) -> str:
        """Return a text in as few lines as possible."""
        laid = self.on_a_line(text)
        is_short = all(len(line) <= self.limits.max_line_chars for line in laid.splitlines())
        if is_short and len(laid.splitlines()) <= self.limits.max_lines:
            return laid
        flowing, tokens, costs = self._costs(text)
        return break_lines(flowing, tokens, costs, max_line_chars=self.limits.max_line_chars)

    def divided(self, text: str, lengths_ms: Sequence[int]) -> list[str]:
        """Divide a text among cues that it is shown over, in proportion to their times; one that fits is repeated."""
        if len(lengths_ms) <= 1 or len(running(text)) <= self.limits.max_line_chars:
            return [text.strip()] * len(lengths_ms)
        flowing, tokens, costs = self._costs(text)
        whole_ms = max(1, sum(lengths_ms))
        edges = [0]
        for until_ms in list(accumulate(lengths_ms))[:-1]:
            goal = len(flowing) * until_ms / whole_ms
            later = range(edges[-1] + 1, len(tokens))
            edges.append(min(later, key=lambda at: _cost(at, tokens, costs, goal, len(flowing)), default=len(tokens)))
        edges.append(len(tokens))
        return [
            flowing[tokens[begin].begin : tokens[end - 1].end] if begin < end else "" for begin, end in pairwise(edges)
        ]

    def _costs(self, text: str) -> tuple[str, list[TimedToken], Sequence[float]]:
        flowing = running(text)
        tokens = estimated(flowing, 0, len(flowing))
        return flowing, tokens, break_costs(flowing, tokens, grammar=self.grammar, limits=self.limits)


def _cost(at: int, tokens: Sequence[TimedToken], costs: Sequence[float], goal: float, chars: int) -> float:
    return costs[at] + _AWAY_COST * abs(tokens[at].begin - goal) / chars


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
