"""What transcribes: the promise that every engine keeps. Each engine is imported when it is used, not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer


@dataclass(frozen=True, slots=True)
class Abilities:
    """What is known of an engine before it is asked.

    Args:
        formats: The formats that are worth asking for.
        max_body_bytes: The largest body of a request that it takes, form fields included; None means any.
        max_ms: The longest sound that it takes at once, in milliseconds; None means any.
        takes_any_container: Whether it hears whatever FFmpeg can decode, and need not be sent anything else.
        streams_times: Whether its streams tell the times of what they say.
    """

    formats: frozenset[ResponseFormat] = frozenset(ResponseFormat)
    max_body_bytes: int | None = None
    max_ms: int | None = None
    takes_any_container: bool = False
    streams_times: bool = False


HERE = Abilities(takes_any_container=True, streams_times=True)
"""What the built-in engines can do: all of it."""


class Engine(Protocol):
    """A request and a recording in; events, then an answer, out.

    An engine prints nothing, draws nothing, and knows no file of the user's but the recording it is given. It may be
    called from several threads at once.
    """

    @property
    def address(self) -> str | None:
        """The address of the server that is asked, whose answers may have a price; None for an engine that is built in.

        It holds nothing that proves who asks.
        """

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Say before anything is read whether such a request can be answered.

        Args:
            request: The form fields.

        Returns:
            The contract's names of the fields that are set and that this engine will not heed.

        Raises:
            UsageError: The request can never be answered here; a FieldError where it is one field's fault.
        """

    def abilities(self, request: TranscriptionRequest) -> Abilities:
        """Say what is known of the model that a request names, before it is asked.

        Args:
            request: The form fields.
        """

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Transcribe one recording; where a stream is wanted, emit its text as `anyscribe.events.Delta` as it comes.

        Args:
            request: The form fields.
            audio: The recording.
            emit: Takes the events, in the calling thread. What it raises ends the work.

        Returns:
            The transcript; where the engine got it rendered, the rendering too.

        Raises:
            AudioError: The recording cannot be read or decoded.
            FormatRefusedError: The engine does not answer in the format asked for, but may in another.
            TooLargeError: It takes less at once.
            EngineError: The built-in engine failed.
            ServerError: The remote engine failed.
        """
