"""Decide where a recording has time without sound, and where only its clock jumps.

A timestamp that lies ahead of the sound so far means a gap: the sound came late, or paused. Players wait there, so
silence is put there, and the times of subtitles are the film's. But clocks are often wrong: two broadcasts joined
together jump by hours. So a gap is filled only as far as something else in the container bears it out.
"""

from __future__ import annotations

from typing import Final

_SMALLEST_GAP_S: Final = 0.1
"""A smaller gap is jitter."""

_LARGEST_OVERLAP_S: Final = 1.0
"""Timestamps that go back by more are a new clock; less is jitter, or a clock that drifts."""

_LONGEST_STEP_S: Final = 10.0
"""Packets of other tracks that are further apart prove nothing: their clock jumps too."""

_INTERLEAVED_S: Final = 2.0
"""Up to this much later than its sound, the packets of other tracks come in the file."""

_ALLOWED_S: Final = 1.0
_ALLOWED_SHARE: Final = 0.1
_MOST_ALLOWED_S: Final = 60.0
"""A sudden gap that nothing bears out may be a loss in transmission: a second, or a tenth of the sound so far, up to a
minute. One that grows slowly is a clock that runs too fast."""


class Timeline:
    """The clock of one recording, while it is decoded.

    Args:
        start_s: The recording's start on its own clock, in seconds.
        end_s: Its end on the same clock as the container states it, if it states it independently of the timestamps;
            None otherwise.
    """

    def __init__(self, start_s: float, end_s: float | None = None) -> None:
        self._origin_s = start_s
        self._end_s = end_s
        self._covered: list[tuple[float, float]] = []
        self._allowed_s = 0.0
        self._drift_s = 0.0

    def note_other(self, time_s: float) -> None:
        """Note a packet of another track.

        Args:
            time_s: Its decoding time on the recording's clock, in seconds.
        """
        start_s, end_s = self._covered[-1] if self._covered else (time_s, time_s)
        if 0 <= time_s - end_s <= _LONGEST_STEP_S:
            self._covered[-1:] = [(start_s, time_s)]
        elif not start_s <= time_s <= end_s:
            self._covered.append((time_s, time_s))

    def gap_s(self, time_s: float, done_s: float) -> float:
        """Return how much silence belongs before some sound.

        Args:
            time_s: The sound's time on the recording's clock, in seconds.
            done_s: The length of the sound before it, with the silence, in seconds.

        Returns:
            Seconds; 0 if the sound follows at once.
        """
        gap_s = time_s - self._origin_s - done_s
        is_sudden = gap_s - self._drift_s > _SMALLEST_GAP_S
        self._drift_s = gap_s
        if -_LARGEST_OVERLAP_S <= gap_s <= _SMALLEST_GAP_S:
            return 0.0
        filled_s = self._filled_s(gap_s, time_s, done_s, is_sudden=is_sudden) if gap_s > 0 else 0.0
        self._drift_s = 0.0
        if filled_s != gap_s:
            # The clock jumped: from here on it has another origin.
            self._origin_s = time_s - done_s - filled_s
            self._end_s = None if self._end_s is None else self._end_s + gap_s - filled_s
        return filled_s

    def _filled_s(self, gap_s: float, time_s: float, done_s: float, *, is_sudden: bool) -> float:
        is_stated = self._end_s is not None and time_s <= self._end_s + _ALLOWED_S
        borne_s = sum(max(0.0, min(end_s, time_s) - max(start_s, time_s - gap_s)) for start_s, end_s in self._covered)
        # Tracks are not interleaved exactly.
        if is_stated or 0 < borne_s >= gap_s - _INTERLEAVED_S:
            return gap_s
        allowed_s = max(_ALLOWED_S, min(_ALLOWED_SHARE * done_s, _MOST_ALLOWED_S)) - self._allowed_s
        if is_sudden and self._end_s is None and gap_s <= allowed_s:
            self._allowed_s += gap_s
            return gap_s
        return min(gap_s, borne_s)
