"""What was said and when: every engine returns it and every format writes it.

Times are integer milliseconds from the recording's start, half-open: ``[start_ms, end_ms)``. Seconds are converted to
milliseconds once, where a reply is read, and milliseconds to text once, where a format is written.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations when records are kept on disk
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from anyscribe.timespan import Span  # noqa: TC001 - as above


class Timing(StrEnum):
    """How a word's time was found."""

    SERVER = "server"
    """It came with the text, from the server or engine that wrote it."""

    ALIGNED = "aligned"
    """An acoustic model aligned the text with the audio."""

    ESTIMATED = "estimated"
    """The text was spread over the stretches of speech by the length of its words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its time.

    Args:
        text: The word with the case and punctuation of its source; no surrounding white space.
        start_ms: Onset, in milliseconds from the recording's start.
        end_ms: End, in milliseconds; never before ``start_ms``.
        probability: 0 to 1, how certain the engine is; None if it does not say.
        timing: How the time was found.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float | None = None
    timing: Timing = Timing.SERVER


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as the engine divided it; None means unknown.

    Args:
        text: What was said in it.
        start_ms: Start, in milliseconds from the recording's start.
        end_ms: End, in milliseconds; never before ``start_ms``.
        seek: The decoder's own offset of the window that the segment came from, in its frames.
        tokens: The text's token numbers in the model's vocabulary.
        temperature: The sampling temperature that was used.
        avg_logprob: Mean natural logarithm of the tokens' probabilities.
        compression_ratio: Bytes of text divided by bytes of the deflated text; a high one means repetition.
        no_speech_prob: 0 to 1, how likely it is that the stretch holds no speech.
        speaker: Who speaks, as the engine names them.
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


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a transcript that looks wrong, such as speech without text.

    Args:
        span: Where in the recording; None if the place is not known.
        message: What; a clause that follows the place.
    """

    span: Span | None
    message: str

    def __str__(self) -> str:
        return self.message if self.span is None else f"{self.span} {self.message}"


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that is known of what was said in a recording.

    Args:
        text: The whole text, without white space around it.
        language: A code (``en``) or an English name (``english``), as the engine gave it; None if unknown.
        duration_ms: The recording's length in milliseconds; None if unknown.
        segments: In order of time; empty if the engine gave none.
        words: In order of time; empty if the engine gave none.
        extra: Members of a JSON reply that are passed on unread (``usage``, ``logprobs``).
        findings: What looks wrong, in order of time; empty if nothing does, or if nothing was checked.
    """

    text: str
    language: str | None = None
    duration_ms: int | None = None
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
