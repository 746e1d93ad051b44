"""What a recording adds to voices: background noise, the microphone's response, and the noises between the voices.

Noise and microphone are estimated such that the model's densities explain the audio best, by expectation maximisation
from a first guess by loudness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.alignment.sphinx.acoustics.compensation import in_noise, variances_in_noise
from anyscribe.alignment.sphinx.acoustics.model import acoustic_model
from anyscribe.alignment.sphinx.acoustics.spectrum import CEPSTRA, FRAME_MS, band_levels, cosines, lifter
from anyscribe.alignment.sphinx.acoustics.states import states_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.alignment.sphinx.acoustics.spectrum import Floats, Frames, PerFrame
    from anyscribe.timespan import Span

_FEWEST_FRAMES: Final = 100
"""Less audio than this is not enough for an estimate."""

_NEAR_MS: Final = 300
"""Noise this close to speech is taken for the noise behind it."""

_SMOOTHED_FRAMES: Final = 21
_QUIET_SHARE: Final = 0.08
_FEWEST_QUIET_FRAMES: Final = 30
"""The noise behind the voices is measured in the quietest fifths of a second."""

_FAR_MS: Final = 600
_LONG_FRAMES: Final = 150
_MOST_GAPS: Final = 30
"""Gaps between voices are stretches this far from speech and this long; at most `_MOST_GAPS` are used."""

_INAUDIBLE: Final = 5.0
"""Noise this far below the levels of speech need not be known well; 22 dB."""

_STILL: Final = 0.02
"""The search has converged when the levels move by less."""

_LEAST_OF_POWER: Final = 0.1
_CAUTION: Final = 1e-2
_LEAST_VARIANCE: Final = 1e-3
_TO_DEVIATION: Final = 1.4826
"""Converts a median absolute deviation, which a few loud frames do not change, to a standard deviation."""


class _Search(NamedTuple):
    """The number of frames, the step through the densities, and the most rounds in a search for noise and channel."""

    frames: int
    every: int
    rounds: int


_SEARCHES: Final = (_Search(frames=250, every=8, rounds=12), _Search(frames=1_000, every=2, rounds=4))
"""First roughly, then well."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """The distribution of audio without a voice, in cepstra without the lifter.

    Args:
        mean: Its mean; the mean of its differences is zero.
        variances: Those of the cepstra, of their first and of their second differences.
    """

    mean: Floats
    variances: Floats


@dataclass(frozen=True, slots=True)
class Noise:
    """A noise behind voices.

    Args:
        levels: Its levels in bands.
        sounding: How it is distributed.
    """

    levels: Floats
    sounding: Sounding


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a recording adds to the voices in it.

    Args:
        channel: The average of speech, as levels in bands.
        noises: The noise behind it; two of them, the softer one first, if the noise comes and goes.
        gaps: The distribution of the audio in each long gap without speech; at most 30 of them.
    """

    channel: Floats
    noises: tuple[Noise, ...]
    gaps: tuple[Sounding, ...]


def surroundings_of(pcm: bytes, speech: Sequence[Span] | None) -> Surroundings | None:
    """Find out what some minutes of a recording add to the voices in it.

    Args:
        pcm: The audio, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`.
        speech: The spans of possible speech, in milliseconds from the audio's start; None if unknown.

    Returns:
        The surroundings; None if the audio is shorter than a second.
    """
    levels = band_levels(pcm)
    if len(levels) < _FEWEST_FRAMES:
        return None
    near = np.flatnonzero(_near(len(levels), speech, _NEAR_MS))
    if len(near) < _FEWEST_FRAMES:
        near = np.arange(len(levels))
    loudness = _smoothed(np.logaddexp.reduce(levels, axis=1))
    softer, *louder = states_of(loudness, near)
    channel, noise = _channel_and_noise(levels, softer, loudness)
    # In loud noise, more of a voice or more of the noise would explain the same.
    noises = (noise, *(_channel_and_noise(levels, frames, loudness, channel)[1] for frames in louder))
    far = ~_near(len(levels), speech, _FAR_MS) if speech else np.zeros(len(levels), bool)
    gaps = [_sounding(levels, frames) for frames in _runs(far) if len(frames) >= _LONG_FRAMES]
    return Surroundings(channel, noises, tuple(gaps[:_MOST_GAPS]))


def _channel_and_noise(
    levels: Floats, near: Frames, loudness: Floats, channel: Floats | None = None
) -> tuple[Floats, Noise]:
    """Find the channel, if it is not known, and the noise in some frames in or near speech."""
    is_known = channel is not None
    by_loudness = near[np.argsort(loudness[near])]
    quiet_frames = by_loudness[: max(_FEWEST_QUIET_FRAMES, int(len(near) * _QUIET_SHARE))]
    noise = levels[quiet_frames].mean(0)
    quiet = _sounding(levels, quiet_frames)
    if channel is None:
        powers = np.exp(levels[by_loudness[len(near) // 2 :]])
        guess = np.log(np.maximum(powers - np.exp(noise), _LEAST_OF_POWER * powers)).mean(0)
        # That is of loud frames, which are louder than the average of speech by as much as the densities are.
        transform = cosines()
        channel = (guess - (_densities(1)[0] @ transform).mean(0)) @ transform.T @ transform
    for search in _SEARCHES:
        some = levels[near[:: max(1, len(near) // search.frames)]]
        channel, noise = _explaining(some, channel, noise, quiet, search, is_channel_known=is_known)
        if (channel - noise).mean() > _INAUDIBLE:
            break
    return channel, Noise(noise, quiet)


def _densities(every: int) -> tuple[Floats, Floats]:
    """Return the means and variances of the model's densities, or of a part of them, as cepstra without the lifter."""
    model = acoustic_model()
    means = model.means[:, 0, ::every] / lifter()
    variances = model.variances[:, 0, ::every] / lifter() ** 2
    return means.reshape(-1, CEPSTRA), variances.reshape(-1, CEPSTRA)


def _explaining(  # noqa: PLR0913 - what is known beforehand
    levels: Floats, channel: Floats, noise: Floats, quiet: Sounding, search: _Search, *, is_channel_known: bool
) -> tuple[Floats, Floats]:
    """Find the channel and the noise with which the model's densities explain the audio best, from a first guess."""
    transform = cosines()
    means, variances = _densities(search.every)
    heard = levels @ transform.T
    for _ in range(search.rounds):
        densities = in_noise(means, channel, noise)
        spreads = np.maximum(variances_in_noise(variances, densities.slopes, quiet.variances[0]), _LEAST_VARIANCE)
        precisions = 1 / spreads
        likelihoods = heard @ (densities.means * precisions).T - heard**2 @ precisions.T / 2
        likelihoods -= (densities.means**2 * precisions + np.log(spreads)).sum(1) / 2
        posteriors = np.exp(likelihoods - likelihoods.max(1, keepdims=True))
        posteriors /= posteriors.sum(1, keepdims=True)
        occupied = posteriors.sum(0)
        unexplained = (posteriors.T @ heard - occupied[:, None] * densities.means) * precisions
        of_noise = np.eye(CEPSTRA, dtype=np.float32) - densities.slopes
        moves = []
        if not is_channel_known:
            moves.append(_move(densities.slopes, precisions * occupied[:, None], unexplained, len(heard)) @ transform)
            channel = channel + moves[-1]
        of_noise = np.eye(CEPSTRA, dtype=np.float32) - densities.slopes
        moves.append(_move(of_noise, precisions * occupied[:, None], unexplained, len(heard)) @ transform)
        noise = noise + moves[-1]
        if max(float(np.abs(move).max()) for move in moves) < _STILL:
            break
    return channel, noise


def _move(slopes: Floats, precisions: Floats, unexplained: Floats, frames: int) -> Floats:
    """Solve for the cepstra by which to move what the densities follow with these slopes; a little cautiously."""
    weighted = slopes * precisions[..., None]
    system = np.einsum("kab,kac->bc", weighted, slopes, optimize=True) + _CAUTION * frames * np.eye(CEPSTRA)
    return np.asarray(np.linalg.solve(system, np.einsum("kab,ka->b", slopes, unexplained)), np.float32)


def _sounding(levels: Floats, frames: Frames) -> Sounding:
    """Return the distribution of the audio in some of its frames."""
    cepstra = levels @ cosines().T

    def moved(by: int) -> Floats:
        return cepstra[np.clip(frames + by, 0, len(cepstra) - 1)]

    first = moved(2) - moved(-2)
    second = moved(3) - moved(-1) - moved(1) + moved(-3)
    deviations = [_TO_DEVIATION * np.median(np.abs(differences), 0) for differences in (first, second)]
    return Sounding(moved(0).mean(0), np.stack([moved(0).var(0), *(deviation**2 for deviation in deviations)]))


def _near(frames: int, speech: Sequence[Span] | None, within_ms: int) -> PerFrame:
    """Return for each frame whether it is within this distance of speech."""
    if not speech:
        return np.ones(frames, bool)
    near = np.zeros(frames, bool)
    for start_ms, end_ms in speech:
        near[max(0, start_ms - within_ms) // FRAME_MS : (end_ms + within_ms) // FRAME_MS] = True
    return near


def _runs(are: PerFrame) -> Iterator[Frames]:
    """Yield the frames of each run of true values."""
    edges = np.flatnonzero(np.diff(are.astype(np.int8), prepend=0, append=0))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield np.arange(start, end)


def _smoothed(loudness: Floats) -> Floats:
    around = _SMOOTHED_FRAMES // 2
    window = np.full(_SMOOTHED_FRAMES, 1 / _SMOOTHED_FRAMES, np.float32)
    return np.convolve(np.pad(loudness, around, mode="edge"), window, "valid")
