"""The speech in a recording, and the amount of speech in any span of time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from anyscribe.timespan import union

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anyscribe.timespan import Span


class SpeechMap:
    """Spans of speech, sorted and merged.

    Args:
        spans: Spans of speech; they may be unsorted, overlap or be empty.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = union(spans)
        self._starts = [span.start_ms for span in self.spans]
        self._before = [0, *accumulate(span.length_ms for span in self.spans)]

    @property
    def total_ms(self) -> int:
        """The amount of speech, in milliseconds."""
        return self._before[-1]

    def until(self, time_ms: int) -> int:
        """Return the amount of speech before a time, in milliseconds.

        Args:
            time_ms: The time, in milliseconds from the recording's start.
        """
        index = bisect_left(self._starts, time_ms)
        if not index:
            return 0
        return self._before[index] - max(self.spans[index - 1].end_ms - time_ms, 0)

    def within(self, start_ms: int, end_ms: int) -> int:
        """Return the amount of speech in a span, in milliseconds; 0 if it ends before it starts.

        Args:
            start_ms: Its start, in milliseconds from the recording's start.
            end_ms: Its end.
        """
        return max(self.until(end_ms) - self.until(start_ms), 0)

    def speech_around(self, time_ms: int) -> tuple[int | None, int | None]:
        """Find the speech before a time and the next speech after it.

        Args:
            time_ms: The time, in milliseconds from the recording's start.

        Returns:
            End of the last speech that begins before or at the time, which is later than the time if it lies in speech;
            start of the next speech. Each is None if no such speech.
        """
        index = bisect_right(self._starts, time_ms)
        return (
            self.spans[index - 1].end_ms if index else None,
            self._starts[index] if index < len(self._starts) else None,
        )
