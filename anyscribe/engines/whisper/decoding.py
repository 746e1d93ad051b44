"""Read chunks with a Whisper model, several at a time, so that no text of theirs is lost.

The model may end before the speech in its window does: its last timestamp says where. What is said after it is read in
a window of its own, as the library does when it reads one window after the other. Text that looks bad is read again by
the library, with its remedies.
"""

from __future__ import annotations

import importlib
import itertools
import threading
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from anyscribe.engines.whisper.libraries import suppressed_tokens
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.engines.whisper.chunks import Chunk
    from anyscribe.engines.whisper.decoding_options import DecodingOptions

_WINDOW_SAMPLES: Final = 30 * PCM_RATE_HZ
_SAMPLES_A_TIMESTAMP: Final = PCM_RATE_HZ // 50
_LATEST_TIMESTAMP: Final = 1500
_FRAMES: Final = 3000

_LEAST_SPEECH_SAMPLES: Final = PCM_RATE_HZ // 2
_LEAST_DENIED_SAMPLES: Final = PCM_RATE_HZ
"""Less speech than this after the last timestamp is a breath, of which the model makes words; the second holds where
the model says that nothing follows."""

_WORTH_CARE_SAMPLES: Final = 2 * PCM_RATE_HZ

# Source: `compression_ratio_threshold` and `logprob_threshold` in
# https://github.com/openai/whisper/blob/main/whisper/transcribe.py.
_MOST_COMPRESSION: Final = 2.4
_LEAST_LOGPROB: Final = -1.0

_BEAMS: Final = 5
_SAMPLES: Final = 5
"""How many texts are compared, as in the library: along beams at temperature 0, drawn at random at others."""


@dataclass(frozen=True, slots=True)
class Found:
    """A segment that the model found.

    Args:
        text: What is said, with the space before it.
        tokens: The model's tokens, with timestamps.
        window: Where its window begins in the recording, in samples.
        start: Where it starts in the recording, in samples.
        end: Where it ends, likewise.
        temperature: The temperature at which it was found.
        avg_logprob: The mean log probability of the window's tokens.
        compression_ratio: How many times shorter its text becomes when it is compressed.
        no_speech_prob: How probable it is that nothing is said in the window.
        words: Its words with the probability of each; empty unless they are wanted.
    """

    text: str
    tokens: tuple[int, ...]
    window: int
    start: int
    end: int
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    words: tuple[tuple[str, float], ...] = ()


class WindowText(NamedTuple):
    """What a window of a chunk says.

    Args:
        found: Its segments, in order.
        rest: What is said in the chunk after them; None if that is nothing.
    """

    found: list[Found]
    rest: Chunk | None = None


class Decoder:
    """Reads chunks of one recording; may be used by several threads at once.

    Args:
        model: A ``faster_whisper.WhisperModel``.
        language: Whisper's code for the language.
        options: The same for all chunks.
    """

    def __init__(self, model: Any, language: str, options: DecodingOptions) -> None:  # noqa: ANN401 - the library is untyped
        self._model = model
        self._language = language
        self._options = options
        self._tokenizer = importlib.import_module("faster_whisper.tokenizer").Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task=options.task, language=language
        )
        self._first_timestamp: int = self._tokenizer.timestamp_begin
        self._prompt: list[int] = model.get_prompt(
            self._tokenizer,
            self._tokenizer.encode(options.prompt) if options.prompt else [],
            hotwords=options.hotwords,
        )
        self._suppressed = suppressed_tokens(self._tokenizer)
        self._is_cancelled = threading.Event()

    def cancel(self) -> None:
        """Let reading in progress end soon; what it returns is not complete."""
        self._is_cancelled.set()

    def read(self, chunks: Sequence[Chunk]) -> list[WindowText]:
        """Read a window of each chunk, all at once.

        Args:
            chunks: The chunks; with more of them, more memory is needed.

        Returns:
            What is found in each.
        """
        encoded = self._model.encode(np.stack([self._features(chunk) for chunk in chunks]))
        results = self._generate(encoded, [self._prompt] * len(chunks))
        readings = [self._reading(chunk, result) for chunk, result in zip(chunks, results, strict=True)]
        if self._options.wants_probabilities:
            return [
                reading._replace(found=list(self._with_words(chunk, reading.found)))
                for chunk, reading in zip(chunks, readings, strict=True)
            ]
        return readings

    def _reading(self, chunk: Chunk, result: Any) -> WindowText:  # noqa: ANN401 - as above
        found = self._segments(chunk, result)
        if self._options.temperature is None and _is_bad(found):
            # Of a breath the model makes words, at any temperature.
            is_long = chunk.speech_after(0) >= _WORTH_CARE_SAMPLES and not self._is_cancelled.is_set()
            return WindowText(self._read_carefully(chunk) if is_long else [])
        if not found:
            return WindowText([])
        # Two timestamps at the end, of which the second begins a segment, say that more follows.
        tokens = result.sequences_ids[0]
        expects_more = self._is_cut_off(tokens) or min(tokens[-2:]) >= self._first_timestamp
        least = _LEAST_SPEECH_SAMPLES if expects_more else _LEAST_DENIED_SAMPLES
        return WindowText(found, _rest(chunk, found[-1].end, least))

    def _is_cut_off(self, tokens: Sequence[int]) -> bool:
        """Return whether there was no room for more tokens; scripts such as Tamil's take many."""
        return len(self._prompt) + len(tokens) >= int(self._model.max_length)

    def _features(self, chunk: Chunk) -> Any:  # noqa: ANN401 - as above
        # Silence after a chunk's end tells the model that nothing follows.
        window = np.zeros(_WINDOW_SAMPLES, np.float32)
        window[: len(chunk.samples)] = chunk.samples
        return self._model.feature_extractor(window)[..., :-1]

    def _generate(self, encoded: Any, prompts: list[list[int]]) -> list[Any]:  # noqa: ANN401 - as above
        temperature = self._options.temperature
        options: dict[str, float] = {"beam_size": _BEAMS}
        if temperature:
            options = {
                "beam_size": 1,
                "num_hypotheses": _SAMPLES,
                "sampling_topk": 0,
                "sampling_temperature": temperature,
            }
        results: list[Any] = self._model.model.generate(
            encoded,
            prompts,
            max_length=self._model.max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
            **options,
        )
        return results

    def _segments(self, chunk: Chunk, result: Any) -> list[Found]:  # noqa: ANN401 - as above
        """Divide a result's tokens by its timestamps. A last segment that is cut off is left to the next window."""
        tokens: list[int] = result.sequences_ids[0]
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        found: list[Found] = []
        start = 0
        first = 0
        is_text = False
        for index, token in enumerate((*tokens, self._first_timestamp + _LATEST_TIMESTAMP)):
            if token < self._first_timestamp:
                is_text = True
                continue
            at = (token - self._first_timestamp) * _SAMPLES_A_TIMESTAMP
            is_unfinished = index == len(tokens) and found and self._is_cut_off(tokens)
            if is_text and not is_unfinished:
                own = tokens[first : index + 1]
                text = self._tokenizer.decode([token for token in own if token < self._first_timestamp])
                found.append(
                    Found(
                        text,
                        tuple(own),
                        chunk.position(0),
                        chunk.position(start),
                        chunk.position(at),
                        self._options.temperature or 0.0,
                        logprob,
                        _compression(text),
                        result.no_speech_prob,
                    )
                )
            start, first, is_text = at, index, False
        return found

    def _read_carefully(self, chunk: Chunk) -> list[Found]:
        """Read a chunk as the library reads a recording: at higher temperatures if the text looks bad."""
        options = self._options
        segments, _ = self._model.transcribe(
            chunk.samples,
            language=self._language,
            task=options.task,
            initial_prompt=options.prompt,
            hotwords=options.hotwords,
            condition_on_previous_text=False,
        )
        return [
            Found(
                segment.text,
                tuple(segment.tokens),
                chunk.position(0),
                chunk.position(int(segment.start * PCM_RATE_HZ)),
                chunk.position(int(segment.end * PCM_RATE_HZ)),
                segment.temperature,
                segment.avg_logprob,
                segment.compression_ratio,
                segment.no_speech_prob,
            )
            for segment in segments
        ]

    def _with_words(self, chunk: Chunk, found: Sequence[Found]) -> Iterator[Found]:
        """Yield segments with the probabilities of their words."""
        texts = [[token for token in segment.tokens if token < self._tokenizer.eot] for segment in found]
        (aligned,) = self._model.model.align(
            self._model.encode(self._features(chunk)),
            self._tokenizer.sot_sequence,
            [[token for text in texts for token in text]],
            [_FRAMES],
        )
        probabilities = iter(aligned.text_token_probs)
        for segment, tokens in zip(found, texts, strict=True):
            words: list[tuple[str, float]] = []
            for word, own in zip(*self._tokenizer.split_to_word_tokens(tokens), strict=True):
                probability = sum(itertools.islice(probabilities, len(own))) / max(len(own), 1)
                if words and not any(map(str.isalnum, word)):
                    words[-1] = (words[-1][0] + word, words[-1][1])
                else:
                    words.append((word, probability))
            yield replace(segment, words=tuple((word.strip(), probability) for word, probability in words))


def _rest(chunk: Chunk, end: int, least: int) -> Chunk | None:
    """Return what is said in a chunk after a position in the recording; None if that has less speech than wanted."""
    sample = chunk.sample(end)
    is_some = 0 < sample < len(chunk.samples) and chunk.speech_after(sample) >= least
    return chunk.rest(sample) if is_some else None


def _is_bad(found: Sequence[Found]) -> bool:
    """Return whether a text is nothing, repeats itself, or is improbable."""
    text = "".join(segment.text for segment in found)
    return not text.strip() or _compression(text) > _MOST_COMPRESSION or found[0].avg_logprob < _LEAST_LOGPROB


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))
