"""Build a Whisper model that is small enough to be built for each test run, and recites fixed texts.

Libraries load it as a real model: CTranslate2's layout of Whisper's weights, with as many tokens as Whisper has. But it
is not trained. Each token that it knows has its own dimension, and the last layer defines which token follows which: it
recites one of three `SPEECHES` with its times, regardless of the audio. The preceding tokens select the speech, as in a
real model: the language's token, and words of the prompt or of the hotwords.
"""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

CUE = "boats"
"""The word that makes the model recite another text if a prompt or hotwords hold it."""


@dataclass(frozen=True)
class Speech:
    """The model's output for one window of 30 seconds, in two segments.

    Args:
        first: The words of the first segment.
        second: The words of the second segment.
        middle_s: When the first segment ends and the second one starts, in seconds.
        end_s: When the second segment ends, in seconds.
    """

    first: str
    second: str
    middle_s: float
    end_s: float

    @property
    def text(self) -> str:
        """The whole text."""
        return f"{self.first} {self.second}"


USUAL = Speech("A river runs", "past the old mill.", 0.8, 2.0)
AFTER_CUE = Speech("Three boats", "came home late", 0.6, 2.0)
IN_GERMAN = Speech("Der Fluss", "fließt vorbei", 0.5, 2.0)
SPEECHES = (USUAL, AFTER_CUE, IN_GERMAN)

_END_OF_TEXT = 50257
_LANGUAGES = _LANGUAGE_CODES[:99]
"""The languages of the models before large-v3; only large-v3 knows Cantonese, the last one."""
_AFTER_LANGUAGES = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
_SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{name}|>" for name in (*_LANGUAGES, *_AFTER_LANGUAGES))]
_TIMESTAMPS = [f"<|{number * 0.02:.2f}|>" for number in range(1501)]

_WIDTH = 128
_HEADS = 2
_TOKENS = _WIDTH // 2
"""The first half of the dimensions encodes tokens, the second half encodes time."""
_MELS = 80
_FRAMES = 1500
_POSITIONS = 448
_FRAMES_A_TOKEN = 16
"""The alignment places each token a third of a second after the previous one."""


def make_model(folder: Path, *, stops_early: bool = False, slowness: int = 1) -> None:
    """Write the model as faster-whisper loads it: `model.bin`, `config.json`, the vocabulary, the tokenizer.

    Args:
        folder: The folder to write to, which must exist.
        stops_early: Whether the speeches end as if more text followed in the window, so that the next window begins
            where they end.
        slowness: How many times longer the speeches take than they say; fewer of them fill a recording.
    """
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": _MELS}), encoding="utf-8")
    by_number = {number: token for token, number in tokenizer.get_vocab().items()}
    vocabulary = [by_number[number] for number in range(len(by_number))] + _TIMESTAMPS
    spec = WhisperSpec(1, _HEADS, 1, _HEADS)
    _set_encoder(spec.encoder)
    numbers = {token: number for number, token in enumerate(vocabulary)}
    _set_decoder(spec.decoder, _Dimensions(numbers, slowness), stops_early=stops_early)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [_END_OF_TEXT]
    spec.config.lang_ids = [numbers[f"<|{code}|>"] for code in _LANGUAGES]
    spec.config.alignment_heads = [(0, head) for head in range(_HEADS)]
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(str(folder))


def _tokenizer() -> Tokenizer:
    """Return a tokenizer that knows each word of the speeches as one token, and all else by its bytes."""
    vocabulary = {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}
    merges = []
    for speech in SPEECHES:
        for word in _tokens_of(speech.text):
            for end in range(2, len(word) + 1):
                if word[:end] not in vocabulary:
                    merges.append((word[: end - 1], word[end - 1]))
                    vocabulary[word[:end]] = len(vocabulary)
    for number in range(len(vocabulary), _END_OF_TEXT - 1):
        vocabulary[f"unused{number}"] = number
    # CTranslate2 recognizes a multilingual model by this token; before 4.6 it counted tokens.
    vocabulary[""] = _END_OF_TEXT - 1
    tokenizer = Tokenizer(BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    return tokenizer


def _tokens_of(text: str) -> list[str]:
    """Split text into words as byte-level vocabularies spell them, each with the space before it."""
    pieces = ByteLevel(add_prefix_space=True).pre_tokenize_str(text)
    return [piece for piece, _ in pieces]


def _set_encoder(spec: Any) -> None:
    """Make the encoder encode the time and nothing else."""
    spec.conv1.weight = _zeros(_WIDTH, _MELS, 3)
    spec.conv1.bias = _zeros(_WIDTH)
    spec.conv2.weight = _zeros(_WIDTH, _WIDTH, 3)
    spec.conv2.bias = _zeros(_WIDTH)
    spec.position_encodings.encodings = _times(np.arange(_FRAMES))
    _set_norm(spec.layer_norm)
    for layer in spec.layer:
        _set_attention(layer.self_attention, [_zeros(3 * _WIDTH, _WIDTH), _zeros(_WIDTH, _WIDTH)])
        _set_feed_forward(layer.ffn)


def _set_decoder(spec: Any, dimensions: _Dimensions, *, stops_early: bool) -> None:
    follows = _Follows(dimensions)
    for speech in SPEECHES:
        follows.recite(speech)
        if stops_early:
            # Two timestamps at the end, where the model may place one or two.
            follows.add(dimensions.time(speech.end_s), dimensions.time(speech.end_s), 9)
    spec.embeddings.weight = dimensions.embeddings()
    spec.scale_embeddings = False
    spec.position_encodings.encodings = _times((np.arange(_POSITIONS) - 3) * _FRAMES_A_TOKEN)
    _set_norm(spec.layer_norm)
    spec.projection.weight = follows.weight
    layer = spec.layer[0]
    # Zero queries and keys attend equally to all preceding tokens: this detects whether a token was among them.
    inward = _zeros(3 * _WIDTH, _WIDTH)
    outward = _zeros(_WIDTH, _WIDTH)
    for token, target in ((f"Ġ{CUE}", dimensions.cue), ("<|de|>", dimensions.german)):
        inward[2 * _WIDTH + target, dimensions.of[token]] = 1
        outward[target, target] = 8
    _set_attention(layer.self_attention, [inward, outward])
    # Each position of the text attends to its own time.
    looks = _zeros(_WIDTH, _WIDTH)
    for number in range(_TOKENS):
        looks[number, _TOKENS + number] = looks[_TOKENS + number, _TOKENS + number] = 2
    _set_attention(layer.attention, [looks, np.vstack([looks, _zeros(_WIDTH, _WIDTH)]), _zeros(_WIDTH, _WIDTH)])
    _set_feed_forward(layer.ffn)


class _Dimensions:
    """The dimension of each token.

    Args:
        numbers: The number of each token.
        slowness: How many times longer the speeches take than they say.
    """

    def __init__(self, numbers: dict[str, int], slowness: int) -> None:
        self.numbers = numbers
        self._slowness = slowness
        self.of: dict[str, int] = {}
        for token in ("<|startoftranscript|>", "<|transcribe|>", "<|0.00|>", "<|de|>", f"Ġ{CUE}"):
            self.add(token)
        for speech in SPEECHES:
            for token in (*_tokens_of(speech.text), self.time(speech.middle_s), self.time(speech.end_s)):
                self.add(token)
        self.cue = len(self.of)
        self.german = self.cue + 1
        assert self.german < _TOKENS

    def time(self, seconds: float) -> str:
        """Return the token of a time in a speech."""
        return f"<|{seconds * self._slowness:.2f}|>"

    def add(self, token: str) -> None:
        """Assign a dimension to a token, unless it has one."""
        self.of.setdefault(token, len(self.of))

    def embeddings(self) -> np.ndarray:
        """Return the embedding table; tokens without a dimension have zero vectors."""
        table = _zeros(len(self.numbers), _WIDTH)
        for token, dimension in self.of.items():
            table[self.numbers[token], dimension] = 12
        return table


class _Follows:
    """The output weights, which define which token follows which."""

    def __init__(self, dimensions: _Dimensions) -> None:
        self._dimensions = dimensions
        self.weight = _zeros(len(dimensions.numbers), _WIDTH)
        self.add("<|startoftranscript|>", "<|en|>")
        self.add("<|transcribe|>", "<|0.00|>")

    def add(self, token: str, following: str, strength: float = 8) -> None:
        """Make one token follow another."""
        self.weight[self._dimensions.numbers[following], self._dimensions.of[token]] = strength

    def recite(self, speech: Speech) -> None:
        """Make a speech's tokens follow each other."""
        first, second = _tokens_of(speech.first), _tokens_of(speech.second)
        middle, end = self._dimensions.time(speech.middle_s), self._dimensions.time(speech.end_s)
        if speech is USUAL:
            self.add("<|0.00|>", first[0])
        else:
            # Less likely, unless its own dimension raises it.
            self.add("<|0.00|>", first[0], 7.5)
            seen = self._dimensions.cue if speech is AFTER_CUE else self._dimensions.german
            self.weight[self._dimensions.numbers[first[0]], seen] = 4
        # A timestamp that ends a segment is followed by itself, which starts the next one.
        tokens = [*first, middle, middle, *second, end, "<|endoftext|>"]
        for token, following in itertools.pairwise(tokens):
            self.add(token, following)
            if not following.startswith("<|"):
                # The search also follows less likely paths to their end: this one ends soon after the text does.
                self.add(following, following, 4)


def _times(frames: np.ndarray) -> np.ndarray:
    """Encode frames by waves of many lengths, in the dimensions of the second half."""
    lengths = np.pi / 20 * ((np.arange(_TOKENS // 2) + 1) / (_TOKENS // 2)) ** 1.5
    angles = frames[:, None] * lengths
    return np.hstack([np.zeros((len(frames), _TOKENS)), np.cos(angles), np.sin(angles)]).astype(np.float32)


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def _set_norm(spec: Any) -> None:
    spec.gamma = np.ones(_WIDTH, np.float32)
    spec.beta = _zeros(_WIDTH)


def _set_attention(spec: Any, weights: list[np.ndarray]) -> None:
    _set_norm(spec.layer_norm)
    for linear, weight in zip(spec.linear, weights, strict=True):
        linear.weight = weight
        linear.bias = _zeros(len(weight))


def _set_feed_forward(spec: Any) -> None:
    _set_norm(spec.layer_norm)
    for linear in (spec.linear_0, spec.linear_1):
        linear.weight = _zeros(_WIDTH, _WIDTH)
        linear.bias = _zeros(_WIDTH)


if __name__ == "__main__":
    make_model(Path(sys.argv[1]))
