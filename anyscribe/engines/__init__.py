"""The interface of every engine. Each engine is imported only when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, Granularity, TranscriptionRequest
    from anyscribe.result import Result


@dataclass(frozen=True, slots=True)
class Hints:
    """How an engine is told which words to expect.

    Args:
        field: The form field; None for the prompt.
        is_list: Whether each word has a field of its own; otherwise they are one text, with commas.
        space: What stands for a space within a word of a list.
        max_terms: The most words that it takes; None means any number.
        max_tokens: The most tokens of them all; None means any number.
        max_characters: The most characters of them all, likewise.
    """

    field: str | None = None
    is_list: bool = False
    space: str = " "
    max_terms: int | None = None
    max_tokens: int | None = None
    max_characters: int | None = None


WHISPER_TOKENS: Final = 223
"""Whisper reads at most so many tokens of a prompt and hotwords: half of its window; the text needs the other half."""

IN_PROMPT: Final = Hints(max_tokens=WHISPER_TOKENS, max_characters=896)
"""The prompt is a field of the contract. Groq refuses a longer one; Whisper heeds the end of it only."""

HOTWORDS: Final = Hints("hotwords", max_tokens=WHISPER_TOKENS)
"""The field of faster-whisper."""


@dataclass(frozen=True, slots=True)
class SpeakerQuery:
    """How an engine is asked who speaks.

    Args:
        response_format: The wire format whose answers name speakers.
        granularities: The times that must be asked for with it.
        fields: The form fields that ask for it, as (name, value).
        is_usual: Whether the model is made for it, so that it is asked unless the user wants no speakers.
        references: How many voices can be named to it with a sample of each; 0 if it takes none.
    """

    response_format: ResponseFormat
    granularities: tuple[Granularity, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    is_usual: bool = False
    references: int = 0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is known about an engine before a request is sent.

    Args:
        formats: The wire formats worth requesting.
        max_body_bytes: The largest request body that it accepts, form fields included; None means no limit.
        max_ms: The longest audio that it accepts in one request, in milliseconds; None means no limit.
        takes_any_container: Whether it decodes everything that FFmpeg can, so that nothing has to be converted.
        streams_times: Whether its streams contain the times of the text.
        has_rough_times: Whether aligning finds times that are better than its own.
        hints: How it is told which words to expect; None if it cannot be.
        speakers: How it is asked who speaks; None if it cannot be.
    """

    formats: frozenset[ResponseFormat] = frozenset(ResponseFormat)
    max_body_bytes: int | None = None
    max_ms: int | None = None
    takes_any_container: bool = False
    streams_times: bool = False
    has_rough_times: bool = False
    hints: Hints | None = IN_PROMPT
    speakers: SpeakerQuery | None = None


BUILT_IN: Final = Capabilities(takes_any_container=True, streams_times=True, has_rough_times=True, hints=HOTWORDS)
"""The capabilities of engines on this machine."""


class Engine(Protocol):
    """An engine transcribes a recording as a request asks: it emits events, then returns a result.

    An engine prints nothing, draws nothing, and uses no file of the user's except the recording it is given. It may be
    called from several threads at once.
    """

    @property
    def address(self) -> str | None:
        """The server's address, without secrets; None for a built-in engine. A server's replies may cost money."""

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Check, before anything is read, that the engine can answer such a request.

        Args:
            request: The form fields.

        Returns:
            The contract's names of the fields that are set but that this engine ignores.

        Raises:
            UsageError: This engine can never answer the request; a FieldError if one field is the reason.
        """

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:
        """Return what is known about the model that a request names.

        Args:
            request: The form fields.
        """

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe a recording; if the request asks for a stream, emit its text as `anyscribe.events.Delta`.

        Args:
            request: The form fields.
            audio: The recording.
            emit: Receives the events, in the calling thread. If it raises, the work is cancelled.

        Returns:
            The transcript, and its rendering if the engine received one.

        Raises:
            AudioError: The recording cannot be read or decoded.
            FormatRefusedError: The engine does not support the requested format, but may support another.
            TooLargeError: The recording is larger or longer than the engine accepts in one request.
            EngineError: A built-in engine failed.
            ServerError: A server failed.
        """
