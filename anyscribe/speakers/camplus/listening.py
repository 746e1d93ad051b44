"""Listen to the voice of each part of the speech: a stretch is gone through once, and each part is pooled from it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.speakers.camplus.bands import CENTRES_HZ, log_mel_bands
from anyscribe.speakers.camplus.network import STEP_MS
from anyscribe.speakers.sounds import stretch_sounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.camplus.network import CamplusNetwork, Floats
    from anyscribe.speakers.units import Unit

_REACH: Final = 800 // STEP_MS
"""What is within 0.8 s is the context of a moment. Half as much and twice as much tell voices apart less well."""

_WINDOW: Final = 600 // STEP_MS
_NARROW_WINDOW: Final = 400 // STEP_MS
"""A voice is heard for so long around the middle of a unit: once to know voices, once to know where they change."""

_LEAST_SAMPLES: Final = 16_000 // 2
"""A shorter stretch is heard several times."""

_LOW: Final = (CENTRES_HZ > 300) & (CENTRES_HZ < 3_400)  # noqa: PLR2004 - a telephone's band
_HIGH: Final = CENTRES_HZ > 4_100  # noqa: PLR2004 - what a telephone's rate of 8 kHz cannot pass on
_LOUD: Final = 75
_TYPICAL: Final = 50
_HISS: Final = 95
"""What is called loud speech, the usual, and the loudest hiss, in percent of the moments."""

_NOTHING: Final = -4.0
_LITTLE: Final = 0.5
"""Natural logarithms of power. On the telephone the loudest hiss has next to none above the band, in comparison with
loud speech within it; or little, if that is noise that does not come and go."""


class Band(enum.Enum):
    """What is heard above a telephone's band."""

    FULL = enum.auto()
    """Speech."""

    NOISE = enum.auto()
    """Noise that does not come and go."""

    NARROW = enum.auto()
    """Nothing."""


def listen(network: CamplusNetwork, audio: Iterable[bytes], units: Sequence[Unit]) -> tuple[Floats, Floats, Band]:
    """Listen to the voice of each unit.

    Args:
        network: The voice model.
        audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.
        units: At least one, in order.

    Returns:
        A row of length 1 for each unit; such rows from shorter windows; and what is heard above a telephone's band.
    """
    wide, narrow, low, high = [], [], [], []
    for stretch, samples in stretch_sounds(audio, units):
        bands = log_mel_bands(np.resize(samples, max(len(samples), _LEAST_SAMPLES)))
        low.append(bands[:, _LOW].mean(axis=1))
        high.append(bands[:, _HIGH].mean(axis=1))
        told = network.hear(bands - bands.mean(axis=0), _REACH)
        wide.append(_voices(network, told, stretch, _WINDOW))
        narrow.append(_voices(network, told, stretch, _NARROW_WINDOW))
    return np.concatenate(wide), np.concatenate(narrow), _band(np.concatenate(low), np.concatenate(high))


def _band(low: Floats, high: Floats) -> Band:
    """Return what is heard above a telephone's band, from the power in it and above by moment."""
    typical, hiss = np.percentile(high, [_TYPICAL, _HISS])
    level = hiss - np.percentile(low, _LOUD)
    if level < _NOTHING:
        return Band.NARROW
    return Band.NOISE if level < _LITTLE and hiss - typical < _LITTLE else Band.FULL


def _voices(network: CamplusNetwork, told: Floats, stretch: Sequence[Unit], width: int) -> Floats:
    moments = told.shape[1]
    width = min(width, moments)
    middles = [(unit.begin_ms + unit.end_ms) // (2 * STEP_MS) for unit in stretch]
    begins = [min(max(0, middle - width // 2), moments - width) for middle in middles]
    return network.vectors(told, begins, [begin + width for begin in begins])
