"""Implement the contract with PocketSphinx: utterances become segments, their words get times and probabilities."""

from __future__ import annotations

import re
import zlib
from collections import deque
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Final

from anyscribe.engines import BUILT_IN
from anyscribe.engines.logprobs import check_include, included, logprob_of
from anyscribe.engines.sphinx.decoding import FRAME_MS, HeardWord, decode_utterance
from anyscribe.errors import EngineError, FieldError, MissingExtraError
from anyscribe.events import Delta, Notice, Transcribed
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.result import Result
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from anyscribe.engines import Capabilities
    from anyscribe.engines.sphinx.utterances import Utterance
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest

MODEL: Final = "sphinx"
_ENGLISH: Final = frozenset({"en", "eng"})
_SIGN_OF_LIFE_MS: Final = 10_000


class SphinxEngine:
    """PocketSphinx as an `anyscribe.engines.Engine`.

    Args:
        executor: Runs the decoding of utterances; see `anyscribe.workers.worker_pool`.
        workers: The number of utterances that it decodes at once; at most twice as many wait in memory.
    """

    address: Final = None

    def __init__(self, executor: Executor, workers: int) -> None:
        self._executor = executor
        self._workers = workers

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Reject other models and languages, and return the names of the fields that this engine ignores."""
        if request.model not in (None, MODEL):
            raise FieldError("model", request.model, "no such built-in model", legal=(MODEL,))
        if request.language is not None and re.split("[-_]", request.language.lower())[0] not in _ENGLISH:
            raise FieldError(
                "language",
                request.language,
                "this engine knows English only",
                remedy="use en, or a model that knows the language",
            )
        check_include(request)
        _import_utterances()
        given = {"prompt": request.prompt, "temperature": request.temperature}
        return [*(name for name, value in given.items() if value), *(name for name, _ in request.fields)]

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return the built-in capabilities: every format and container, any length."""
        return BUILT_IN

    def prepare(self, model: str | None, emit: Emit) -> None:
        """Do nothing: each process loads the model when it starts."""

    def close(self) -> None:
        """Do nothing: the processes belong to the executor."""

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe one recording; emit `anyscribe.events.Transcribed` after each utterance."""
        self.check(request)
        find_utterances = _import_utterances()
        heard_ms = told_ms = done_ms = 0

        def counted() -> Iterator[bytes]:
            nonlocal heard_ms, told_ms
            heard_bytes = 0
            for chunk in audio.pcm():
                heard_bytes += len(chunk)
                heard_ms = heard_bytes // PCM_BYTES_PER_MS
                if heard_ms >= told_ms + _SIGN_OF_LIFE_MS:
                    # The work must be cancellable in a long silence too.
                    told_ms = heard_ms
                    emit(Transcribed(done_ms, max(audio.duration_ms or 0, done_ms)))
                yield chunk

        segments: list[Segment] = []
        words: list[Word] = []
        emit(Transcribed(0, audio.duration_ms or 0))
        try:
            for utterance, heard in self._decoded(find_utterances(counted())):
                done_ms = utterance.end_ms
                emit(Transcribed(done_ms, max(audio.duration_ms or 0, done_ms)))
                if heard:
                    segment = _to_segment(utterance, heard)
                    if request.stream:
                        emit(Delta(f" {segment.text}" if segments else segment.text))
                    segments.append(segment)
                    words.extend(_to_words(utterance, heard))
        except BrokenProcessPool as error:
            raise EngineError(
                "a process of the built-in engine crashed", remedy="it may have run out of memory; try again"
            ) from error
        emit(Transcribed(heard_ms, heard_ms))
        if not segments:
            emit(Notice("no speech was detected", of_recording=True))
        return Result(
            Transcript(
                text=" ".join(segment.text for segment in segments),
                language="en",
                duration_ms=heard_ms,
                segments=tuple(segments),
                words=tuple(words),
                extra=included(request, words),
            )
        )

    def _decoded(self, utterances: Iterable[Utterance]) -> Iterator[tuple[Utterance, Sequence[HeardWord]]]:
        """Decode in parallel, in order, with a bounded number of utterances in memory."""
        waiting: deque[tuple[Utterance, Future[tuple[HeardWord, ...]]]] = deque()
        try:
            for utterance in utterances:
                waiting.append((utterance, self._executor.submit(decode_utterance, utterance.pcm)))
                while waiting and (len(waiting) >= 3 * self._workers or waiting[0][1].done()):
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            # The rest of a failed recording is not needed.
            for _, future in waiting:
                future.cancel()


def _import_utterances() -> Callable[[Iterable[bytes]], Iterator[Utterance]]:
    """Import the module that needs PocketSphinx, which is an extra."""
    try:
        from anyscribe.engines.sphinx.utterances import find_utterances  # noqa: PLC0415 - an extra, perhaps not installed
    except ModuleNotFoundError as error:
        if error.name != "pocketsphinx":
            raise
        raise MissingExtraError("the built-in engine is not installed", extra="local") from error
    return find_utterances


def _to_words(utterance: Utterance, heard: Sequence[HeardWord]) -> Iterator[Word]:
    for word in heard:
        start_ms = utterance.start_ms + word.start_frame * FRAME_MS
        # The last frame may end slightly after the audio.
        end_ms = min(utterance.start_ms + word.end_frame * FRAME_MS, utterance.end_ms)
        yield Word(word.text, start_ms, max(start_ms, end_ms), round(word.probability, 4))


def _to_segment(utterance: Utterance, heard: Sequence[HeardWord]) -> Segment:
    """Make a segment that starts with its first word and ends with its last one.

    ``avg_logprob`` is the mean over words, not over the subword tokens of a Whisper model, which this decoder lacks;
    ``tokens``, ``seek`` and ``temperature`` have no meaning here and stay unknown.
    """
    text = " ".join(word.text for word in heard)
    words = list(_to_words(utterance, heard))
    logprobs = [logprob_of(word.probability) for word in heard]
    encoded = text.encode()
    return Segment(
        text=text,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        avg_logprob=round(sum(logprobs) / len(logprobs), 4),
        compression_ratio=round(len(encoded) / len(zlib.compress(encoded)), 4),
        no_speech_prob=round(1 - utterance.voiced, 4),
    )
