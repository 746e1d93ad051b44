"""Listen to the voice of each part of the speech: windows over the speech, which become vectors in batches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.speakers.dvector.mel import STEP_MS, STEP_SAMPLES, mel_powers
from anyscribe.speakers.dvector.weights import WIDTH
from anyscribe.speakers.sounds import stretch_sounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.speakers.dvector.mel import Floats
    from anyscribe.speakers.dvector.network import VoiceNetwork
    from anyscribe.speakers.units import Unit

_WINDOW_STEPS: Final = 80
_SHORTEST_STEPS: Final = 30
_HOP_STEPS: Final = 20
"""A window of 0.8 s, every 0.2 s, and shorter ones for short stretches. The model was trained with 1.6 s, longer than a
short turn; it knows 19 voices from 0.8 s as well, and 98 % of them from 0.4 s."""

_ROUNDED_STEPS: Final = 10
"""Windows have few lengths, since those in a batch are of one length."""

_BATCH: Final = 64
_LOUDNESS: Final = 10 ** (-30 / 20)
"""Quieter windows are made as loud as this, as in training; louder ones stay."""


class _Window(NamedTuple):
    """A window that has been heard: its middle and length in steps, and where its vector is."""

    middle: float
    steps: int
    vector: int


class _WindowBatches:
    """Turns windows into vectors, as soon as enough of one length have come together."""

    def __init__(self, network: VoiceNetwork) -> None:
        self._network = network
        self._waiting: dict[int, list[tuple[int, Floats]]] = defaultdict(list)
        self._vectors: list[Floats] = []

    def add(self, mels: Floats) -> int:
        """Take a window, and return its index."""
        self._vectors.append(mels[0])
        index = len(self._vectors) - 1
        waiting = self._waiting[len(mels)]
        waiting.append((index, mels))
        if len(waiting) >= _BATCH:
            self._embed(waiting)
        return index

    def finish(self) -> Floats:
        """Return the vectors of all windows, by index."""
        for waiting in self._waiting.values():
            if waiting:
                self._embed(waiting)
        return np.stack(self._vectors)

    def _embed(self, waiting: list[tuple[int, Floats]]) -> None:
        vectors = self._network.embed(np.stack([mels for _, mels in waiting], axis=1))
        for (index, _), vector in zip(waiting, vectors, strict=True):
            self._vectors[index] = vector
        waiting.clear()


def listen(network: VoiceNetwork, audio: Iterable[bytes], units: Sequence[Unit]) -> Floats:
    """Listen to the voice of each unit.

    Args:
        network: The voice model.
        audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.
        units: At least one, in order.

    Returns:
        A row of length 1 for each unit: the mean vector of the windows around its middle.
    """
    batches = _WindowBatches(network)
    heard = [(stretch, _windows(samples, batches)) for stretch, samples in stretch_sounds(audio, units)]
    vectors = batches.finish()
    voices = np.empty((len(units), WIDTH), np.float32)
    first = 0
    for stretch, windows in heard:
        middles = np.array([(unit.begin_ms + unit.end_ms) / (2 * STEP_MS) for unit in stretch])
        distances = np.abs(middles[:, None] - [window.middle for window in windows])
        weights = np.maximum(1e-3, 1 - distances / (windows[0].steps / 2)) ** 2
        voices[first : first + len(stretch)] = weights @ vectors[[window.vector for window in windows]]
        first += len(stretch)
    return unit_length(voices)


def unit_length(vectors: Floats) -> Floats:
    """Return vectors with a length of 1.

    Args:
        vectors: A row each.
    """
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled


def _windows(samples: Floats, batches: _WindowBatches) -> list[_Window]:
    """Have windows over the speech of a stretch heard."""
    samples = np.pad(samples, (0, max(0, _SHORTEST_STEPS * STEP_SAMPLES - len(samples))))
    mels = mel_powers(samples)[: len(samples) // STEP_SAMPLES]
    energy = np.concatenate([[0], np.cumsum(samples.astype(np.float64) ** 2)])[::STEP_SAMPLES]
    steps = min(_WINDOW_STEPS, len(mels) // _ROUNDED_STEPS * _ROUNDED_STEPS)
    rest = len(mels) - steps
    windows = []
    for begin in np.linspace(0, rest, 1 + -(-rest // _HOP_STEPS)).round().astype(int):
        power = (energy[begin + steps] - energy[begin]) / (steps * STEP_SAMPLES)
        gain = max(1.0, _LOUDNESS**2 / max(power, 1e-12))
        vector = batches.add(mels[begin : begin + steps] * np.float32(gain))
        windows.append(_Window(begin + steps / 2, steps, vector))
    return windows
