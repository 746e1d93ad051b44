"""The interface of everything that tells voices apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.timespan import Span


class SpeakerTurn(NamedTuple):
    """A stretch of time in which one speaker speaks.

    Args:
        span: The stretch.
        speaker: The speaker's number, from 0, in the order in which they first speak.
    """

    span: Span
    speaker: int


class Diarizer(Protocol):
    """Tells voices apart. It may be called from several threads at once."""

    def find_turns(
        self, audio: Iterable[bytes], speech: Sequence[Span], most: int | None = None, least: int = 1
    ) -> list[SpeakerTurn]:
        """Find out who speaks when.

        Args:
            audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length; read once.
            speech: When somebody speaks: words, or spans of speech, in order of their starts.
            most: The most speakers; None for as many as there are.
            least: The fewest speakers that there are, at most `most`; with fewer voices, the least alike parts of the
                speech are kept apart.

        Returns:
            The turns, in order, not overlapping, within the spans of speech.

        Raises:
            AudioError: The audio cannot be decoded.
            DiarizerUnavailableError: The model failed.
        """

    def group_samples(self, samples: Sequence[bytes], sources: Sequence[int]) -> list[int]:
        """Find out which samples are of the same voice.

        Args:
            samples: Speech of one voice each, as 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`; two seconds or
                more.
            sources: A number for where each comes from: two from one source are of two voices.

        Returns:
            The number of each sample's voice.

        Raises:
            DiarizerUnavailableError: The model failed.
        """
