"""The aligner: sounds that are heard, sounds of the text, and the likeliest way to match them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.alignment.aligner import Alignment
from anyscribe.alignment.ctc.coarse import BLOCK_FRAMES, CoarseSearch
from anyscribe.alignment.ctc.detection import detect_language
from anyscribe.alignment.ctc.hearing import hear
from anyscribe.alignment.ctc.network import PhonemeNetwork
from anyscribe.alignment.ctc.placement import heard_words, place_words
from anyscribe.alignment.ctc.pronouncing.words import pronounce
from anyscribe.alignment.ctc.sounds import similarities
from anyscribe.alignment.ctc.trellis import Trellis
from anyscribe.alignment.ctc.unsaid import unsaid_passages
from anyscribe.languages import language_code
from anyscribe.request import PCM_BYTES_PER_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.alignment.ctc.network import Floats
    from anyscribe.alignment.ctc.trellis import Path
    from anyscribe.timespan import Span

_WORDS_AROUND: Final = 40
"""So many words before and after those of the coarse search are searched."""

# Prices, as negative natural logarithms of probabilities.
_OTHER_SOUND: Final = np.float32(2.0)
"""A frame outside the text in which a sound is heard, on top of the sound's own price."""

_STRAY_SOUND: Final = np.float32(6.0)
"""A frame of a pause in which a sound is heard."""

_LOADING: Final = threading.Lock()
_LEAST: Final = np.float32(1e-30)
_UNLIKELY: Final = np.float32(np.exp(-7.0))
"""The least probability of a sound: people leave sounds out, and pronunciations are wrong."""


class CtcAligner:
    """Aligns a text of any language that can be pronounced.

    Args:
        language: The text's language: a code, a tag, or a name; None if it has to be detected.
    """

    def __init__(self, language: str | None) -> None:
        self._language = None if language is None else language_code(language)

    def align(
        self, words: Sequence[str], audio: Iterable[bytes], speech: Sequence[Span], passages: Sequence[int] = ()
    ) -> Alignment:
        """Find the words; see `anyscribe.alignment.aligner.Aligner`.

        Raises:
            AlignerUnavailableError: The phoneme model cannot be read.
        """
        language = self._language or detect_language(words)
        sounds = pronounce(words, language)
        spoken = [index for index, own in enumerate(sounds) if own]
        inventory = sorted({sound for own in sounds for sound in own})
        columns = {sound: column for column, sound in enumerate(inventory)}
        text = [[columns[sound] for sound in sounds[index]] for index in spoken]
        if not text:
            return Alignment({}, sum(map(len, audio)) // PCM_BYTES_PER_MS)
        length = 0

        def counted() -> Iterator[bytes]:
            nonlocal length
            for chunk in audio:
                length += len(chunk)
                yield chunk

        blocks = list(_scored(counted(), inventory))
        length_ms = length // PCM_BYTES_PER_MS
        if not blocks:
            return Alignment({}, length_ms)
        path = _search(text, len(inventory), blocks)
        placed = place_words(path, text, language, speech, length_ms)
        own = _divided(spoken, passages)
        unsaid = unsaid_passages(own, text, heard_words(path, text), blocks)
        spans = {spoken[word]: span for word, span in placed.spans.items()}
        doubtful = frozenset(spoken[word] for word in placed.doubtful)
        confidences = {spoken[word]: confidence for word, confidence in placed.confidences.items()}
        return Alignment(
            spans,
            length_ms,
            doubtful,
            confidences,
            absent=frozenset(spoken[word] for word in placed.absent),
            unsaid=frozenset(spoken[word] for passage in unsaid for word in own[passage]),
        )


def _divided(spoken: Sequence[int], begins: Sequence[int]) -> list[range]:
    """Return which of the words that can be pronounced each passage has.

    Args:
        spoken: The indices of these words in the text.
        begins: The indices of the words that begin a passage.
    """
    bounds = [bisect_left(spoken, begin) for begin in begins]
    return [range(first, end) for first, end in pairwise([*bounds, len(spoken)])]


def _scored(audio: Iterable[bytes], inventory: Sequence[str]) -> Iterator[tuple[Floats, Floats]]:
    """Hear a recording; yield entries and blanks in the blocks of the coarse search."""
    network = phoneme_network()
    scorer = _Scorer(network.symbols, inventory)
    for heard in hear(network, audio):
        entries, blanks = scorer.score(heard)
        for first in range(0, len(entries), BLOCK_FRAMES):
            yield entries[first : first + BLOCK_FRAMES], blanks[first : first + BLOCK_FRAMES]


def _search(text: Sequence[Sequence[int]], other: int, blocks: Sequence[tuple[Floats, Floats]]) -> Path:
    coarse = CoarseSearch(text, other)
    for entries, blanks in blocks:
        coarse.take(entries, blanks)
    said = coarse.finish()
    trellis = Trellis(text, other)
    for (entries, blanks), before, after in zip(blocks, [0, *said], said, strict=False):
        first, end = max(0, before - _WORDS_AROUND), min(len(text), after + _WORDS_AROUND)
        trellis.advance(entries, blanks, first, end)
    return trellis.finish()


class _Scorer:
    """Turns what is heard into the prices of the sounds of a text."""

    def __init__(self, symbols: Sequence[str], inventory: Sequence[str]) -> None:
        self._blank = symbols.index("<blank>")
        self._boundary = symbols.index("<wb>")
        self._similar = similarities(inventory, symbols).T.copy()

    def score(self, heard: Floats) -> tuple[Floats, Floats]:
        """Return the entries and blanks of some frames, as `Trellis.advance` takes them."""
        probabilities = np.exp(heard)
        nothing = probabilities[:, [self._blank, self._boundary]].sum(axis=1)
        probabilities[:, [self._blank, self._boundary]] = 0
        sounds = np.log(np.maximum(probabilities @ self._similar, _UNLIKELY))
        blanks = np.log(np.maximum(nothing, _LEAST))
        likeliest = np.log(np.maximum(probabilities.max(axis=1), _LEAST))
        other, pause = (np.maximum(blanks, likeliest - price) for price in (_OTHER_SOUND, _STRAY_SOUND))
        entries = np.column_stack([sounds, other, pause])
        return entries.astype(np.float32), blanks.astype(np.float32)


def phoneme_network() -> PhonemeNetwork:
    """Return the model, which is loaded once for all recordings."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> PhonemeNetwork:
    return PhonemeNetwork()
