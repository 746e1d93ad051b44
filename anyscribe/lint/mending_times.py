"""Mend when the cues at one place of the picture appear and disappear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.lint.mending_text import divided, merged, wrapped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from anyscribe.formats.cue_files.document import WrittenCue
    from anyscribe.lint.case import Case
    from anyscribe.transcript import Word

_SHORTEST_MS: Final = 100
"""No cue is made shorter than this for the sake of the next one."""


class TimeMender:
    """Mends the times of cues that follow each other.

    Args:
        case: What they are judged by.
        wanted: The names of the rules that are mended.
    """

    def __init__(self, case: Case, wanted: Collection[str]) -> None:
        self._case = case
        self._wanted = frozenset(wanted)
        self._frame_ms = case.frame_ms
        self._gap_ms = case.limits.gap_ms
        self._end_ms = case.sound.duration_ms if case.sound else None

    def mended(self, cues: Sequence[WrittenCue]) -> list[WrittenCue]:
        """Return the cues with better times; some are joined.

        Args:
            cues: The cues in order of their starts.
        """
        found = list(cues)
        for index, cue in enumerate(found):
            found[index] = self._ended(cue, self._next_ms(found, index))
        found = self._apart(found)
        for index, cue in enumerate(found):
            found[index] = self._extended(cue, self._next_ms(found, index))
        found = self._joined(found)
        return self._closed(found)

    def parts(self, cue: WrittenCue, words: Sequence[Word], next_ms: int | None) -> list[WrittenCue]:
        """Divide a cue that has too many lines, or that is shown for too long for a short text to be the reason.

        Args:
            cue: The cue.
            words: Its words with their times, if they are known.
            next_ms: When the next cue at its place starts; None if nothing follows.
        """
        is_stated = self._case.states("max_lines") and self._case.states("max_line_chars")
        is_full = is_stated and {"line-count", "line-length"} & self._wanted and wrapped(cue.text, self._case) is None
        if not (is_full or self._is_long(cue)):
            return [cue]
        # Each part gets its share of the time.
        cue = self._extended(cue, self._end_ms if next_ms is None else next_ms - self._gap_ms)
        parts = divided(cue, self._case, words)
        # What follows stays behind all parts.
        is_before = next_ms is None or parts[-1].start_ms < next_ms or len(parts) == 1
        return parts if is_before and all(part.length_ms >= _SHORTEST_MS for part in parts) else [cue]

    def _is_long(self, cue: WrittenCue) -> bool:
        is_checked = "long-cue" in self._wanted and self._case.states("max_cue_ms")
        return is_checked and cue.length_ms > self._case.limits.max_cue_ms + self._frame_ms / 2

    def _next_ms(self, cues: Sequence[WrittenCue], index: int) -> int | None:
        """Return until when a cue may be shown; None if nothing follows."""
        if index + 1 < len(cues):
            return cues[index + 1].start_ms - self._gap_ms
        return self._end_ms

    def _ended(self, cue: WrittenCue, next_ms: int | None) -> WrittenCue:
        """Give a cue an end that is after its start, inside the recording and not too late."""
        end_ms = cue.end_ms
        has_room = next_ms is None or next_ms - cue.start_ms >= _SHORTEST_MS
        if "backwards" in self._wanted and end_ms <= cue.start_ms and has_room:
            end_ms = self._readable_ms(cue) if next_ms is None else min(self._readable_ms(cue), next_ms)
        if "beyond-end" in self._wanted and self._end_ms is not None and cue.start_ms < self._end_ms:
            end_ms = min(end_ms, self._end_ms)
        if self._is_long(cue.at(cue.start_ms, end_ms)):
            most_ms = cue.start_ms + self._case.limits.max_cue_ms
            if next_ms is not None and self._flickers(next_ms + self._gap_ms - most_ms):
                # The gap is made longer than it was, but not so that it flickers.
                most_ms = next_ms + self._gap_ms - self._case.limits.chain_ms
            if self._readable_ms(cue) <= most_ms + self._frame_ms / 2:
                end_ms = most_ms
        return cue.at(cue.start_ms, end_ms)

    def _readable_ms(self, cue: WrittenCue) -> int:
        """Return when a cue has been read."""
        least_ms = self._case.limits.min_cue_ms if self._case.states("min_cue_ms") else _SHORTEST_MS
        need_ms = max(self._case.reading_ms(cue), least_ms)
        return cue.start_ms + int(need_ms) + (need_ms > int(need_ms))

    def _apart(self, cues: list[WrittenCue]) -> list[WrittenCue]:
        """End cues before the next one starts."""
        for index, cue in enumerate(cues[:-1]):
            start_ms = cues[index + 1].start_ms
            is_over = cue.end_ms > start_ms
            is_near = (
                not is_over and round((start_ms - cue.end_ms) / self._frame_ms) < self._case.profile.cues.gap_frames
            )
            if (is_over and "overlap" in self._wanted) or (is_near and "short-gap" in self._wanted):
                end_ms = start_ms - self._gap_ms
                if end_ms - cue.start_ms >= min(_SHORTEST_MS, cue.length_ms):
                    cues[index] = cue.at(cue.start_ms, end_ms)
        return cues

    def _is_hurried(self, cue: WrittenCue) -> bool:
        """Return whether there is too little time to see a cue, or to read it."""
        is_fast = "speed" in self._wanted and self._case.reading_ms(cue) > cue.length_ms + self._frame_ms / 2
        return cue.length_ms > 0 and (is_fast or self._is_short(cue))

    def _is_short(self, cue: WrittenCue) -> bool:
        is_checked = "short-cue" in self._wanted and self._case.states("min_cue_ms")
        return is_checked and 0 < cue.length_ms < self._case.limits.min_cue_ms - self._frame_ms / 2

    def _extended(self, cue: WrittenCue, next_ms: int | None) -> WrittenCue:
        """Show a cue longer if it has to be and can be."""
        if not cue.text or not self._is_hurried(cue):
            return cue
        end_ms = min(self._readable_ms(cue), cue.start_ms + max(self._case.limits.max_cue_ms, cue.length_ms))
        return cue.at(cue.start_ms, max(cue.end_ms, end_ms if next_ms is None else min(end_ms, next_ms)))

    def _joined(self, cues: Sequence[WrittenCue]) -> list[WrittenCue]:
        """Join cues that there is too little time for with their neighbours."""
        found: list[WrittenCue] = []
        for cue in cues:
            both = self._both(found[-1], cue) if found else None
            if both is None:
                found.append(cue)
            else:
                found[-1] = both
        return found

    def _both(self, left: WrittenCue, right: WrittenCue) -> WrittenCue | None:
        if not (left.text and right.text and (self._is_hurried(left) or self._is_hurried(right))):
            return None
        pause_ms = right.start_ms - left.end_ms
        is_near = 0 <= pause_ms <= self._case.limits.pause_ms
        if not is_near or right.end_ms - left.start_ms > self._case.limits.max_cue_ms:
            return None
        both = merged(left, right, self._case)
        if both is None:
            return None
        is_better = (self._is_short(left) or self._is_short(right)) and not self._is_short(both)
        return both if is_better or not self._is_hurried(both) else None

    def _closed(self, cues: list[WrittenCue]) -> list[WrittenCue]:
        """Close gaps that flicker."""
        if "open-gap" not in self._wanted or not self._case.states("chain_frames"):
            return cues
        for index, cue in enumerate(cues[:-1]):
            start_ms = cues[index + 1].start_ms
            end_ms = start_ms - self._case.limits.gap_ms
            if self._flickers(start_ms - cue.end_ms) and not self._is_long(cue.at(cue.start_ms, end_ms)):
                cues[index] = cue.at(cue.start_ms, end_ms)
        return cues

    def _flickers(self, gap_ms: int) -> bool:
        """Return whether a gap is so short that it flickers."""
        limits = self._case.profile.cues
        is_checked = "open-gap" in self._wanted and self._case.states("chain_frames")
        return is_checked and limits.gap_frames < round(gap_ms / self._frame_ms) < limits.chain_frames
