"""Shorten long silences before Whisper gets them: it invents text there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from anyscribe.engines.whisper.libraries import detect_speech, restore_times
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.engines.whisper.blocks import Samples

_KEPT_MS: Final = 1_000
"""Kept of a silence on each side of speech: with less before the first word, clear recordings are read worse."""

_LEAST_CUT_MS: Final = 1_000
"""Shorter cuts are not worth it: without any, a recording is read exactly as by the library."""


class Shortened:
    """A block of audio whose silences are at most 3 s long: longer ones are cut to 2 s.

    Args:
        block: The audio.
    """

    def __init__(self, block: Samples) -> None:
        self._kept = _kept(detect_speech(block, keep_ms=_KEPT_MS), len(block))
        is_whole = len(self._kept) == 1 and self._kept[0]["end"] - self._kept[0]["start"] == len(block)
        self.samples: Samples = (
            block
            if is_whole
            else np.concatenate([block[:0], *(block[part["start"] : part["end"]] for part in self._kept)])
        )
        """What is left; empty if there is no speech."""

    def restore(self, segments: Iterable[Any]) -> Iterator[Any]:
        """Yield segments with their times in the block instead of those in the samples.

        Args:
            segments: The library's segments; changed in place.
        """
        return restore_times(segments, self._kept, PCM_RATE_HZ)


def _kept(speech: Iterable[dict[str, int]], length: int) -> list[dict[str, int]]:
    """Join parts if too little would be cut between them, in samples; likewise at both ends."""
    least = _LEAST_CUT_MS * PCM_RATE_HZ // 1000
    kept: list[dict[str, int]] = []
    end = 0
    for part in speech:
        if part["start"] - end >= least:
            kept.append({"start": part["start"], "end": part["end"]})
        elif kept:
            kept[-1]["end"] = part["end"]
        else:
            kept.append({"start": 0, "end": part["end"]})
        end = part["end"]
    if kept and length - end < least:
        kept[-1]["end"] = length
    return kept
