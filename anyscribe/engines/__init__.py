"""The interface of every engine. Each engine is imported only when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.result import Result


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
    """

    formats: frozenset[ResponseFormat] = frozenset(ResponseFormat)
    max_body_bytes: int | None = None
    max_ms: int | None = None
    takes_any_container: bool = False
    streams_times: bool = False
    has_rough_times: bool = False


BUILT_IN: Final = Capabilities(takes_any_container=True, streams_times=True, has_rough_times=True)
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
