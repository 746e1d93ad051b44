"""The voice model CAM++: convolutions over a stretch of speech, and vectors of any parts of it.

Its architecture and weights are those of 3D-Speaker's `campplus`; `docs/decisions/0038-voices.md` says why it is run
here. Each layer of the original asks what the mean of the whole window is, a second or two. Here it is the mean of as
much speech around each moment, so that a stretch is gone through once and not window by window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STEP_MS: Final = 20
"""Of the moments that the network tells of."""

_EPSILON: Final = np.float32(1e-5)
_BLOCKS: Final = ((12, 1), (24, 2), (16, 2))
"""How many layers each block has, and how many steps apart the moments are that a layer looks at."""

_COLUMNS: Final = 4_096
"""A convolution is computed for so many places at a time, which fit into a processor's cache."""


class _Affine(NamedTuple):
    """What a normalization comes to: a factor and a summand for each channel."""

    scale: Floats
    shift: Floats


class _NormalizedConvolution(NamedTuple):
    """A convolution with the normalization after it."""

    matrix: Floats
    bias: Floats


class _DenseLayer(NamedTuple):
    """A layer that adds channels to those before it."""

    before: _Affine
    narrow: _NormalizedConvolution
    local: Floats
    inner: _NormalizedConvolution
    outer: _NormalizedConvolution


class _DenseBlock(NamedTuple):
    """Dense layers, and what halves their channels after them."""

    layers: Sequence[_DenseLayer]
    dilation: int
    before: _Affine
    halving: Floats


class CamplusNetwork:
    """The network with its weights. Several threads may use it at once.

    Args:
        numbers: The numbers of each layer, by its name in the original.
    """

    def __init__(self, numbers: Mapping[str, Floats]) -> None:
        read = _LayerReader(numbers)
        self._first = read.convolution("head.conv1", "head.bn1", 9)
        self._residuals = [
            (
                read.convolution(f"{name}.conv1", f"{name}.bn1", 9),
                read.convolution(f"{name}.conv2", f"{name}.bn2", 9),
                read.convolution(f"{name}.shortcut.0", f"{name}.shortcut.1", 1) if name.endswith("0") else None,
            )
            for name in ("head.layer1.0", "head.layer1.1", "head.layer2.0", "head.layer2.1")
        ]
        self._last = read.convolution("head.conv2", "head.bn2", 9)
        self._steps = read.convolution("xvector.tdnn.linear", "xvector.tdnn.nonlinear.batchnorm", 5)
        self._blocks = [read.block(number, *block) for number, block in enumerate(_BLOCKS, start=1)]
        self._end = read.affine("xvector.out_nonlinear.batchnorm")
        self._dense = read.convolution("xvector.dense.linear", "xvector.dense.nonlinear.batchnorm", 1)

    def hear(self, bands: Floats, reach: int) -> Floats:
        """Go through a stretch of speech.

        Args:
            bands: A row for each 10 ms, as `log_mel_bands` returns them, less their mean.
            reach: How many moments before and after each one are heard as its context.

        Returns:
            A column for each moment, of 20 ms: what is told of it.
        """
        sound = np.ascontiguousarray(bands.T)[None]
        sound = _convolved(sound, self._first, 1)
        for one, other, shortcut in self._residuals:
            stride = 1 if shortcut is None else 2
            direct = sound if shortcut is None else _projected(sound[:, ::2], shortcut)
            sound = _convolved(_convolved(sound, one, stride), other, 1, added=direct)
        sound = _convolved(sound, self._last, 2)
        told = _relu(_stepped(sound.reshape(-1, sound.shape[2]), self._steps, stride=2))
        for block in self._blocks:
            told = _through(block, told, reach)
        return _activated(told, self._end)

    def vectors(self, told: Floats, begins: Sequence[int], ends: Sequence[int]) -> Floats:
        """Turn parts of a stretch into vectors, near to others of the same voice.

        Args:
            told: What `hear` returns.
            begins: The moment that each part begins with.
            ends: The moment after its last one; at least two moments later.

        Returns:
            A row of length 1 for each part.
        """
        sums = np.zeros((2, told.shape[0], told.shape[1] + 1))
        np.cumsum(told, axis=1, out=sums[0, :, 1:])
        np.cumsum(told.astype(np.float64) ** 2, axis=1, out=sums[1, :, 1:])
        counts = np.subtract(ends, begins)
        means, squares = (sums[:, :, ends] - sums[:, :, begins]) / counts
        deviations = np.sqrt(np.maximum(squares - means**2, 0) * (counts / (counts - 1)))
        pooled = np.concatenate([means, deviations]).astype(np.float32)
        vectors = (self._dense.matrix @ pooled + self._dense.bias[:, None]).T
        scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return scaled


class _LayerReader:
    """Puts the numbers of layers together as they are used."""

    def __init__(self, numbers: Mapping[str, Floats]) -> None:
        self._numbers = numbers

    def affine(self, name: str) -> _Affine:
        mean, variance = self._numbers[f"{name}.running_mean"], self._numbers[f"{name}.running_var"]
        scale = 1 / np.sqrt(variance + _EPSILON)
        # The last normalization has neither of these.
        scale = scale * self._numbers.get(f"{name}.weight", np.float32(1))
        return _Affine(scale, self._numbers.get(f"{name}.bias", np.float32(0)) - mean * scale)

    def convolution(self, name: str, normalization: str, places: int) -> _NormalizedConvolution:
        """Return a convolution whose matrix has its columns by place, then by channel."""
        scale, shift = self.affine(normalization)
        matrix = self._numbers[f"{name}.weight"].reshape(len(scale), -1, places)
        by_place = np.ascontiguousarray(matrix.transpose(0, 2, 1)).reshape(len(scale), -1)
        return _NormalizedConvolution(by_place * scale[:, None], shift)

    def block(self, number: int, count: int, dilation: int) -> _DenseBlock:
        layers = [self.dense_layer(f"xvector.block{number}.tdnnd{layer}") for layer in range(1, count + 1)]
        before = self.affine(f"xvector.transit{number}.nonlinear.batchnorm")
        halving = self._numbers[f"xvector.transit{number}.linear.weight"].reshape(-1, len(before.scale))
        return _DenseBlock(layers, dilation, before, halving)

    def dense_layer(self, name: str) -> _DenseLayer:
        inner_bias, outer_bias = (self._numbers[f"{name}.cam_layer.linear{which}.bias"] for which in (1, 2))
        local = self._numbers[f"{name}.cam_layer.linear_local.weight"].reshape(len(outer_bias), -1, 3)
        return _DenseLayer(
            before=self.affine(f"{name}.nonlinear1.batchnorm"),
            narrow=self.convolution(f"{name}.linear1", f"{name}.nonlinear2.batchnorm", 1),
            local=np.ascontiguousarray(local.transpose(0, 2, 1)).reshape(len(local), -1),
            inner=_NormalizedConvolution(
                self._numbers[f"{name}.cam_layer.linear1.weight"].reshape(len(inner_bias), -1), inner_bias
            ),
            outer=_NormalizedConvolution(
                self._numbers[f"{name}.cam_layer.linear2.weight"].reshape(len(outer_bias), -1), outer_bias
            ),
        )


def _convolved(sound: Floats, convolution: _NormalizedConvolution, stride: int, added: Floats | None = None) -> Floats:
    """Convolve by channel, band and step, over three bands and three steps.

    Args:
        sound: What is convolved.
        convolution: With what.
        stride: From which band to which the next one is.
        added: Is added to the outcome.

    Returns:
        The outcome; what is below 0 is 0.
    """
    channels, bands, steps = sound.shape
    padded = np.pad(sound, ((0, 0), (1, 1), (1, 1)))
    rows = -(-bands // stride)
    convolved = np.empty((len(convolution.matrix), rows, steps), np.float32)
    at_once = max(1, _COLUMNS // steps)
    for begin in range(0, rows, at_once):
        count = min(at_once, rows - begin)
        gathered = np.empty((3, 3, channels, count, steps), np.float32)
        for band in range(3):
            first = begin * stride + band
            for step in range(3):
                gathered[band, step] = padded[:, first : first + (count - 1) * stride + 1 : stride, step : step + steps]
        part = convolution.matrix @ gathered.reshape(9 * channels, -1)
        part += convolution.bias[:, None]
        part = part.reshape(-1, count, steps)
        if added is not None:
            part += added[:, begin : begin + count]
        np.maximum(part, 0, out=convolved[:, begin : begin + count])
    return convolved


def _projected(sound: Floats, convolution: _NormalizedConvolution) -> Floats:
    channels, bands, steps = sound.shape
    projected = convolution.matrix @ np.ascontiguousarray(sound).reshape(channels, -1) + convolution.bias[:, None]
    return projected.reshape(-1, bands, steps)


def _stepped(sound: Floats, convolution: _NormalizedConvolution, stride: int) -> Floats:
    """Convolve by channel and step, over as many steps as the matrix has columns for."""
    channels, steps = sound.shape
    places = convolution.matrix.shape[1] // channels
    padded = np.pad(sound, ((0, 0), (places // 2, places // 2)))
    gathered = np.concatenate([padded[:, place : place + steps : stride] for place in range(places)])
    stepped: Floats = convolution.matrix @ gathered + convolution.bias[:, None]
    return stepped


def _through(block: _DenseBlock, told: Floats, reach: int) -> Floats:
    """Go through a block: each layer adds channels."""
    channels, steps = told.shape
    width = len(block.layers[0].local)
    held = np.empty((channels + width * len(block.layers), steps), np.float32)
    held[:channels] = told
    means = _Means(steps, reach)
    for layer in block.layers:
        narrow = layer.narrow.matrix @ _activated(held[:channels], layer.before)
        narrow += layer.narrow.bias[:, None]
        np.maximum(narrow, 0, out=narrow)
        inner = _relu(layer.inner.matrix @ (2 * means.of(narrow)) + layer.inner.bias[:, None])
        gate = layer.outer.matrix @ inner + layer.outer.bias[:, None]
        padded = np.pad(narrow, ((0, 0), (block.dilation, block.dilation)))
        gathered = np.concatenate([padded[:, at * block.dilation : at * block.dilation + steps] for at in range(3)])
        np.multiply(layer.local @ gathered, 0.5 * np.tanh(0.5 * gate) + 0.5, out=held[channels : channels + width])
        channels += width
    return block.halving @ _activated(held, block.before)


class _Means:
    """The mean of what is around each moment."""

    def __init__(self, steps: int, reach: int) -> None:
        middles = np.arange(steps)
        self._begins = np.maximum(middles - reach, 0)
        self._ends = np.minimum(middles + reach + 1, steps)
        self._shares = (1 / (self._ends - self._begins)).astype(np.float32)

    def of(self, told: Floats) -> Floats:
        """Return the means of each channel."""
        sums = np.zeros((len(told), told.shape[1] + 1), np.float32)
        np.cumsum(told, axis=1, out=sums[:, 1:])
        means: Floats = (sums[:, self._ends] - sums[:, self._begins]) * self._shares
        return means


def _activated(told: Floats, affine: _Affine) -> Floats:
    active = told * affine.scale[:, None]
    active += affine.shift[:, None]
    return _relu(active)


def _relu(values: Floats) -> Floats:
    return np.maximum(values, 0, out=values)
