"""Implement the contract with faster-whisper: block by block, each segment as soon as it is known."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines import BUILT_IN
from anyscribe.engines.logprobs import check_include, included
from anyscribe.engines.whisper.catalogue import DEFAULT_MODEL, check_model
from anyscribe.engines.whisper.decoding_options import (
    only_english,
    read_options,
    read_spoken_language,
    shortens_silences,
    unheeded_fields,
)
from anyscribe.engines.whisper.libraries import hint_of_graphics, one_line
from anyscribe.engines.whisper.loading import Models
from anyscribe.engines.whisper.segments import Clock
from anyscribe.engines.whisper.word_lengths import with_lengths
from anyscribe.errors import EngineError, FieldError
from anyscribe.events import Delta, Notice, Transcribed
from anyscribe.request import PCM_RATE_HZ
from anyscribe.result import Result
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from anyscribe.engines import Capabilities
    from anyscribe.engines.whisper.blocks import Samples
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest

_CALM_TEMPERATURE: Final = 0.5
"""Text decoded at a higher one is not used as context, as in the library: the model may go on hallucinating."""

_CONTEXT_TOKENS: Final = 223
"""At most this many tokens of earlier text are passed as context: half of the model's window; the output needs the
other half."""

_HOTWORD_TOKENS: Final = 70
"""Up to this many hotword tokens fit next to the full context. With more, the output would lack space, so the context
is shortened, and not extended within a block."""


class WhisperEngine:
    """Whisper as an `anyscribe.engines.Engine`. Models are loaded on first use, and kept.

    Args:
        cores: The number of cores that it may use.
    """

    address: Final = None

    def __init__(self, cores: int) -> None:
        self._models = Models(cores)

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Reject invalid models, languages and values, and return the names of the fields that Whisper ignores."""
        model = request.model or DEFAULT_MODEL
        check_model(model)
        read_spoken_language(request, model)
        shortens_silences(request)
        check_include(request)
        return unheeded_fields(request)

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return the built-in capabilities: every format and container, any length."""
        return BUILT_IN

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe one recording; emit `anyscribe.events.Transcribed` after each segment."""
        self.check(request)
        return _Transcription(request, self._load(request, emit), audio, emit).run()

    def prepare(self, model: str | None, emit: Emit) -> None:
        """Load a model before it is needed; see `anyscribe.engines.registry.BuiltInEngine.prepare`."""
        model = model or DEFAULT_MODEL
        check_model(model)
        self._models.load(model, emit)

    def close(self) -> None:
        """Cancel running downloads and delete their partial files."""
        self._models.close()

    def _load(self, request: TranscriptionRequest, emit: Emit) -> Any:  # noqa: ANN401 - the library is untyped
        """Load the model, and check the language again: only the loaded model shows which languages it knows."""
        name = request.model or DEFAULT_MODEL
        model = self._models.load(name, emit)
        language = read_spoken_language(request, name)
        if request.language is None or language is None:
            return model
        if not model.model.is_multilingual and language != "en":
            raise only_english(request.language, name)
        if model.model.is_multilingual and model.hf_tokenizer.token_to_id(f"<|{language}|>") is None:
            raise FieldError("language", request.language, "this model does not know it", remedy="use large-v3")
        return model


class _Transcription:
    """The transcription of one recording."""

    def __init__(self, request: TranscriptionRequest, model: Any, audio: AudioSource, emit: Emit) -> None:  # noqa: ANN401 - as above
        self._request = request
        self._model = model
        self._audio = audio
        self._emit = emit
        self._options = {**read_options(request)}
        self._shortens = shortens_silences(request)
        self._language = read_spoken_language(request, request.model or DEFAULT_MODEL)
        self._texts: list[str] = []
        self._segments: list[Segment] = []
        self._words: list[Word] = []
        self._word_counts: list[int] = []
        self._heard_samples = 0
        # The tokens of earlier text that are passed to the model.
        self._context = self._tokens_of(request.prompt)
        hotwords = len(self._tokens_of(self._options["hotwords"]))
        self._context_tokens = max(_CONTEXT_TOKENS - hotwords, 0) if hotwords > _HOTWORD_TOKENS else _CONTEXT_TOKENS
        self._options["condition_on_previous_text"] = hotwords <= _HOTWORD_TOKENS

    def run(self) -> Result:
        """Transcribe all of it."""
        from anyscribe.engines.whisper.blocks import split_blocks  # noqa: PLC0415 - loads numpy

        self._tell(0)
        with contextlib.closing(split_blocks(self._audio.pcm())) as blocks:
            for block in blocks:
                self._hear(block)
        heard_ms = self._heard_ms
        self._emit(Transcribed(heard_ms, heard_ms))
        if not self._segments:
            self._emit(Notice("no speech was detected", of_recording=True))
        words = with_lengths(self._words, heard_ms)
        return Result(
            Transcript(
                text="".join(self._texts).strip(),
                language=self._language,
                duration_ms=heard_ms,
                segments=tuple(self._around(words)),
                words=tuple(words),
                extra=included(self._request, words),
            )
        )

    def _around(self, words: Sequence[Word]) -> Iterator[Segment]:
        """Yield the segments, those with words from the first word's start to the last one's end."""
        first = 0
        for segment, count in zip(self._segments, self._word_counts, strict=True):
            own = words[first : first + count]
            first += count
            yield replace(segment, start_ms=own[0].start_ms, end_ms=own[-1].end_ms) if own else segment

    @property
    def _heard_ms(self) -> int:
        return self._heard_samples * 1000 // PCM_RATE_HZ

    def _hear(self, block: Samples) -> None:
        start_ms = self._heard_ms
        self._heard_samples += len(block)
        clock = Clock(start_ms, self._heard_ms, self._segments[-1].end_ms if self._segments else 0)
        with contextlib.closing(self._decoded(block)) as decoded:
            for found, language in decoded:
                # For a block without speech, the detected language is a guess, so it is not used.
                self._language = language
                segment, words = clock.read(found)
                self._segments.append(segment)
                self._words += words
                self._word_counts.append(len(words))
                self._texts.append(found.text)
                self._context = [*self._context, *found.tokens] if found.temperature <= _CALM_TEMPERATURE else []
                if self._request.stream:
                    self._emit(Delta(found.text))
                self._tell(segment.end_ms)
        self._tell(self._heard_ms)

    def _decoded(self, block: Samples) -> Generator[tuple[Any, str]]:
        """Decode a block; yield its segments as they arrive, each with the language."""
        from anyscribe.engines.whisper.silences import Shortened  # noqa: PLC0415 - loads numpy

        context = self._context[-self._context_tokens :] if self._context_tokens else []
        try:
            shortened = Shortened(block) if self._shortens else None
            samples = block if shortened is None else shortened.samples
            if not len(samples):
                return
            segments, information = self._model.transcribe(
                samples, language=self._language, initial_prompt=context or None, **self._options
            )
            for segment in segments if shortened is None else shortened.restore(segments):
                yield segment, information.language
        except Exception as error:
            # The libraries below have no exception types of their own to catch.
            message = one_line(error)
            raise EngineError(f"Whisper failed ({message})", remedy=hint_of_graphics(message)) from error

    def _tokens_of(self, text: str | None) -> list[int]:
        """Return a text's tokens, encoded as the library does."""
        if not text:
            return []
        tokens: list[int] = self._model.hf_tokenizer.encode(f" {text.strip()}", add_special_tokens=False).ids
        return tokens

    def _tell(self, done_ms: int) -> None:
        self._emit(Transcribed(done_ms, max(self._audio.duration_ms or 0, done_ms)))
