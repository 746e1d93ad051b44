"""The phoneme model: a small Conformer that hears which sounds are said, in frames of 20 ms.

Its architecture and weights are those of the package `hama`; `docs/decisions/0022-aligner.md` says why it is run here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.alignment.ctc.weights import read_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FRAME_SAMPLES: Final = 320
"""Samples from one frame to the next, at 16,000 a second."""

FRAME_MS: Final = 20
LEAST_SAMPLES: Final = 400
"""The shortest sound that can be heard."""

_WINDOW_SAMPLES: Final = 400
_HOP_SAMPLES: Final = 160
_LEAST_POWER: Final = 1e-10
_WIDTH: Final = 144
_HEADS: Final = 4
_BLOCKS: Final = 4
_FIRST_MATRIX: Final = 829
_MATRICES_APART: Final = 9
"""The matrices of a block are six of nine consecutive numbers."""

_FIRST_DEPTHWISE: Final = 804
_DEPTHWISE_APART: Final = 3
_DEPTHWISE_FRAMES: Final = 31


class _Norm(NamedTuple):
    weight: Floats
    bias: Floats


class _FeedForward(NamedTuple):
    norm: _Norm
    matrix1: Floats
    bias1: Floats
    matrix2: Floats
    bias2: Floats


class _Attention(NamedTuple):
    norm: _Norm
    matrix_in: Floats
    bias_in: Floats
    matrix_out: Floats
    bias_out: Floats


class _Convolution(NamedTuple):
    norm: _Norm
    matrix1: Floats
    bias1: Floats
    depthwise: Floats
    depthwise_bias: Floats
    matrix2: Floats
    bias2: Floats


class _Block(NamedTuple):
    feed_forward1: _FeedForward
    attention: _Attention
    convolution: _Convolution
    feed_forward2: _FeedForward
    norm: _Norm


class PhonemeNetwork:
    """The network with its weights, which it reads when it is created. Several threads may use it at once.

    Raises:
        AlignerUnavailableError: The weights cannot be read.
    """

    def __init__(self) -> None:
        weights = read_weights()
        tensors = {name: np.asarray(tensor, np.float32) for name, tensor in weights.tensors.items()}
        self.symbols: Final = weights.symbols
        """The symbol of each output; the last two are the boundary of words and the blank."""

        self._window = tensors["stft_real_kernel"][0, 0]
        self._mel = tensors["mel_fb"]
        self._stem = np.ascontiguousarray(tensors["onnx::Conv_801"].transpose(2, 1, 0).reshape(-1, _WIDTH))
        self._stem_bias = tensors["onnx::Conv_802"]
        self._blocks = [_block(tensors, index) for index in range(_BLOCKS)]
        self._output = _pointwise(tensors["acoustic_model.model.proj.weight"])
        self._output_bias = tensors["acoustic_model.model.proj.bias"]

    def log_probabilities(self, samples: Floats) -> Floats:
        """Hear a stretch of sound; its length costs time and memory by its square, so it should be some seconds.

        Args:
            samples: Samples from -1 to 1, 16,000 a second, at least `LEAST_SAMPLES` of them.

        Returns:
            The natural logarithm of each symbol's probability: a row for each frame, a column for each symbol.
        """
        hidden = self._subsampled(self._spectrogram(samples))
        for block in self._blocks:
            hidden += _feed_forward(hidden, block.feed_forward1)
            hidden += _attention(hidden, block.attention)
            hidden += _convolution(hidden, block.convolution)
            hidden += _feed_forward(hidden, block.feed_forward2)
            hidden = _normalized(hidden, block.norm)
        logits = hidden @ self._output
        logits += self._output_bias
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return logits

    def _spectrogram(self, samples: Floats) -> Floats:
        padded = np.pad(samples, _WINDOW_SAMPLES // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::_HOP_SAMPLES]
        spectrum = np.fft.rfft(frames * self._window, axis=1)
        power = np.square(spectrum.real, dtype=np.float32) + np.square(spectrum.imag, dtype=np.float32)
        return np.log(np.maximum(power @ self._mel, _LEAST_POWER, dtype=np.float32))

    def _subsampled(self, spectrogram: Floats) -> Floats:
        """Convolve three frames at a time, at every other frame."""
        padded = np.pad(spectrogram, ((1, 1), (0, 0)))
        frames = (len(padded) - 1) // 2
        three = [padded[first : first + 2 * frames - 1 : 2] for first in range(3)]
        hidden = np.concatenate(three, axis=1) @ self._stem
        hidden += self._stem_bias
        return _gelu(hidden)


def _block(tensors: Mapping[str, Floats], index: int) -> _Block:
    def own(name: str) -> Floats:
        return tensors[f"acoustic_model.model.blocks.{index}.{name}"]

    def norm(name: str) -> _Norm:
        return _Norm(own(f"{name}.weight"), own(f"{name}.bias"))

    first = _FIRST_MATRIX + index * _MATRICES_APART
    up1, down1, attention_in, attention_out, up2, down2 = (
        tensors[f"onnx::MatMul_{first + place}"] for place in (0, 1, 2, 6, 7, 8)
    )
    depthwise = _FIRST_DEPTHWISE + index * _DEPTHWISE_APART
    half = np.float32(0.5)
    return _Block(
        _FeedForward(norm("ffn1.norm"), up1, own("ffn1.fc1.bias"), down1 * half, own("ffn1.fc2.bias") * half),
        _Attention(norm("attn_norm"), attention_in, own("attn.in_proj_bias"), attention_out, own("attn.out_proj.bias")),
        _Convolution(
            norm("conv.norm"),
            _pointwise(own("conv.pointwise1.weight")),
            own("conv.pointwise1.bias"),
            np.ascontiguousarray(tensors[f"onnx::Conv_{depthwise}"][:, 0].T),
            tensors[f"onnx::Conv_{depthwise + 1}"],
            _pointwise(own("conv.pointwise2.weight")),
            own("conv.pointwise2.bias"),
        ),
        _FeedForward(norm("ffn2.norm"), up2, own("ffn2.fc1.bias"), down2 * half, own("ffn2.fc2.bias") * half),
        norm("norm"),
    )


def _pointwise(kernel: Floats) -> Floats:
    return np.ascontiguousarray(kernel[:, :, 0].T)


def _normalized(hidden: Floats, norm: _Norm) -> Floats:
    centred: Floats = hidden - hidden.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred)[:, None] / np.float32(_WIDTH)
    centred /= np.sqrt(variance + np.float32(1e-5))
    centred *= norm.weight
    centred += norm.bias
    return centred


def _feed_forward(hidden: Floats, weights: _FeedForward) -> Floats:
    wide: Floats = _normalized(hidden, weights.norm) @ weights.matrix1
    wide += weights.bias1
    wide *= _sigmoid(wide)
    result: Floats = wide @ weights.matrix2
    result += weights.bias2
    return result


def _attention(hidden: Floats, weights: _Attention) -> Floats:
    joined = _normalized(hidden, weights.norm) @ weights.matrix_in
    joined += weights.bias_in
    frames, size = len(hidden), _WIDTH // _HEADS
    divided: Floats = joined.reshape(frames, 3, _HEADS, size).transpose(1, 2, 0, 3)
    queries, keys, values = divided
    shares = np.matmul(queries * np.float32(size**-0.5), keys.transpose(0, 2, 1), dtype=np.float32)
    shares -= shares.max(axis=2, keepdims=True)
    np.exp(shares, out=shares)
    seen = (shares @ np.ascontiguousarray(values)) / shares.sum(axis=2, keepdims=True)
    result: Floats = seen.transpose(1, 0, 2).reshape(frames, _WIDTH) @ weights.matrix_out
    result += weights.bias_out
    return result


def _convolution(hidden: Floats, weights: _Convolution) -> Floats:
    wide: Floats = _normalized(hidden, weights.norm) @ weights.matrix1
    wide += weights.bias1
    margin = _DEPTHWISE_FRAMES // 2
    padded = np.zeros((len(hidden) + 2 * margin, _WIDTH), np.float32)
    gate = _sigmoid(np.ascontiguousarray(wide[:, _WIDTH:]))
    np.multiply(wide[:, :_WIDTH], gate, out=padded[margin:-margin])
    total = np.repeat(weights.depthwise_bias[None], len(hidden), axis=0)
    product = np.empty_like(total)
    for frame, kernel in enumerate(weights.depthwise):
        np.multiply(padded[frame : frame + len(hidden)], kernel, out=product)
        total += product
    total *= _sigmoid(total)
    result: Floats = total @ weights.matrix2
    result += weights.bias2
    return result


def _sigmoid(values: Floats) -> Floats:
    result = np.exp(-values)
    result += 1
    return np.reciprocal(result, out=result)


def _gelu(values: Floats) -> Floats:
    """Return the Gaussian error linear unit.

    NumPy has no error function; this series differs from it by at most 1.5e-7.
    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
    """
    size = np.abs(values) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.zeros_like(t)
    for coefficient in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(coefficient)) * t
    error = np.copysign(1 - series * np.exp(-size * size), values)
    result: Floats = values * (1 + error) * np.float32(0.5)
    return result
