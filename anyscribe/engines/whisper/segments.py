"""Convert Whisper's segments and words to ours: in milliseconds of the recording, in order, within it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.transcript import Segment, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MS_PER_FRAME: Final = 10


class Clock:
    """Converts times within a block to times of the recording that never decrease.

    Whisper estimates times: they can lie after the audio's end, and before those of earlier segments.

    Args:
        start_ms: The block's start, in milliseconds from the recording's start.
        end_ms: The block's end, likewise.
        earliest_ms: The end of the last segment before the block, likewise.
    """

    def __init__(self, start_ms: int, end_ms: int, earliest_ms: int) -> None:
        self._start_ms = start_ms
        self._end_ms = end_ms
        self.earliest_ms = earliest_ms

    def read(self, found: Any) -> tuple[Segment, tuple[Word, ...]]:  # noqa: ANN401 - the library is untyped
        """Convert a segment.

        Args:
            found: A ``faster_whisper.transcribe.Segment``, later than those before.

        Returns:
            The segment and its words, which all lie within it.
        """
        words = [word for word in found.words or () if word.word.strip()]
        # The words' times are the better ones.
        start_s, end_s = (words[0].start, words[-1].end) if words else (found.start, found.end)
        start_ms, end_ms = self._span(start_s, end_s, self.earliest_ms, self._end_ms)
        self.earliest_ms = end_ms
        segment = Segment(
            text=found.text.strip(),
            start_ms=start_ms,
            end_ms=end_ms,
            seek=self._start_ms // _MS_PER_FRAME + found.seek,
            tokens=tuple(found.tokens),
            temperature=found.temperature,
            avg_logprob=_rounded(found.avg_logprob),
            compression_ratio=_rounded(found.compression_ratio),
            no_speech_prob=_rounded(found.no_speech_prob),
        )
        return segment, tuple(self._words(words, segment))

    def _words(self, found: Sequence[Any], segment: Segment) -> Iterator[Word]:
        earliest_ms = segment.start_ms
        for word in found:
            start_ms, end_ms = self._span(word.start, word.end, earliest_ms, segment.end_ms)
            earliest_ms = end_ms
            yield Word(word.word.strip(), start_ms, end_ms, _rounded(word.probability))

    def _span(self, start_s: float, end_s: float, earliest_ms: int, latest_ms: int) -> tuple[int, int]:
        start_ms = min(max(self._start_ms + round(start_s * 1000), earliest_ms), latest_ms)
        return start_ms, min(max(self._start_ms + round(end_s * 1000), start_ms), latest_ms)


def _rounded(number: float) -> float:
    # numpy's own numbers cannot be written as JSON, and adding 0.0 turns -0.0 into 0.0.
    return round(float(number), 4) + 0.0
