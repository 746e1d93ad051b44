"""What transcribes: the promise that every engine keeps. Each engine is imported when it is used, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer


class Engine(Protocol):
    """A request and a recording in; events, then an answer, out.

    An engine prints nothing, draws nothing, and knows no file of the user's but the recording it is given. It may be
    called from several threads at once.
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
            EngineError: The built-in engine failed.
            ServerError: The remote engine failed.
        """
