"""What was said and when: the answer that every engine gives and every format writes.

Times are integer milliseconds from the recording's start, half-open: ``[start_ms, end_ms)``. Seconds become
milliseconds once, where a reply is read, and text again once, where a format is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyscribe.request import ResponseFormat


_MS_PER_SECOND = 1_000


def clock_time(time_ms: int) -> str:
    """Write a time as messages name it: ``00:14:05``.

    Args:
        time_ms: Milliseconds; what is over the last whole second is left out.
    """
    seconds = max(time_ms, 0) // _MS_PER_SECOND
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class Span(NamedTuple):
    """A stretch of the recording's time, half-open, in milliseconds from its start; ``start_ms < end_ms``."""

    start_ms: int
    end_ms: int

    def __str__(self) -> str:
        """Write it as messages name it, in whole seconds that hold all of it: two times with a dash between them."""
        return f"{clock_time(self.start_ms)}\u2013{clock_time(self.end_ms + _MS_PER_SECOND - 1)}"


class Timing(StrEnum):
    """How a word's time was found."""

    SERVER = "server"
    """It came with the text, from the server or engine that wrote it."""

    ALIGNED = "aligned"
    """The text was laid on the sound by an acoustic model."""

    ESTIMATED = "estimated"
    """The text was spread over the stretches in which somebody speaks, by the length of its words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word, as the text has it, with its time.

    Args:
        text: The word with the case and punctuation of its source; no surrounding white space.
        start_ms: Onset, in milliseconds from the recording's start.
        end_ms: End, in milliseconds; never before ``start_ms``.
        probability: 0 to 1, how sure the engine is; None where it does not say.
        timing: How the time was found.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float | None = None
    timing: Timing = Timing.SERVER


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as the engine divided it; fields without a value are unknown.

    Args:
        text: What was said in it.
        start_ms: Start, in milliseconds from the recording's start.
        end_ms: End, in milliseconds; never before ``start_ms``.
        seek: The decoder's own offset of the window that the segment came from, in its frames.
        tokens: The text's token numbers in the model's vocabulary.
        temperature: The sampling temperature that was used.
        avg_logprob: Mean natural logarithm of the tokens' probabilities.
        compression_ratio: Bytes of text over bytes of the same text deflated; a high one betrays a loop.
        no_speech_prob: 0 to 1, how likely the stretch holds no speech.
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
class Transcript:
    """All that is known of what a recording says.

    Args:
        text: The whole text, without white space around it.
        language: A code (``en``) or an English name (``english``), as the engine gave it; None where unknown.
        duration_ms: The recording's length in milliseconds; None where unknown.
        segments: In order of time; empty where the engine gave none.
        words: In order of time; empty where the engine gave none.
        extra: Members of a JSON reply that anyscribe passes on without reading them (``usage``, ``logprobs``).
    """

    text: str
    language: str | None = None
    duration_ms: int | None = None
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An engine's answer: the transcript and, where it came rendered, the rendering itself.

    Args:
        transcript: What was said, as far as the answer tells.
        rendered_as: The format that ``body`` is in, judged by its shape; None for an engine that renders nothing.
        body: The answer as it came, after unwrapping; empty where ``rendered_as`` is None.
    """

    transcript: Transcript
    rendered_as: ResponseFormat | None = None
    body: bytes = b""
