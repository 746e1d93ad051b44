"""CAM++: its weights are read from PyTorch's file, and its vectors are those of the original's formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from speakers import stand_in

from anyscribe.speakers.camplus.bands import BANDS, log_mel_bands
from anyscribe.speakers.camplus.listening import Band, listen
from anyscribe.speakers.camplus.network import CamplusNetwork
from anyscribe.speakers.camplus.weights import numbers_by_name
from anyscribe.speakers.units import divide
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = 10_000
"""More moments than any stretch here has."""


class Original:
    """The network as it is defined, for one window that is shorter than two seconds."""

    def __init__(self, numbers: dict[str, np.ndarray]) -> None:
        self.numbers = numbers

    def normalized(self, name: str, values: np.ndarray) -> np.ndarray:
        """Return values by channel, normalized as in training."""
        of = {key: self.numbers.get(f"{name}.{key}", other) for key, other in (("weight", 1), ("bias", 0))}
        mean, variance = (self.numbers[f"{name}.running_{key}"] for key in ("mean", "var"))
        wide = (slice(None), *[None] * (values.ndim - 1))
        scaled = (values - mean[wide]) / np.sqrt(variance[wide] + 1e-5)
        return scaled * np.broadcast_to(of["weight"], mean.shape)[wide] + np.broadcast_to(of["bias"], mean.shape)[wide]

    def flat(self, name: str, values: np.ndarray, stride: int) -> np.ndarray:
        """Convolve over bands and steps."""
        weight = self.numbers[f"{name}.weight"]
        reach = weight.shape[2] // 2
        padded = np.pad(values, ((0, 0), (reach, reach), (reach, reach)))
        views = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(1, 2))[:, ::stride]
        return np.einsum("ocij,cftij->oft", weight, views)

    def long(self, name: str, values: np.ndarray, stride: int = 1, dilation: int = 1) -> np.ndarray:
        """Convolve over steps."""
        weight = self.numbers[f"{name}.weight"]
        reach = weight.shape[2] // 2 * dilation
        padded = np.pad(values, ((0, 0), (reach, reach)))
        steps = range(0, values.shape[1], stride)
        return np.stack(
            [np.einsum("oci,ci->o", weight, padded[:, at : at + 2 * reach + 1 : dilation]) for at in steps], axis=1
        )

    def vector(self, bands: np.ndarray) -> np.ndarray:
        """Return the vector of a window."""
        sound = np.maximum(self.normalized("head.bn1", self.flat("head.conv1", bands.T[None], 1)), 0)
        for layer, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
            name = f"head.{layer}"
            inner = np.maximum(self.normalized(f"{name}.bn1", self.flat(f"{name}.conv1", sound, stride)), 0)
            outer = self.normalized(f"{name}.bn2", self.flat(f"{name}.conv2", inner, 1))
            if stride > 1:
                sound = self.normalized(f"{name}.shortcut.1", self.flat(f"{name}.shortcut.0", sound, stride))
            sound = np.maximum(outer + sound, 0)
        sound = np.maximum(self.normalized("head.bn2", self.flat("head.conv2", sound, 2)), 0)
        told = self.active("xvector.tdnn.nonlinear", self.long("xvector.tdnn.linear", sound.reshape(-1, len(bands)), 2))
        for block, (count, dilation) in enumerate(zip(stand_in.BLOCKS, (1, 2, 2), strict=True), start=1):
            for number in range(1, count + 1):
                name = f"xvector.block{block}.tdnnd{number}"
                narrow = self.long(f"{name}.linear1", self.active(f"{name}.nonlinear1", told))
                narrow = self.active(f"{name}.nonlinear2", narrow)
                # The mean of the window, and that of its part of two seconds.
                context = 2 * narrow.mean(axis=1, keepdims=True)
                for which in (1, 2):
                    context = self.long(f"{name}.cam_layer.linear{which}", context)
                    context += self.numbers[f"{name}.cam_layer.linear{which}.bias"][:, None]
                    context = np.maximum(context, 0) if which == 1 else 1 / (1 + np.exp(-context))
                local = self.long(f"{name}.cam_layer.linear_local", narrow, dilation=dilation)
                told = np.concatenate([told, local * context])
            name = f"xvector.transit{block}"
            told = self.long(f"{name}.linear", self.active(f"{name}.nonlinear", told))
        told = self.active("xvector.out_nonlinear", told)
        pooled = np.concatenate([told.mean(axis=1), told.std(axis=1, ddof=1)])[:, None]
        vector = self.normalized("xvector.dense.nonlinear.batchnorm", self.long("xvector.dense.linear", pooled))[:, 0]
        return vector / np.linalg.norm(vector)

    def active(self, name: str, values: np.ndarray) -> np.ndarray:
        """Return normalized values without those below 0."""
        return np.maximum(self.normalized(f"{name}.batchnorm", values), 0)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    return numbers_by_name(stand_in.write(tmp_path_factory.mktemp("model") / "model.pt"))


def test_weights_are_found_by_name(tmp_path: Path) -> None:
    """The numbers in PyTorch's file are found without executing its pickle."""
    expected = {name: one for name, one in stand_in.numbers().items() if not name.endswith("num_batches_tracked")}
    found = numbers_by_name(stand_in.write(tmp_path / "model.pt"))
    assert found.keys() == expected.keys()
    assert all((found[name] == one.ravel()).all() for name, one in expected.items())


@pytest.mark.parametrize("steps", [50, 97, 150])
def test_vectors_are_the_originals(numbers: dict[str, np.ndarray], steps: int) -> None:
    """The vector of a window is the one of the original's formulas, which are written down here in another way."""
    bands = np.random.default_rng(steps).standard_normal((steps, BANDS)).astype(np.float32)
    network = CamplusNetwork(numbers)
    told = network.hear(bands, WHOLE)
    vector = network.vectors(told, [0], [told.shape[1]])[0]
    assert vector == pytest.approx(Original(stand_in.numbers()).vector(bands), abs=2e-4)


def test_what_is_far_away_does_not_matter(numbers: dict[str, np.ndarray]) -> None:
    """What is told of a moment depends on the speech around it, wherever it is in a stretch."""
    network = CamplusNetwork(numbers)
    bands = np.random.default_rng(1).standard_normal((1_600, BANDS)).astype(np.float32)
    long, short = network.hear(bands, 10), network.hear(bands[:1_400], 10)
    assert long.shape[1] == 800
    assert np.abs(long[:, :50] - short[:, :50]).max() < 1e-3


def test_bands_of_a_tone() -> None:
    """A tone is in the band of its height, at the same place whatever its loudness."""
    tone = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000).astype(np.float32)
    loud, quiet = log_mel_bands(tone / 2), log_mel_bands(tone / 20)
    assert loud.shape == (98, BANDS)
    assert set(loud.argmax(axis=1)) == set(quiet.argmax(axis=1)) == {27}
    assert (loud - quiet)[:, 27] == pytest.approx(np.log(100), abs=1e-3)


def test_a_voice_for_each_unit(numbers: dict[str, np.ndarray]) -> None:
    """Each unit has a vector, also of a word that is shorter than a frame and of one after the end of the audio."""
    sound = (np.random.default_rng(2).standard_normal(32_000) * 3_000).astype("<i2")
    units = divide([Span(0, 900), Span(950, 1_000), Span(1_500, 1_505), Span(2_500, 2_700)])
    *both, band = listen(CamplusNetwork(numbers), [sound.tobytes()], units)
    for vectors in both:
        assert vectors.shape == (len(units), stand_in.WIDTH)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(units)), abs=1e-4)
    assert band is Band.FULL


@pytest.mark.parametrize(("noise", "expected"), [(0, Band.NARROW), (4, Band.NARROW), (200, Band.NOISE)])
def test_a_telephones_band_is_noticed(numbers: dict[str, np.ndarray], noise: float, expected: Band) -> None:
    """Speech without anything above a telephone's band is told of, and so is steady noise above it."""
    generator = np.random.default_rng(2)
    spectrum = np.fft.rfft(generator.standard_normal(48_000))
    hertz = np.fft.rfftfreq(48_000, 1 / 16_000)
    spectrum[(hertz < 300) | (hertz > 3_400)] = 0
    narrow = np.fft.irfft(spectrum) * 6_000 + generator.standard_normal(48_000) * noise
    units = divide([Span(0, 3_000)])
    *_, band = listen(CamplusNetwork(numbers), [narrow.astype("<i2").tobytes()], units)
    assert band is expected
