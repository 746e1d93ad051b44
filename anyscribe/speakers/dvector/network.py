"""The voice model: three layers of LSTM that turn a stretch of speech into a vector, near to others of the same voice.

Its architecture and weights are those of the package `Resemblyzer`; `docs/decisions/0034-speakers.md` says why it is
run here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from anyscribe.speakers.dvector.weights import WIDTH, read_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from anyscribe.speakers.dvector.weights import LstmLayer

    Floats = NDArray[np.float32]

_LEAST_NORM: Final = 1e-9


class VoiceNetwork:
    """The network with its weights, which it reads when it is created. Several threads may use it at once.

    Raises:
        DiarizerUnavailableError: The weights cannot be read.
    """

    def __init__(self) -> None:
        self._weights = read_weights()

    def embed(self, mels: Floats) -> Floats:
        """SpeakerTurn stretches of speech into vectors.

        Args:
            mels: The stretches, all of one length: by step, stretch and band, as `mel_powers` returns them.

        Returns:
            A row of length 1 for each stretch, without negative numbers.
        """
        steps = mels
        for layer in self._weights.layers[:-1]:
            steps = _all_steps(steps, layer)
        vectors = np.maximum(_last_step(steps, self._weights.layers[-1]) @ self._weights.matrix + self._weights.bias, 0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        embedded: Floats = vectors / np.maximum(lengths, _LEAST_NORM)
        return embedded


def _all_steps(steps: Floats, layer: LstmLayer) -> Floats:
    outputs = np.empty((len(steps), steps.shape[1], WIDTH), np.float32)
    _run(steps, layer, outputs)
    return outputs


def _last_step(steps: Floats, layer: LstmLayer) -> Floats:
    return _run(steps, layer, None)


def _run(steps: Floats, layer: LstmLayer, outputs: Floats | None) -> Floats:
    """Run a layer through all steps; return its last output."""
    count = steps.shape[1]
    hidden = np.zeros((count, WIDTH), np.float32)
    cell = np.zeros((count, WIDTH), np.float32)
    gates = np.empty((count, 4 * WIDTH), np.float32)
    given = (steps.reshape(-1, steps.shape[2]) @ layer.matrix_in + layer.bias).reshape(len(steps), count, -1)
    for index, ahead in enumerate(given):
        np.matmul(hidden, layer.matrix_back, out=gates)
        gates += ahead
        open_in, forget = _sigmoid(gates[:, :WIDTH]), _sigmoid(gates[:, WIDTH : 2 * WIDTH])
        cell *= forget
        cell += open_in * np.tanh(gates[:, 2 * WIDTH : 3 * WIDTH])
        hidden = _sigmoid(gates[:, 3 * WIDTH :]) * np.tanh(cell)
        if outputs is not None:
            outputs[index] = hidden
    return hidden


def _sigmoid(values: Floats) -> Floats:
    result: Floats = 0.5 * np.tanh(0.5 * values) + 0.5
    return result
