"""Adapt the densities of clean speech to noise, which fills the bands in which it is louder than the voice.

Powers add up, so that the level of a voice in noise is the logarithm of a sum; around a density's mean, that is nearly
a linear map of cepstra.

Source: P. J. Moreno, Speech Recognition in Noisy Environments (1996), and A. Acero and others, HMM adaptation using
vector Taylor series for noisy speech recognition (2000).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.alignment.sphinx.acoustics.spectrum import CEPSTRA, cosines

if TYPE_CHECKING:
    from anyscribe.alignment.sphinx.acoustics.spectrum import Floats

_FURTHEST: Final = 50.0
"""A level this far above another masks it completely."""


class InNoise(NamedTuple):
    """Densities in noise; dimensions before the last are those of the means that they were made of.

    Args:
        means: Cepstra, without the lifter.
        share: How much of the power is the voice's, on average over the bands; 0 to 1.
        slopes: How the cepstra of the sum move with those of the voice, `CEPSTRA` by `CEPSTRA`.
    """

    means: Floats
    share: Floats
    slopes: Floats


def in_noise(means: Floats, channel: Floats, noise: Floats) -> InNoise:
    """Put densities into noise.

    Args:
        means: Their means, cepstra without the lifter, relative to the average of speech.
        channel: The average of speech in the recording, as levels in bands.
        noise: The noise's levels in bands.
    """
    transform = cosines()
    voice = means @ transform + channel
    shares = 1 / (1 + np.exp(np.clip(noise - voice, -_FURTHEST, _FURTHEST)))
    slopes = (transform * shares[..., None, :]) @ transform.T
    return InNoise(np.logaddexp(voice, noise) @ transform.T, shares.mean(-1), slopes)


def variances_in_noise(variances: Floats, slopes: Floats, of_noise: Floats) -> Floats:
    """Return the variances of densities in noise.

    Args:
        variances: The densities', cepstra without the lifter, in the last dimension.
        slopes: As of `InNoise`.
        of_noise: The noise's variances.
    """
    from_noise = (np.eye(CEPSTRA, dtype=np.float32) - slopes) ** 2 @ of_noise
    return np.asarray((slopes**2 @ variances[..., None])[..., 0] + from_noise, np.float32)
