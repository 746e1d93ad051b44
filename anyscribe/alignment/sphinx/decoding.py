"""Align short texts with short pieces of audio with PocketSphinx."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any, Final

from anyscribe.alignment.sphinx.grammar import DecodedStep, Grammar, Placed
from anyscribe.alignment.sphinx.pronouncing import pronounce
from anyscribe.process_pool import put_off_end
from anyscribe.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pocketsphinx

    from anyscribe.timespan import Span

FRAME_MS: Final = 10

_NAME: Final = "stretch"
_BASE: Final = 1.0001

_SEARCH: Final = {"beam": 1e-200, "pbeam": 1e-200, "wbeam": 1e-200, "ds": 2}
"""Wide beams: a narrow one loses the true path if a word is said unlike its pronunciation, and a wrong path that skips
words takes its place. The model is evaluated at every second frame only: that costs 1 ms of accuracy and saves a
quarter of the time."""


class StretchAligner:
    """Aligns texts with stretches of one recording.

    Args:
        decoder: The decoder, adapted to the recording.
    """

    def __init__(self, decoder: pocketsphinx.Decoder) -> None:
        self._decoder = decoder

    def lay(self, pcm: bytes, readings: Sequence[Sequence[Sequence[str]]], *, entries: int = 1) -> list[Placed]:
        """Align a text with a stretch of audio that contains its beginning.

        Args:
            pcm: The stretch, at most about a minute.
            readings: For each token how it may be said.
            entries: How many tokens the stretch may start with; 1 means that it starts with the first.

        Returns:
            The tokens that were found, in order, in frames of `FRAME_MS`; empty if nothing fits.
        """
        grammar = Grammar(readings, entries=entries)
        if not grammar.words:
            return []
        decoder = self._decoder
        _learn(decoder, grammar.words)
        decoder.add_fsg(_NAME, decoder.create_fsg(_NAME, 0, grammar.final, grammar.transitions))
        decoder.activate_search(_NAME)
        try:
            decoder.start_utt()
            decoder.process_raw(pcm, full_utt=True)
            decoder.end_utt()
            heard = [
                DecodedStep(
                    part.word, part.start_frame, part.end_frame, _logarithm(part.lscore), _logarithm(part.ascore)
                )
                for part in decoder.seg() or ()
            ]
        finally:
            decoder.remove_search(_NAME)
        return grammar.place(heard)


def adapted_aligner(pcm: bytes, speech: Sequence[Span] | None) -> StretchAligner | None:
    """Return an aligner with the acoustic model adapted to a recording.

    Args:
        pcm: The audio, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`; some minutes of it, in which the surroundings
            stay the same.
        speech: The spans of possible speech, in milliseconds from its start; None if unknown.

    Returns:
        The aligner; None if the audio is too short.
    """
    from anyscribe.alignment.sphinx.acoustics import model_in, surroundings_of  # noqa: PLC0415 - loads NumPy, as the next does

    surroundings = surroundings_of(pcm, speech)
    if surroundings is None:
        return None
    with put_off_end(), Scratch().folder() as folder:
        words = folder / "words"
        words.touch()
        options = model_in(surroundings).write(folder)
        # Only the words of the text are added; reading the whole dictionary would take longer than everything else. The
        # weights are read into memory: a mapped file cannot be removed on every system.
        return StretchAligner(_new_decoder({**options, "dict": str(words), "mmap": False}))


@functools.cache
def plain_aligner() -> StretchAligner:
    """Return an aligner with the original acoustic model, created once per worker.

    With batch normalisation no stretch depends on those before it, except for some frames at a word's edge: the model
    is evaluated at every second frame only.
    """
    return StretchAligner(_new_decoder({"cmn": "batch"}))


def _logarithm(score: float) -> float:
    """Undo what the binding does to the decoder's integers."""
    return math.log(score, _BASE)


def _learn(decoder: pocketsphinx.Decoder, words: Iterable[str]) -> None:
    """Add the words that the decoder's dictionary lacks, once each."""
    for word in words:
        if decoder.lookup_word(word) is None:
            for number, phones in enumerate(pronounce(word), 1):
                decoder.add_word(word if number == 1 else f"{word}({number})", phones, False)  # noqa: FBT003 - no keyword


def _new_decoder(model: dict[str, Any]) -> pocketsphinx.Decoder:
    import pocketsphinx  # noqa: PLC0415 - loads a native library, and only workers need it

    return pocketsphinx.Decoder(lm=None, bestpath=False, loglevel="FATAL", **model, **_SEARCH)
