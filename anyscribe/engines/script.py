"""An engine that knows what is said: it answers with a text that the user has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.engines import BUILT_IN
from anyscribe.events import Transcribed
from anyscribe.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.engines import Capabilities
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Transcript


class ScriptEngine:
    """Answers with a text, in its own segments, without times: they are found afterwards, as for any bare text.

    Args:
        script: The text.
    """

    address: Final = None

    def __init__(self, script: Transcript) -> None:
        segments = tuple(replace(segment, start_ms=0, end_ms=0) for segment in script.segments)
        self._script = replace(script, segments=segments, words=(), duration_ms=None, extra={}, findings=())

    def check(self, request: TranscriptionRequest) -> Sequence[str]:  # noqa: ARG002 - required by the interface
        """Accept every request."""
        return ()

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return the built-in capabilities: every format and container, any length."""
        return BUILT_IN

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Return the text."""
        if audio.duration_ms:
            emit(Transcribed(audio.duration_ms, audio.duration_ms))
        return Result(replace(self._script, language=request.language or self._script.language))
