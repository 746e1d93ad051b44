"""Answer the contract with faster-whisper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer


class WhisperEngine:
    """Whisper as an `anyscribe.engines.Engine`.

    Args:
        cores: How many cores it may use.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Refuse models that there are none of."""
        raise FieldError("model", request.model or "", "there is no such built-in model", legal=("sphinx",))

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Transcribe one recording."""
        raise NotImplementedError

    def prepare(self, model: str | None, emit: Emit) -> None:
        """Load a model."""
        raise NotImplementedError
