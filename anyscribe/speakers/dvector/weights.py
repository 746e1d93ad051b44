"""Read the voice model's weights from the files of the installed package `Resemblyzer`, which is not imported.

The file is a pickle of PyTorch's, whose numbers stand at known places since its digest is known: they are read there,
and nothing of the pickle is executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.speakers.package_file import read_package_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PACKAGE: Final = "resemblyzer"
REQUIREMENT: Final = "Resemblyzer==0.1.4"
"""What is installed; without its dependencies, which are PyTorch and others that are not needed here."""

WIDTH: Final = 256
MELS: Final = 40
_LAYERS: Final = 3
_GATES: Final = 4

_FILE: Final = "pretrained.pt"
_SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
"""What is trusted: these bytes, whatever the package's version says."""

_LSTM_BYTE: Final = 269_883
_LINEAR_BIAS_BYTE: Final = 6_699
_LINEAR_BYTE: Final = 7_731
"""Where the numbers of the LSTM, of the last layer's bias and of the last layer begin in the file."""


class LstmLayer(NamedTuple):
    """A layer of the LSTM; its four gates stand beside each other: input, forget, cell, output.

    Args:
        matrix_in: For what comes from below, with a column for each gate and unit.
        matrix_back: For what comes from the step before, likewise.
        bias: For each gate and unit.
    """

    matrix_in: Floats
    matrix_back: Floats
    bias: Floats


class VoiceWeights(NamedTuple):
    """The voice model.

    Args:
        layers: The layers of the LSTM.
        matrix: The last layer.
        bias: Its bias.
    """

    layers: tuple[LstmLayer, ...]
    matrix: Floats
    bias: Floats


def read_weights() -> VoiceWeights:
    """Read the model.

    Raises:
        DiarizerUnavailableError: The package is not installed, or its model is damaged or another one.
    """
    content = read_package_file(PACKAGE, _FILE, _SHA256, REQUIREMENT)
    sizes_in = [MELS] + [WIDTH] * (_LAYERS - 1)
    lengths = [_GATES * WIDTH * size for size_in in sizes_in for size in (size_in, WIDTH)]
    lengths += [_GATES * WIDTH] * (2 * _LAYERS)
    numbers = np.frombuffer(content, "<f4", sum(lengths), _LSTM_BYTE)
    parts = np.split(numbers, np.cumsum(lengths)[:-1])
    matrices, biases = parts[: 2 * _LAYERS], parts[2 * _LAYERS :]
    layers = tuple(
        LstmLayer(_transposed(matrices[at]), _transposed(matrices[at + 1]), biases[at] + biases[at + 1])
        for at in range(0, 2 * _LAYERS, 2)
    )
    last = np.frombuffer(content, "<f4", WIDTH * WIDTH, _LINEAR_BYTE)
    bias = np.frombuffer(content, "<f4", WIDTH, _LINEAR_BIAS_BYTE)
    return VoiceWeights(layers, np.ascontiguousarray(last.reshape(WIDTH, WIDTH).T), bias.copy())


def _transposed(numbers: Floats) -> Floats:
    return np.ascontiguousarray(numbers.reshape(_GATES * WIDTH, -1).T)
