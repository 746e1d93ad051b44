"""Subtitles with new times: each cue by itself, or all of them by one offset and one speed."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.errors import UsageError
from anyscribe.sentence import Option, Sentence
from anyscribe.timespan import hull

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.transcript import Segment, Transcript

_SPEEDS: Final = (
    *(1.0, 24 / 25, 25 / 24, 24_000 / 1_001 / 25, 25 * 1_001 / 24_000, 1_000 / 1_001, 1_001 / 1_000),
    *(25 / 30, 30 / 25, 24 / 30, 30 / 24),
)
"""Films are shown at 24, 25 or 30 frames a second, or a thousandth slower."""

_SAME_SPEED: Final = 5e-4
_LEAST_CUES: Final = 3
_LEAST_SPREAD_MS: Final = 60_000
"""A speed can be told from cues that are so far apart; otherwise only an offset is looked for."""


_BETWEEN_MS: Final = 84
"""Between two cues: two frames of a film."""


def choose_retiming(script: Transcript, *, only_shift: bool) -> Callable[[Transcript], Transcript] | None:
    """Choose what is done with the new times of a document.

    Args:
        script: The document.
        only_shift: Whether all cues are moved alike.

    Returns:
        What changes the timed transcript; None for a document without cues.

    Raises:
        UsageError: There are no cues that could be moved.
    """
    if not has_cues(script):
        if only_shift:
            message = Sentence("{} moves cues, and the text has none", Option("only_shift"))
            raise UsageError(message, remedy="give subtitles")
        return None
    return Shift(script.segments) if only_shift else KeepLengths(script.segments)


def has_cues(script: Transcript) -> bool:
    """Return whether a document has cues, which are segments with times.

    Args:
        script: The document.
    """
    return any(segment.end_ms for segment in script.segments)


class KeepLengths:
    """Lets each segment of a transcript that was timed here last as long as before, if the next one leaves the time.

    Args:
        segments: The segments with their old times, in order.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = tuple(segments)

    def __call__(self, transcript: Transcript) -> Transcript:
        """Return the transcript with later ends, which leave some time to read.

        Args:
            transcript: The same segments, with times of their own.
        """
        timed = _timed(transcript, self._segments)
        latest_ms = [segment.start_ms - _BETWEEN_MS for segment in timed[1:]]
        latest_ms.append(transcript.duration_ms or 0)
        segments = tuple(
            replace(new, end_ms=max(new.end_ms, min(new.start_ms + old.end_ms - old.start_ms, latest)))
            for new, old, latest in zip(timed, self._segments, latest_ms, strict=True)
        )
        return replace(transcript, segments=segments)


class Shift:
    """Gives each segment of a transcript that was timed here its old times, moved by one offset and one speed.

    Args:
        segments: The segments with their old times, in order.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = tuple(segments)

    def __call__(self, transcript: Transcript) -> Transcript:
        """Return the transcript with moved times and without words.

        Args:
            transcript: The same segments, with times of their own.
        """
        timed = _timed(transcript, self._segments)
        pairs = [
            (old.start_ms, new.start_ms)
            for old, new in zip(self._segments, timed, strict=True)
            if new.end_ms > new.start_ms
        ]
        speed, offset_ms = fit_shift(pairs)

        def moved(time_ms: int) -> int:
            return max(0, round(time_ms * speed + offset_ms))

        segments = tuple(
            replace(new, start_ms=moved(old.start_ms), end_ms=moved(old.end_ms))
            for old, new in zip(self._segments, timed, strict=True)
        )
        return replace(transcript, segments=segments, words=())


def _timed(transcript: Transcript, given: Sequence[Segment]) -> Sequence[Segment]:
    """Return the segments with new times; one that covers everything is none any more, and lasts as its words do."""
    if transcript.segments or len(given) != 1 or not transcript.words:
        return transcript.segments
    times = hull(transcript.words)
    return [replace(given[0], start_ms=times.start_ms, end_ms=times.end_ms)]


def fit_shift(pairs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Find the speed and the offset that lead from old times to new ones; a third of them may be wrong.

    Args:
        pairs: Old and new time of each cue, in milliseconds.

    Returns:
        The factor, and what is added after it, in milliseconds; 1 and 0 if there are no times.
    """
    if not pairs:
        return 1.0, 0.0
    speed = 1.0
    if len(pairs) >= _LEAST_CUES and pairs[-1][0] - pairs[0][0] >= _LEAST_SPREAD_MS:
        # The median of the slopes between cues that are far apart (Theil and Sen).
        half = len(pairs) // 2
        distant = zip(pairs[: len(pairs) - half], pairs[half:], strict=True)
        slopes = [(new2 - new1) / (old2 - old1) for (old1, new1), (old2, new2) in distant if old2 > old1]
        speed = statistics.median(slopes or [1.0])
        usual = min(_SPEEDS, key=lambda known: abs(known - speed))
        speed = usual if abs(usual - speed) <= _SAME_SPEED else speed
    return speed, statistics.median(new - old * speed for old, new in pairs)
