"""CAM++ as a voice model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.speakers.camplus.listening import Band, listen
from anyscribe.speakers.camplus.network import CamplusNetwork
from anyscribe.speakers.camplus.weights import read_weights
from anyscribe.speakers.voices import HeardVoices, Likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.units import Unit
    from anyscribe.speakers.voices import Floats

_LIKENESS: Final = {
    Band.FULL: Likeness(together=0.4, alike=0.52, unlike=0.35),
    Band.NOISE: Likeness(together=0.35, alike=0.57, unlike=0.25),
    Band.NARROW: Likeness(together=0.6, alike=0.76, unlike=0.5),
}
"""Of the same voice, in two halves, 99 % have a cosine of 0.63 or more, with noise above a telephone's band 0.58; of
two voices, 95 % have 0.34 and 0.52 or less."""

TELEPHONE_FILE: Final = Path(__file__).with_name("telephone.npy")
"""The mean vector of voices on the telephone, which `bench/telephone_voice.py` writes."""

_SHARE: Final = np.float32(0.7)
"""Of that mean, so much is taken away if there is noise above the band, which makes all voices alike."""


class CamplusModel:
    """Makes vectors of speech; see `anyscribe.speakers.voice_diarizer.VoiceModel`.

    Raises:
        DiarizerUnavailableError: The model is missing or damaged.
    """

    def __init__(self) -> None:
        self._network = CamplusNetwork(read_weights())
        self._telephone = _SHARE * np.load(TELEPHONE_FILE, allow_pickle=False)

    def listen(self, audio: Iterable[bytes], units: Sequence[Unit]) -> HeardVoices:
        """Listen to the voice of each unit.

        Args:
            audio: As of `VoiceModel.listen`.
            units: Likewise.
        """
        vectors, narrow, band = listen(self._network, audio, units)
        if band is Band.NOISE:
            vectors, narrow = self._moved(vectors), self._moved(narrow)
        return HeardVoices(vectors, narrow, _LIKENESS[band])

    def _moved(self, vectors: Floats) -> Floats:
        moved = vectors - self._telephone
        scaled: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        return scaled
