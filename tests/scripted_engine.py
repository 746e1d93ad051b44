"""An engine with fixed transcripts of the recordings in `tests/media`, for tests of everything around an engine."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.engines import BUILT_IN
from anyscribe.engines.whisper.logprobs import check_include, included
from anyscribe.errors import FieldError
from anyscribe.events import Delta, Transcribed
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.result import Result
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.engines import Capabilities
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest

HELLO: Final = "Welcome to the town library."
PAUSE: Final = "The door is open. The children are waiting in the garden."
LIBRARY: Final = "Our library is the oldest building in the town. It opens every morning at nine."

_HELLO_MS: Final = 2270
_UTTERANCES: Final = {
    6: ((176, 1358, PAUSE[:17]), (3716, 5909, PAUSE[18:])),
    34: ((0, 3000, LIBRARY[:47]), (3500, 34_000, LIBRARY[48:])),
}
"""By the recording's length in seconds: start and end in milliseconds, and text of each utterance."""


class ScriptedEngine:
    """An engine that decodes recordings as any other, but returns fixed texts, times and probabilities.

    A recording whose length matches no sample is treated as `hello`, repeated as often as it fits.

    Args:
        speed: How many times faster than real time it works.
    """

    address = None

    def __init__(self, speed: float = 1000) -> None:
        self._speed = speed
        self._lock = threading.Lock()
        self.active = 0
        """The number of recordings being transcribed."""

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Refuse every language except English, and unsupported `include` values."""
        if request.language is not None and not request.language.lower().startswith("en"):
            raise FieldError("language", request.language, "this engine knows English only", remedy="use en")
        check_include(request)
        return ()

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return full capabilities: all formats, every container, any length, and times that are exact."""
        return replace(BUILT_IN, has_rough_times=False)

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Return the fixed transcript, emitting each utterance when its time has come."""
        with self._lock:
            self.active += 1
        try:
            return self._transcribe(request, audio, emit)
        finally:
            with self._lock:
                self.active -= 1

    def _transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        pcm = b"".join(audio.pcm())
        duration_ms = len(pcm) // PCM_BYTES_PER_MS
        segments = []
        words: list[Word] = []
        done_ms = 0
        for start_ms, end_ms, text in _utterances(duration_ms) if any(pcm) else ():
            time.sleep((end_ms - done_ms) / 1000 / self._speed)
            done_ms = end_ms
            emit(Transcribed(done_ms, duration_ms))
            if request.stream:
                emit(Delta(f" {text}" if segments else text))
            segments.append(
                Segment(text, start_ms, end_ms, avg_logprob=-0.2, compression_ratio=1.1, no_speech_prob=0.01)
            )
            words += _words(text, start_ms, end_ms)
        text = " ".join(segment.text for segment in segments)
        extra = included(request, words)
        return Result(Transcript(text, "en", duration_ms, tuple(segments), tuple(words), extra))


def _utterances(duration_ms: int) -> Sequence[tuple[int, int, str]]:
    times = max(round(duration_ms / _HELLO_MS), 1)
    every_hello = [(number * _HELLO_MS, (number + 1) * _HELLO_MS, HELLO) for number in range(times)]
    return _UTTERANCES.get(round(duration_ms / 1000), every_hello)


def _words(text: str, start_ms: int, end_ms: int) -> Iterator[Word]:
    texts = text.split()
    length_ms = (end_ms - start_ms) // len(texts)
    for number, word in enumerate(texts):
        yield Word(word, start_ms + number * length_ms, start_ms + (number + 1) * length_ms, 0.9)
