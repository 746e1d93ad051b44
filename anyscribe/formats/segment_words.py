"""The words of each segment, for formats that write a segment's text word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.transcript import Segment, Transcript, Word


class SegmentWords:
    """Deals out the words of a transcript to its segments.

    Args:
        transcript: Its words are those of its segments' texts, in the order of its segments.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._own: dict[int, list[Word]] = {}
        words = iter(transcript.words)
        for segment in transcript.segments:
            rest = _letters(segment.text)
            own = self._own[id(segment)] = []
            while rest > 0 and (word := next(words, None)) is not None:
                own.append(word)
                rest -= _letters(word.text)

    def of(self, segment: Segment) -> list[Word]:
        """Return the words of a segment.

        Args:
            segment: One of the transcript's.
        """
        return self._own[id(segment)]

    def parts(self, segment: Segment, text: str) -> Iterator[tuple[str, int | None]]:
        """Yield the parts of a segment's text; joined, they are the text.

        Args:
            segment: One of the transcript's.
            text: Its text; whitespace may differ from that of the segment.

        Yields:
            A word with its index in `of`, or what is between two words, with None.
        """
        at = 0
        for number, word in enumerate(self.of(segment)):
            found = text.find(word.text, at)
            if found < 0:
                continue
            if found > at:
                yield text[at:found], None
            at = found + len(word.text)
            yield word.text, number
        if at < len(text):
            yield text[at:], None


def _letters(text: str) -> int:
    return len("".join(text.split()))
