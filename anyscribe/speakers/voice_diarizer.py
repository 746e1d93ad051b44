"""Voices told apart by a voice model that makes a vector of each part of the speech."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from anyscribe.speakers.turns import find_turns
from anyscribe.speakers.units import divide
from anyscribe.speakers.voices import Count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.diarizer import SpeakerTurn
    from anyscribe.speakers.units import Unit
    from anyscribe.speakers.voices import HeardVoices
    from anyscribe.timespan import Span


class VoiceModel(Protocol):
    """Makes vectors of speech. It may be called from several threads at once."""

    def listen(self, audio: Iterable[bytes], units: Sequence[Unit]) -> HeardVoices:
        """Listen to the voice of each unit.

        Args:
            audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.
            units: At least one, in order.

        Returns:
            What is heard, with a row for each unit.
        """


class VoiceDiarizer:
    """Tells voices apart; see `anyscribe.speakers.diarizer.Diarizer`.

    Args:
        model: Makes the vectors.
    """

    def __init__(self, model: VoiceModel) -> None:
        self._model = model

    def find_turns(
        self, audio: Iterable[bytes], speech: Sequence[Span], most: int | None = None, least: int = 1
    ) -> list[SpeakerTurn]:
        """Find out who speaks when.

        Args:
            audio: As of `Diarizer.find_turns`.
            speech: Likewise.
            most: Likewise.
            least: Likewise.
        """
        units = divide(speech)
        if not units:
            return []
        return find_turns(self._model.listen(audio, units), units, Count(least, most))
