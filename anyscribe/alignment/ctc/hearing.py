"""Hear a recording of any length: windows of some seconds, whose frames are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.alignment.ctc.network import FRAME_SAMPLES, LEAST_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.alignment.ctc.network import Floats, PhonemeNetwork

_WINDOW_SAMPLES: Final = 600 * FRAME_SAMPLES
_MARGIN_SAMPLES: Final = 50 * FRAME_SAMPLES
"""A window's first and last second are heard with what is around it, and not used."""

_SCALE: Final = np.float32(1 / (1 << 15))


def hear(network: PhonemeNetwork, audio: Iterable[bytes]) -> Iterator[Floats]:
    """Hear the sounds of a recording.

    Args:
        network: The phoneme model.
        audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.

    Yields:
        Rows as of `PhonemeNetwork.log_probabilities`, some seconds at a time; together one for every 20 ms.
    """
    held = np.zeros(0, np.float32)
    margin = 0
    for chunk in audio:
        held = np.concatenate([held, np.frombuffer(chunk, "<i2") * _SCALE])
        while len(held) >= margin + _WINDOW_SAMPLES + _MARGIN_SAMPLES:
            end = margin + _WINDOW_SAMPLES
            heard = network.log_probabilities(held[: end + _MARGIN_SAMPLES])
            yield heard[margin // FRAME_SAMPLES : end // FRAME_SAMPLES]
            held = held[end - _MARGIN_SAMPLES :]
            margin = _MARGIN_SAMPLES
    if len(held) > margin:
        # Too little sound for a frame is silence.
        padded = np.pad(held, (0, max(0, LEAST_SAMPLES - len(held))))
        yield network.log_probabilities(padded)[margin // FRAME_SAMPLES :]
