"""The sound as the voice model was trained to hear it: the power in 40 mel bands, each hundredth of a second.

The same as `librosa.feature.melspectrogram` returns with a window of 25 ms, steps of 10 ms and 40 bands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STEP_MS: Final = 10
STEP_SAMPLES: Final = 160
_WINDOW_SAMPLES: Final = 400
_RATE_HZ: Final = 16_000
_BANDS: Final = 40
_LINEAR_TO_HZ: Final = 1_000.0
_HZ_PER_MEL: Final = 200.0 / 3
_LOG_STEP: Final = np.log(6.4) / 27.0
"""Slaney's mel scale: linear up to 1 kHz, logarithmic above."""


def mel_powers(samples: Floats) -> Floats:
    """Return the power in each band.

    Args:
        samples: Samples from -1 to 1, 16,000 a second; what is before and after them counts as silence.

    Returns:
        A row for each step, whose middle is at a multiple of `STEP_SAMPLES`, from 0; a column for each band.
    """
    padded = np.pad(samples, _WINDOW_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::STEP_SAMPLES]
    spectrum = np.fft.rfft(frames * _WINDOW, axis=1)
    powers = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    bands: Floats = powers @ _FILTERS
    return bands


def _hz_of(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    least = _LINEAR_TO_HZ / _HZ_PER_MEL
    return np.where(mels < least, mels * _HZ_PER_MEL, _LINEAR_TO_HZ * np.exp(_LOG_STEP * (mels - least)))


def _filters() -> Floats:
    """Return triangles over the spectrum, a column each, of equal areas."""
    highest = _LINEAR_TO_HZ / _HZ_PER_MEL + np.log(_RATE_HZ / 2 / _LINEAR_TO_HZ) / _LOG_STEP
    corners = _hz_of(np.linspace(0, highest, _BANDS + 2))
    hertz = np.fft.rfftfreq(_WINDOW_SAMPLES, 1 / _RATE_HZ)
    slopes = corners[:, None] - hertz
    widths = np.diff(corners)[:, None]
    triangles = np.maximum(0, np.minimum(-slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]))
    return (triangles * (2 / (corners[2:] - corners[:-2]))[:, None]).T.astype(np.float32)


_WINDOW: Final = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW_SAMPLES) / _WINDOW_SAMPLES)).astype(np.float32)
_FILTERS: Final = _filters()
