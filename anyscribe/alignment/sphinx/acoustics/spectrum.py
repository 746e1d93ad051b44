"""The features of the acoustic model: levels in bands, and cepstra, every ten milliseconds.

Source: the front end of PocketSphinx with the parameters of its model for English, which lie beside the model.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float32]
    Frames: TypeAlias = NDArray[np.intp]
    PerFrame: TypeAlias = NDArray[np.bool_]

FRAME_MS: Final = 10
BANDS: Final = 25
CEPSTRA: Final = 13

_STEP_SAMPLES: Final = PCM_RATE_HZ * FRAME_MS // 1000
_WINDOW_SAMPLES: Final = 410
_POINTS: Final = 512
_PRE_EMPHASIS: Final = 0.97
_LOWEST_HZ: Final = 130
_HIGHEST_HZ: Final = 6_800
_LIFTER: Final = 22
_LEAST_POWER: Final = 1e-4
_FRAMES_AT_ONCE: Final = 500


def band_levels(pcm: bytes) -> Floats:
    """Measure the level of the audio in each band.

    Args:
        pcm: The audio, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`.

    Returns:
        The natural logarithms of the powers, frames by `BANDS`; a frame starts every `FRAME_MS`.
    """
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    if len(samples) < _WINDOW_SAMPLES:
        return np.empty((0, BANDS), np.float32)
    samples[1:] -= _PRE_EMPHASIS * samples[:-1]
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW_SAMPLES)[::_STEP_SAMPLES]
    levels = np.empty((len(windows), BANDS), np.float32)
    hamming = np.hamming(_WINDOW_SAMPLES).astype(np.float32)
    for first in range(0, len(windows), _FRAMES_AT_ONCE):
        spectra = np.fft.rfft(windows[first : first + _FRAMES_AT_ONCE] * hamming, _POINTS)
        powers = (spectra.real**2 + spectra.imag**2) @ _filters()
        levels[first : first + _FRAMES_AT_ONCE] = np.log(powers + _LEAST_POWER)
    return levels


@cache
def cosines() -> Floats:
    """Return the transform from levels in bands to cepstra, `CEPSTRA` by `BANDS`; its transpose leads back."""
    order, band = np.arange(CEPSTRA)[:, None], np.arange(BANDS)[None]
    transform = np.sqrt(2 / BANDS) * np.cos(np.pi * order * (band + 0.5) / BANDS)
    transform[0] /= np.sqrt(2)
    return np.asarray(transform, np.float32)


@cache
def lifter() -> Floats:
    """Return the factors, one for each cepstrum, that lead from cepstra to the model's features."""
    return np.asarray(1 + _LIFTER / 2 * np.sin(np.pi * np.arange(CEPSTRA) / _LIFTER), np.float32)


@cache
def _filters() -> Floats:
    """Make the bands, points by bands: triangles of the same area, evenly apart on the mel scale."""
    point_hz = PCM_RATE_HZ / _POINTS
    mels = np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), BANDS + 2)
    edges_hz = np.floor(700 * (10 ** (mels / 2595) - 1) / point_hz + 0.5) * point_hz
    low_hz, middle_hz, high_hz = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    points_hz = np.arange(_POINTS // 2 + 1)[:, None] * point_hz
    rising = (points_hz - low_hz) / (middle_hz - low_hz)
    falling = (high_hz - points_hz) / (high_hz - middle_hz)
    filters = np.clip(np.minimum(rising, falling), 0, None) * 2 / (high_hz - low_hz)
    return np.asarray(filters, np.float32)


def _mel(frequency_hz: float) -> float:
    return float(2595 * np.log10(1 + frequency_hz / 700))
