"""What transcribes: the interface of every engine. Each engine is imported when it is used, not before."""

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
    """What is known of an engine before it is asked.

    Args:
        formats: The wire formats that are worth asking for.
        max_body_bytes: The largest body of a request that it takes, form fields included; None means any.
        max_ms: The longest audio that it takes at once, in milliseconds; None means any.
        takes_any_container: Whether it decodes everything that FFmpeg can, so that nothing has to be converted.
        streams_times: Whether its streams tell the times of what they say.
    """

    formats: frozenset[ResponseFormat] = frozenset(ResponseFormat)
    max_body_bytes: int | None = None
    max_ms: int | None = None
    takes_any_container: bool = False
    streams_times: bool = False


BUILT_IN: Final = Capabilities(takes_any_container=True, streams_times=True)
"""What the built-in engines can do."""


class Engine(Protocol):
    """A request and a recording in; events, then a result, out.

    An engine prints nothing, draws nothing, and knows no file of the user's except the recording it is given. It may be
    called from several threads at once.
    """

    @property
    def address(self) -> str | None:
        """The server's address, whose answers may have a price; None for a built-in engine. It holds no secret."""

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Check before anything is read that such a request can be answered.

        Args:
            request: The form fields.

        Returns:
            The contract's names of the fields that are set and that this engine ignores.

        Raises:
            UsageError: The request can never be answered here; a FieldError if the reason is one field.
        """

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:
        """Say what is known of the model that a request names.

        Args:
            request: The form fields.
        """

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe a recording; if the request asks for a stream, emit its text as `anyscribe.events.Delta`.

        Args:
            request: The form fields.
            audio: The recording.
            emit: Takes the events, in the calling thread. If it raises, the work is cancelled.

        Returns:
            The transcript, and its rendering if the engine got one.

        Raises:
            AudioError: The recording cannot be read or decoded.
            FormatRefusedError: The engine does not answer in the format asked for, but may in another.
            TooLargeError: It takes less at once.
            EngineError: A built-in engine failed.
            ServerError: A server failed.
        """
