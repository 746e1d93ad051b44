"""The interface of every aligner: align a text with its audio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from anyscribe.timespan import Span


@dataclass(frozen=True, slots=True)
class Alignment:
    """The words that were found in the audio.

    Args:
        spans: The time of each word that was found, by its index; in order of text and time, not overlapping.
        length_ms: The length of the audio, in milliseconds.
        doubtful: Those of the found words that may be somewhere else.
        confidences: How probable it is, for each found word, that its time is right within 0.3 s.
        absent: Words that were looked for and not found, or all of them if the text as a whole fits nowhere.
        unsaid: The words of passages that nobody says, although some of them may have a time.
    """

    spans: Mapping[int, Span]
    length_ms: int
    doubtful: AbstractSet[int] = frozenset()
    confidences: Mapping[int, float] = field(default_factory=dict)
    absent: AbstractSet[int] = frozenset()
    unsaid: AbstractSet[int] = frozenset()


class Aligner(Protocol):
    """Finds when the words of a known text are spoken. It may be called from several threads at once."""

    def align(
        self, words: Sequence[str], audio: Iterable[bytes], speech: Sequence[Span], passages: Sequence[int] = ()
    ) -> Alignment:
        """Find the words in the audio.

        Args:
            words: The text's words, as `anyscribe.words.split_words` returns them; some may not be spoken.
            audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length; read once.
            speech: The spans of speech, in order, in milliseconds from the audio's start; empty if unknown.
            passages: The indices of the words that begin a passage, which is said or not said as a whole; empty if the
                text is not divided.

        Returns:
            The words that were found; the caller estimates the times of the others.
        """
