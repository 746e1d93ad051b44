"""Lay a short text on a short sound with PocketSphinx."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.grammar import Grammar, Heard, Placed
from anyscribe.alignment.pronouncing import pronounce

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pocketsphinx

FRAME_MS: Final = 10

_NAME: Final = "stretch"
_BASE: Final = 1.0001

_SEARCH: Final = {"beam": 1e-200, "pbeam": 1e-200, "wbeam": 1e-200, "ds": 2}
"""Wide beams: in a narrow one the true path is lost where a word is said unlike its pronunciation, and a wrong one that
skips words takes its place. The model is asked about every second frame only: that costs 1 ms of accuracy and saves a
quarter of the time.
"""


def lay(pcm: bytes, readings: Sequence[Sequence[Sequence[str]]], *, entries: int = 1) -> list[Placed]:
    """Lay a text on a sound that holds its beginning.

    Args:
        pcm: The sound, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`, at most about a minute.
        readings: For each token how it may be said.
        entries: How many tokens the sound may start with; 1 means that it starts with the first.

    Returns:
        The tokens that were found, in order, in frames of `FRAME_MS`; none where nothing fits.
    """
    grammar = Grammar(readings, entries=entries)
    if not grammar.words:
        return []
    decoder = _decoder()
    _learn(decoder, grammar.words)
    decoder.add_fsg(_NAME, decoder.create_fsg(_NAME, 0, grammar.final, grammar.transitions))
    decoder.activate_search(_NAME)
    try:
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        heard = [
            Heard(part.word, part.start_frame, part.end_frame, _logarithm(part.lscore), _logarithm(part.ascore))
            for part in decoder.seg() or ()
        ]
    finally:
        decoder.remove_search(_NAME)
    return grammar.place(heard)


def _logarithm(score: float) -> float:
    """Undo what the binding does to the decoder's integers."""
    return math.log(score, _BASE)


def _learn(decoder: pocketsphinx.Decoder, words: Iterable[str]) -> None:
    """Teach the decoder the words that its dictionary lacks, once each."""
    for word in words:
        if decoder.lookup_word(word) is None:
            for number, phones in enumerate(pronounce(word), 1):
                decoder.add_word(word if number == 1 else f"{word}({number})", phones, False)  # noqa: FBT003 - no keyword


@functools.cache
def _decoder() -> pocketsphinx.Decoder:
    """Load the model, once a worker.

    With batch normalisation a stretch's result hardly depends on those before it: what is left, by some frames at a
    word's edge, comes from asking the model about every second frame only.
    """
    import pocketsphinx  # noqa: PLC0415 - loads a native library, and only workers need it

    return pocketsphinx.Decoder(lm=None, cmn="batch", bestpath=False, loglevel="FATAL", **_SEARCH)
