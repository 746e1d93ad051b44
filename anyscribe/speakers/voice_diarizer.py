"""Voices told apart by a voice model that makes a vector of each part of the speech."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.speakers.samples import comparable, group_vectors
from anyscribe.speakers.turns import find_turns
from anyscribe.speakers.units import divide
from anyscribe.speakers.voices import Count
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.diarizer import SpeakerTurn
    from anyscribe.speakers.units import Unit
    from anyscribe.speakers.voices import HeardVoices


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

    def group_samples(self, samples: Sequence[bytes], sources: Sequence[int]) -> list[int]:
        """Find out which samples are of the same voice.

        Args:
            samples: As of `Diarizer.group_samples`.
            sources: Likewise.
        """
        if not samples:
            return []
        heard = [
            self._model.listen([sample], divide([Span(0, len(sample) // PCM_BYTES_PER_MS)]))
            for sample in comparable(samples)
        ]
        means = np.array([one.vectors.mean(axis=0) for one in heard])
        vectors = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return group_vectors(vectors, sources, max(one.likeness.alike for one in heard))
