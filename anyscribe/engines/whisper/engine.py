"""Implement the contract with faster-whisper: chunks are read several at a time, and told in order."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines import BUILT_IN
from anyscribe.engines.whisper.catalogue import can_translate, check_model
from anyscribe.engines.whisper.choice import assumes_english, choose_model
from anyscribe.engines.whisper.decoding_options import (
    ENGLISH,
    only_english,
    read_options,
    read_spoken_language,
    shortens_silences,
    unheeded_fields,
)
from anyscribe.engines.whisper.libraries import hint_of_graphics, one_line
from anyscribe.engines.whisper.loading import Models
from anyscribe.engines.whisper.logprobs import check_include, included
from anyscribe.errors import AnyscribeError, EngineError, FieldError
from anyscribe.events import Delta, Notice, Transcribed
from anyscribe.request import PCM_BYTES_PER_MS, PCM_RATE_HZ
from anyscribe.result import Result
from anyscribe.sentence import Extra, Sentence
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from anyscribe.engines import Capabilities
    from anyscribe.engines.whisper.chunks import Chunk
    from anyscribe.engines.whisper.decoding import Decoder, Found
    from anyscribe.engines.whisper.loading import Device, LoadedModel
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest

_USUAL_CHUNK_MS: Final = 25_000
_SURE: Final = 0.5
_MOST_UNSURE_CHUNKS: Final = 4
"""The language is looked for in up to so many chunks until the model is sure of it."""

_FRAMES_PER_SECOND: Final = 100


class WhisperEngine:
    """Whisper as an `anyscribe.engines.Engine`. Models are loaded on first use, and kept.

    Args:
        cores: The number of cores that it may use.
        device: What it runs on, and in which number format; None chooses the best that there is.
    """

    address: Final = None

    def __init__(self, cores: int, device: Device | None = None) -> None:
        self._models = Models(cores, device)

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Reject invalid models, languages and values, and return the names of the fields that Whisper ignores."""
        self._model_of(request)
        shortens_silences(request)
        check_include(request)
        return unheeded_fields(request)

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return the built-in capabilities: every format and container, any length."""
        return BUILT_IN

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe one recording; emit `anyscribe.events.Transcribed` after each segment."""
        self.check(request)
        name = self._model_of(request)
        if request.model is None and assumes_english(name, request.language):
            only = f"only an English model ({name}) is on this machine, so English is assumed"
            emit(Notice(Sentence("{}; for other languages: {}", only, Extra("multilingual"))))
        loaded = self._models.load(name, emit)
        language = read_spoken_language(request, name)
        _check_loaded(loaded.model, request, language, name)
        return _Transcription(request, loaded, language, audio, emit).run()

    def prepare(self, model: str, emit: Emit) -> None:
        """Load a model before it is needed; download it first if necessary.

        Args:
            model: The model's name, or its folder.
            emit: Receives `anyscribe.events.Fetched` and notices.

        Raises:
            FieldError: There is no such model.
            EngineError: The model cannot be downloaded or loaded.
        """
        check_model(model)
        self._models.load(model, emit)

    def close(self) -> None:
        """Cancel running downloads and delete their partial files."""
        self._models.close()

    def _model_of(self, request: TranscriptionRequest) -> str:
        """Return the model for a request, after checking that it can answer it."""
        if request.model is None:
            language = read_spoken_language(request, None)
            return choose_model(language, translates=request.translate)
        check_model(request.model)
        read_spoken_language(request, request.model)
        if request.translate and not can_translate(request.model):
            raise _cannot_translate(request.model)
        return request.model


def _check_loaded(model: Any, request: TranscriptionRequest, language: str | None, name: str) -> None:  # noqa: ANN401
    """Check the language again: only the loaded model of a folder shows which languages it knows."""
    if not model.model.is_multilingual and request.translate:
        raise _cannot_translate(name)
    if request.language is None or language is None:
        return
    if not model.model.is_multilingual and language != ENGLISH:
        raise only_english(request.language, name)
    if model.model.is_multilingual and model.hf_tokenizer.token_to_id(f"<|{language}|>") is None:
        raise FieldError("language", request.language, "this model does not know it", remedy="use large-v3")


def _cannot_translate(model: str) -> FieldError:
    return FieldError("model", model, "it cannot translate", remedy="use large-v3, small or base")


class _Transcription:
    """The transcription of one recording."""

    def __init__(
        self,
        request: TranscriptionRequest,
        loaded: LoadedModel,
        language: str | None,
        audio: AudioSource,
        emit: Emit,
    ) -> None:
        self._request = request
        self._loaded = loaded
        self._language = language
        self._audio = audio
        self._emit = emit
        self._texts: list[str] = []
        self._segments: list[Segment] = []
        self._words: list[Word] = []
        self._heard_bytes = 0

    def run(self) -> Result:
        """Transcribe all of it."""
        self._tell(0)
        with contextlib.closing(self._sound()) as sound, contextlib.closing(self._read(sound)) as read:
            for segments in read:
                self._take(segments)
                self._tell(self._segments[-1].end_ms if self._segments else 0)
        heard_ms = self._heard_ms
        self._emit(Transcribed(heard_ms, heard_ms))
        if not self._segments:
            self._emit(Notice("no speech was detected", of_recording=True))
        return Result(
            Transcript(
                text="".join(self._texts).strip(),
                language=ENGLISH if self._request.translate else self._language,
                duration_ms=heard_ms,
                segments=tuple(self._segments),
                extra=included(self._request, self._words),
            )
        )

    @property
    def _heard_ms(self) -> int:
        return self._heard_bytes // PCM_BYTES_PER_MS

    def _sound(self) -> Generator[bytes]:
        for piece in self._audio.pcm():
            self._heard_bytes += len(piece)
            yield piece

    def _read(self, sound: Iterable[bytes]) -> Generator[list[Found]]:
        """Read the chunks of the sound; yield the segments of each."""
        from anyscribe.engines.whisper.chunks import split_chunks  # noqa: PLC0415 - loads numpy
        from anyscribe.engines.whisper.reading import read_chunks  # noqa: PLC0415 - likewise

        try:
            with contextlib.closing(split_chunks(sound, finds_speech=shortens_silences(self._request))) as chunks:
                decoder, first = self._decoder(chunks)
                yield from read_chunks(
                    itertools.chain(first, chunks),
                    decoder,
                    self._loaded.executor,
                    threads=self._loaded.threads,
                    batch_sizes=self._batch_sizes(),
                )
        except AnyscribeError:
            raise
        except Exception as error:
            # The libraries below have no exception types of their own to catch.
            message = one_line(error)
            raise EngineError(f"Whisper failed ({message})", remedy=hint_of_graphics(message)) from error

    def _batch_sizes(self) -> Iterator[int]:
        """Yield how many chunks are read at once: every thread shall have as many; the first text of a stream is soon.

        A larger batch takes less time in all.
        """
        threads, most = self._loaded.threads, self._loaded.batch
        if self._request.stream:
            for size in range(most.bit_length() - 1):
                yield from itertools.repeat(2**size, threads)
        elif self._audio.duration_ms:
            share = -(-self._audio.duration_ms // (_USUAL_CHUNK_MS * threads))
            most = -(-share // -(-share // most))
        yield from itertools.repeat(most)

    def _decoder(self, chunks: Iterator[Chunk]) -> tuple[Decoder, list[Chunk]]:
        """Return what reads chunks, and those that were taken to find out the language."""
        from anyscribe.engines.whisper.decoding import Decoder  # noqa: PLC0415 - loads numpy

        model = self._loaded.model
        first: list[Chunk] = []
        if self._language is None and not model.model.is_multilingual:
            self._language = ENGLISH
        if self._language is None:
            probabilities: dict[str, float] = {}
            for chunk in itertools.islice(chunks, _MOST_UNSURE_CHUNKS):
                first.append(chunk)
                language, probability, each = model.detect_language(audio=chunk.samples)
                for code, share in each:
                    probabilities[code] = probabilities.get(code, 0.0) + share
                if probability > _SURE:
                    probabilities = {language: probability}
                    break
            # Without speech, no language.
            self._language = max(probabilities, key=probabilities.__getitem__, default=None)
        options = read_options(self._request, model.hf_tokenizer)
        return Decoder(model, self._language or ENGLISH, options), first

    def _take(self, segments: Iterable[Found]) -> None:
        """Add segments to the transcript, and tell them."""
        for found in segments:
            if not found.text.strip():
                continue
            start_ms, end_ms = (position * 1000 // PCM_RATE_HZ for position in (found.start, found.end))
            earliest_ms = self._segments[-1].end_ms if self._segments else 0
            start_ms = max(start_ms, earliest_ms)
            segment = _segment(found, start_ms, max(end_ms, start_ms))
            self._segments.append(segment)
            self._words += (Word(text, start_ms, start_ms, _rounded(chance)) for text, chance in found.words)
            # Joined, the pieces of a stream are the text.
            text = found.text if self._texts else found.text.lstrip()
            self._texts.append(text)
            if self._request.stream:
                self._emit(Delta(text))

    def _tell(self, done_ms: int) -> None:
        self._emit(Transcribed(done_ms, max(self._audio.duration_ms or 0, done_ms)))


def _segment(found: Found, start_ms: int, end_ms: int) -> Segment:
    return Segment(
        text=found.text.strip(),
        start_ms=start_ms,
        end_ms=end_ms,
        seek=found.window * _FRAMES_PER_SECOND // PCM_RATE_HZ,
        tokens=found.tokens,
        temperature=found.temperature,
        avg_logprob=_rounded(found.avg_logprob),
        compression_ratio=_rounded(found.compression_ratio),
        no_speech_prob=_rounded(found.no_speech_prob),
    )


def _rounded(number: float) -> float:
    # Adding 0.0 turns -0.0 into 0.0.
    return round(number, 4) + 0.0
