"""The acoustic model in a recording's surroundings."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.alignment.sphinx.acoustics.compensation import in_noise, variances_in_noise
from anyscribe.alignment.sphinx.acoustics.model import (
    LEAST_WEIGHT,
    NOISE,
    SILENCE,
    WEIGHT_STEP,
    AcousticModel,
    acoustic_model,
)
from anyscribe.alignment.sphinx.acoustics.spectrum import lifter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.alignment.sphinx.acoustics.spectrum import Floats
    from anyscribe.alignment.sphinx.acoustics.surroundings import Noise, Sounding, Surroundings

_COUNTED: Final = 4
"""The decoder counts this many densities of a codebook, the likeliest ones."""

_DISCOUNT: Final = 1.5
"""By how much audio without a voice is made less likely, as a logarithm.

In noise a phone's densities become alike, and the decoder counts only a few; silence, whose densities are all counted,
would have an advantage over weak consonants. Tuned on the measured noises; 1 and 2 are nearly as good.
"""

_LOST: Final = 0.5
"""If silence keeps less than this share of its power, it is replaced by the noise."""

_NOWHERE: Final = 1e3


def model_in(surroundings: Surroundings) -> AcousticModel:
    """Return the model adapted to a recording.

    Args:
        surroundings: What the recording adds to the voices in it.

    Returns:
        The model, for features from which no average is taken away.
    """
    first, *others = (_in(surroundings.channel, noise) for noise in surroundings.noises)
    model = first.beside(others[0]) if others else first
    if surroundings.gaps:
        _put(model, NOISE, surroundings.gaps)
    return model


def _in(channel: Floats, noise: Noise) -> AcousticModel:
    """Put the model behind a microphone and into a noise."""
    model = acoustic_model()
    features = lifter()
    cepstra = in_noise(model.means[:, 0] / features, channel, noise.levels)
    # The densities of a phone's differences are not those of its cepstra: they know no more than the phone's average.
    average = cepstra.slopes.mean(1, keepdims=True)
    means, variances = np.empty_like(model.means), np.empty_like(model.variances)
    means[:, 0] = cepstra.means * features
    means[:, 1:] = (average[:, None] @ (model.means[:, 1:] / features)[..., None])[..., 0] * features
    for stream, slopes in enumerate((cepstra.slopes, average, average)):
        of_noise = noise.sounding.variances[stream]
        clean = model.variances[:, stream] / features**2
        variances[:, stream] = variances_in_noise(clean, slopes, of_noise) * features**2
    adapted = replace(model, means=means, variances=variances, weights=model.weights.copy())
    if cepstra.share[model.phones.index(SILENCE)].mean() < _LOST:
        _put(adapted, SILENCE, [noise.sounding])
    return adapted


def _put(model: AcousticModel, phone: str, soundings: Sequence[Sounding]) -> None:
    """Replace a phone's densities by those of noises.

    Each is repeated as often as the decoder counts densities, so that it counts those of one noise only.
    """
    codebook = model.phones.index(phone)
    senones = model.senones_of(codebook)
    features = lifter()
    model.means[codebook, :, :, 0] = _NOWHERE
    model.weights[:, :, senones] = LEAST_WEIGHT
    for number, sounding in enumerate(soundings):
        places = slice(number * _COUNTED, (number + 1) * _COUNTED)
        model.means[codebook, 0, places] = sounding.mean * features
        model.means[codebook, 1:, places] = 0
        model.variances[codebook, :, places] = (sounding.variances * features**2)[:, None]
        model.weights[:, places, senones] = round((math.log(_COUNTED) + _DISCOUNT) / WEIGHT_STEP)
