"""Voices told apart with the voice model, on this machine."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from anyscribe.speakers.dvector.listening import listen
from anyscribe.speakers.dvector.network import VoiceNetwork
from anyscribe.speakers.turns import find_turns
from anyscribe.speakers.units import divide

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.diarizer import SpeakerTurn
    from anyscribe.timespan import Span


class VoiceDiarizer:
    """Tells voices apart; see `anyscribe.speakers.diarizer.Diarizer`.

    Raises:
        DiarizerUnavailableError: The voice model is missing or damaged.
    """

    def __init__(self) -> None:
        self._network = load_network()

    def find_turns(
        self,
        audio: Iterable[bytes],
        speech: Sequence[Span],
        most: int | None = None,
        least: int = 1,  # noqa: ARG002
    ) -> list[SpeakerTurn]:
        """Find out who speaks when.

        Args:
            audio: As of `Diarizer.find_turns`.
            speech: Likewise.
            most: Likewise.
            least: Likewise.
        """
        units = divide(speech)
        return find_turns(listen(self._network, audio, units), units, most) if units else []


@functools.cache
def load_network() -> VoiceNetwork:
    """Load the voice model, which is kept.

    Raises:
        DiarizerUnavailableError: It is missing or damaged.
    """
    return VoiceNetwork()
