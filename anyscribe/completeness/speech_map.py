"""The stretches of a recording in which somebody speaks, and how much speech any stretch of time holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from anyscribe.timespan import union

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anyscribe.timespan import Span


class SpeechMap:
    """Where somebody speaks, put in order.

    Args:
        spans: Stretches of speech; they may be unsorted, overlap or be empty.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = union(spans)
        self._starts = [span.start_ms for span in self.spans]
        self._before = [0, *accumulate(span.length_ms for span in self.spans)]

    @property
    def total_ms(self) -> int:
        """All speech, in milliseconds."""
        return self._before[-1]

    def until(self, time_ms: int) -> int:
        """Sum up the speech before a moment, in milliseconds.

        Args:
            time_ms: The moment, in milliseconds from the recording's start.
        """
        index = bisect_left(self._starts, time_ms)
        if not index:
            return 0
        return self._before[index] - max(self.spans[index - 1].end_ms - time_ms, 0)

    def within(self, start_ms: int, end_ms: int) -> int:
        """Sum up the speech of a stretch, in milliseconds; 0 where it ends before it starts.

        Args:
            start_ms: Its start, in milliseconds from the recording's start.
            end_ms: Its end.
        """
        return max(self.until(end_ms) - self.until(start_ms), 0)

    def speech_around(self, time_ms: int) -> tuple[int | None, int | None]:
        """Find the speech before a moment and the next after it.

        Args:
            time_ms: A moment, in milliseconds from the recording's start.

        Returns:
            End of the last speech that begins before or at the moment, which is after it where somebody speaks just
            then; start of the next speech. None where there is none.
        """
        index = bisect_right(self._starts, time_ms)
        return (
            self.spans[index - 1].end_ms if index else None,
            self._starts[index] if index < len(self._starts) else None,
        )
