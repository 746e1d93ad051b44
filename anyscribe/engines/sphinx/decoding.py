"""Decode utterances in a worker process, since PocketSphinx holds the interpreter's lock while it decodes."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import pocketsphinx

FRAME_MS: Final = 10

_FILLER: Final = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")
"""Decoder output that is not a word: ``<sil>``, ``<s>``, ``[NOISE]``, ``++NOISE++``."""

_VARIANT: Final = re.compile(r"\(\d+\)$")
"""``for(2)`` is the second pronunciation of ``for``."""


class HeardWord(NamedTuple):
    """One word as the decoder detected it; times are frames of `FRAME_MS` from the utterance's start, half-open."""

    text: str
    start_frame: int
    end_frame: int
    probability: float


def decode_utterance(pcm: bytes) -> tuple[HeardWord, ...]:
    """Decode one utterance; runs in a worker.

    Args:
        pcm: Its samples, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`.

    Returns:
        The words in order of time, each with its posterior probability in the lattice; empty if none was detected.
    """
    decoder = _decoder()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    # Posteriors are sums in a table of logarithms, which can come out a little above 1.
    return tuple(
        HeardWord(_VARIANT.sub("", part.word), part.start_frame, part.end_frame + 1, min(part.prob, 1.0))
        for part in decoder.seg() or ()
        if not _FILLER.fullmatch(part.word)
    )


@functools.cache
def _decoder() -> pocketsphinx.Decoder:
    """Load the model, once a worker; with batch normalisation no utterance's result depends on those before it."""
    import pocketsphinx  # noqa: PLC0415 - loads a native library, and only workers need it

    return pocketsphinx.Decoder(loglevel="FATAL", cmn="batch")
