"""The transcript that every engine returns and every format writes.

Times are integer milliseconds from the recording's start, half-open: ``[start_ms, end_ms)``. Seconds are converted to
milliseconds once, when a reply is read, and milliseconds to text once, when a format is written.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations when records are kept on disk
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from anyscribe.timespan import Span  # noqa: TC001 - as above


class Timing(StrEnum):
    """How a word's time was found."""

    SERVER = "server"
    """The server or engine returned it with the text."""

    ALIGNED = "aligned"
    """An acoustic model aligned the text with the audio."""

    ESTIMATED = "estimated"
    """The text was spread over the spans of speech in proportion to the length of its words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its time.

    Args:
        text: The word with the case and punctuation of its source; no surrounding whitespace.
        start_ms: Onset, in milliseconds from the recording's start.
        end_ms: End, in milliseconds; never before ``start_ms``.
        probability: The engine's confidence, 0 to 1; None if it gives none.
        timing: How the time was found.
        speaker: The speaker's name, as the engine gives it; None if it names speakers of segments, or none.
        confidence: How probable it is that the aligner's time is right within 0.3 s; None if it found none.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float | None = None
    timing: Timing = Timing.SERVER
    speaker: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of speech as the engine divided it; None means unknown.

    Args:
        text: The text spoken in it.
        start_ms: Start, in milliseconds from the recording's start.
        end_ms: End, in milliseconds; never before ``start_ms``.
        seek: The decoder's offset of the window that the segment came from, in the decoder's frames.
        tokens: The text's token numbers in the model's vocabulary.
        temperature: The sampling temperature used.
        avg_logprob: Mean natural logarithm of the tokens' probabilities.
        compression_ratio: Bytes of text divided by bytes of the deflated text; a high ratio means repetition.
        no_speech_prob: The probability that the segment has no speech, 0 to 1.
        speaker: The speaker's name, as the engine gives it.
    """

    text: str
    start_ms: int
    end_ms: int
    seek: int | None = None
    tokens: tuple[int, ...] | None = None
    temperature: float | None = None
    avg_logprob: float | None = None
    compression_ratio: float | None = None
    no_speech_prob: float | None = None
    speaker: str | None = None


class Doubt(StrEnum):
    """A kind of likely error that may be gone if the engine hears the place again."""

    HOLE = "hole"
    """Speech without text, or with too little."""

    LOOP = "loop"
    """Text that repeats itself."""

    UNSPOKEN = "unspoken"
    """Text where nothing is said, or something else."""


_DOUBTS: Final = {
    "empty": Doubt.HOLE,
    "too_little": Doubt.HOLE,
    "loop": Doubt.LOOP,
    "repetitive": Doubt.LOOP,
    "unspoken": Doubt.UNSPOKEN,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A likely error in a transcript, such as speech without text.

    Args:
        span: The place in the recording; None if unknown.
        message: A description: a clause that follows the place.
        kind: What is wrong, in a word for programs; see `docs/events.md`.
    """

    span: Span | None
    message: str
    kind: str = "other"

    @property
    def doubt(self) -> Doubt | None:
        """What may be gone if the engine hears the place again; None for all that this would hardly change."""
        return _DOUBTS.get(self.kind)

    def __str__(self) -> str:
        return self.message if self.span is None else f"{self.span} {self.message}"


@dataclass(frozen=True, slots=True)
class Transcript:
    """The text of a recording, with everything known about it.

    Args:
        text: The whole text, without surrounding whitespace.
        language: A code (``en``) or an English name (``english``), as the engine gave it; None if unknown.
        duration_ms: The recording's length in milliseconds; None if unknown.
        segments: The segments, in order of time; empty if the engine gave none.
        words: The words, in order of time; empty if the engine gave none.
        extra: Members of a JSON reply that are passed through unread (``usage``, ``logprobs``).
        findings: Likely errors, in order of time; empty if there are none or if nothing was checked.
        is_translated: Whether the text is a translation into English.
    """

    text: str
    language: str | None = None
    duration_ms: int | None = None
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    is_translated: bool = False

    @property
    def speakers(self) -> tuple[str, ...]:
        """The names of all speakers, in the order in which they speak."""
        named = (one.speaker for part in (self.segments, self.words) for one in part)
        return tuple(dict.fromkeys(name for name in named if name))

    def renamed(self, names: Mapping[str, str]) -> Transcript:
        """Return the transcript with other names of its speakers.

        Args:
            names: The new names, by the old ones; a speaker who is not in it has none any more.
        """
        return replace(
            self,
            segments=tuple(replace(one, speaker=names.get(one.speaker or "")) for one in self.segments),
            words=tuple(replace(one, speaker=names.get(one.speaker or "")) for one in self.words),
        )
