"""CAM++ as a voice model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.speakers.camplus.listening import listen
from anyscribe.speakers.camplus.network import VoiceNetwork
from anyscribe.speakers.camplus.weights import read_weights
from anyscribe.speakers.voices import Heard, Likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.units import Unit

_LIKENESS: Final = Likeness(together=0.4, alike=0.52, unlike=0.35)
"""Of the same voice, in two halves, 99 % have a cosine of 0.63 or more; of two voices, 99 % have 0.38 or less."""

_ON_TELEPHONE: Final = Likeness(together=0.6, alike=0.78, unlike=0.5)
"""On the telephone, all voices are more alike: 0.76 or more, and in 90 % 0.75 or less."""


class CamplusModel:
    """Makes vectors of speech; see `anyscribe.speakers.voice_diarizer.VoiceModel`.

    Raises:
        DiarizerUnavailableError: The model is missing or damaged.
    """

    def __init__(self) -> None:
        self._network = VoiceNetwork(read_weights())

    def listen(self, audio: Iterable[bytes], units: Sequence[Unit]) -> Heard:
        """Listen to the voice of each unit.

        Args:
            audio: As of `VoiceModel.listen`.
            units: Likewise.
        """
        vectors, narrow, is_telephone = listen(self._network, audio, units)
        return Heard(vectors, narrow, _ON_TELEPHONE if is_telephone else _LIKENESS)
