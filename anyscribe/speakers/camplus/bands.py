"""The sound as the voice model was trained to hear it: the logarithm of the power in 80 mel bands.

The same as Kaldi's `compute-fbank-feats` returns with 80 bands, without dither, for samples from -1 to 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STEP_MS: Final = 10
STEP_SAMPLES: Final = 160
BANDS: Final = 80
FRAME_SAMPLES: Final = 400
_SPECTRUM_SAMPLES: Final = 512
_RATE_HZ: Final = 16_000
_LOWEST_HZ: Final = 20
_EMPHASIS: Final = np.float32(0.97)
_FLOOR: Final = np.float32(np.finfo(np.float32).eps)


def log_mel_bands(samples: Floats) -> Floats:
    """Return the logarithm of the power in each band.

    Args:
        samples: Samples from -1 to 1, 16,000 a second; at least `FRAME_SAMPLES`.

    Returns:
        A row for each step of 10 ms that has a whole frame of 25 ms; a column for each band.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)[::STEP_SAMPLES]
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames[:, 1:] -= _EMPHASIS * frames[:, :-1]
    frames[:, 0] *= 1 - _EMPHASIS
    spectrum = np.fft.rfft(frames * _WINDOW, _SPECTRUM_SAMPLES, axis=1)[:, :-1]
    powers = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    bands: Floats = np.log(np.maximum(powers @ _FILTERS, _FLOOR))
    return bands


def _mels(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log(1 + hertz / 700.0)


def _corners() -> NDArray[np.float64]:
    """Return where the bands begin, have their middle and end, in mels."""
    lowest, highest = _mels(np.array([_LOWEST_HZ, _RATE_HZ / 2]))
    return np.linspace(lowest, highest, BANDS + 2)


def _filters() -> Floats:
    """Return triangles over the spectrum, a column each, as high as 1."""
    corners = _corners()
    mels = _mels(np.arange(_SPECTRUM_SAMPLES // 2) * _RATE_HZ / _SPECTRUM_SAMPLES)[:, None]
    widths = np.diff(corners)
    rising = (mels - corners[:-2]) / widths[:-1]
    falling = (corners[2:] - mels) / widths[1:]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


_WINDOW: Final = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_SAMPLES) / (FRAME_SAMPLES - 1))) ** 0.85).astype(
    np.float32
)
_FILTERS: Final = _filters()

CENTRES_HZ: Final = 700.0 * np.expm1(_corners()[1:-1] / 1127.0)
"""The middle of each band."""
