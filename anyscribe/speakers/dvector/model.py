"""The d-vector as a voice model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.speakers.dvector.listening import listen
from anyscribe.speakers.dvector.network import VoiceNetwork
from anyscribe.speakers.voices import HeardVoices, Likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.units import Unit

_LIKENESS: Final = Likeness(together=0.82, alike=0.9, unlike=0.75)
"""Of the same voice, in two halves, 90 % have a cosine of 0.91 or more; of two voices, 90 % have 0.82 or less, and 0.90
on the telephone."""


class DvectorModel:
    """Makes vectors of speech; see `anyscribe.speakers.voice_diarizer.VoiceModel`.

    Raises:
        DiarizerUnavailableError: The model is missing or damaged.
    """

    def __init__(self) -> None:
        self._network = VoiceNetwork()

    def listen(self, audio: Iterable[bytes], units: Sequence[Unit]) -> HeardVoices:
        """Listen to the voice of each unit.

        Args:
            audio: As of `VoiceModel.listen`.
            units: Likewise.
        """
        return HeardVoices(listen(self._network, audio, units), None, _LIKENESS)
