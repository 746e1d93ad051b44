"""Time spans in a recording, and arithmetic with them.

Times are integer milliseconds from the recording's start. A span is half-open: ``[start_ms, end_ms)``.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MS_PER_SECOND: Final = 1_000


class Span(NamedTuple):
    """A half-open span of time in milliseconds from the recording's start; ``start_ms < end_ms``."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """The length in milliseconds."""
        return self.end_ms - self.start_ms

    def __str__(self) -> str:
        """Format the span for messages: two clock times in whole seconds that enclose it, with a dash between them."""
        return f"{clock_time(self.start_ms)}\u2013{clock_time(self.end_ms + MS_PER_SECOND - 1)}"


class Timed(Protocol):
    """Anything with a start and an end: a word, a segment, a span."""

    @property
    def start_ms(self) -> int:
        """The start in milliseconds."""

    @property
    def end_ms(self) -> int:
        """The end in milliseconds, not before the start."""


def clock_time(time_ms: int) -> str:
    """Format a time for messages: ``00:14:05``.

    Args:
        time_ms: Milliseconds; fractions of a second are dropped.
    """
    seconds = max(time_ms, 0) // MS_PER_SECOND
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def to_ms(seconds: float) -> int:
    """Convert seconds to milliseconds.

    Args:
        seconds: Any finite number.

    Returns:
        The nearest whole number of milliseconds.
    """
    return round(seconds * MS_PER_SECOND)


def to_seconds(time_ms: int) -> float:
    """Convert milliseconds to seconds.

    Args:
        time_ms: Milliseconds.

    Returns:
        The float nearest to the decimal number, so that its shortest representation has at most three decimals.
    """
    return time_ms / MS_PER_SECOND


def union(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and merge those that touch or overlap.

    Args:
        spans: Spans in any order; empty and reversed ones are dropped.

    Returns:
        Spans in order of time, with gaps between them.
    """
    joined: list[Span] = []
    for span in sorted(span for span in spans if span[0] < span[1]):
        if joined and span[0] <= joined[-1].end_ms:
            joined[-1] = Span(joined[-1].start_ms, max(joined[-1].end_ms, span[1]))
        else:
            joined.append(Span(*span))
    return joined


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """Remove spans from other spans.

    Args:
        spans: In order and with gaps, as `union` returns them.
        holes: The spans to remove; likewise in order and with gaps.

    Returns:
        The remaining spans, in order; a hole inside a span leaves two.
    """
    rest: list[Span] = []
    cuts = list(holes)
    ends = [cut.end_ms for cut in cuts]
    for span in spans:
        start_ms = span.start_ms
        index = bisect_right(ends, start_ms)
        while index < len(cuts) and cuts[index].start_ms < span.end_ms:
            if cuts[index].start_ms > start_ms:
                rest.append(Span(start_ms, cuts[index].start_ms))
            start_ms = cuts[index].end_ms
            index += 1
        if start_ms < span.end_ms:
            rest.append(Span(start_ms, span.end_ms))
    return rest


def clip(spans: Iterable[Span], bounds: Span) -> list[Span]:
    """Keep the parts of spans that lie within bounds.

    Args:
        spans: Spans in any order.
        bounds: The limits.

    Returns:
        The remaining spans, in the same order; spans outside the bounds are dropped.
    """
    start_ms, end_ms = bounds
    inside = (span for span in spans if span[0] < end_ms and span[1] > start_ms)
    return [Span(max(span[0], start_ms), min(span[1], end_ms)) for span in inside]


def shift(span: Span, by_ms: int) -> Span:
    """Move a span in time.

    Args:
        span: The span.
        by_ms: Milliseconds; negative moves it earlier.
    """
    return Span(span.start_ms + by_ms, span.end_ms + by_ms)


def hull(parts: Sequence[Timed]) -> Span:
    """Return the span from the earliest start to the latest end, at least one millisecond long.

    Args:
        parts: At least one item with a start and an end, in any order.
    """
    start_ms = min(part.start_ms for part in parts)
    return Span(start_ms, max(start_ms + 1, *(part.end_ms for part in parts)))


def overlap_ms(one: Span, other: Span) -> int:
    """Return the overlap of two spans in milliseconds; a negative value is the gap between them.

    Args:
        one: A span.
        other: Another span.
    """
    return min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)


def total_ms(spans: Iterable[Span]) -> int:
    """Return the sum of the lengths of spans, in milliseconds.

    Args:
        spans: Any spans; overlaps count twice.
    """
    return sum(end_ms - start_ms for start_ms, end_ms in spans)
