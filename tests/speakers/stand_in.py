"""A voice model as small as can be, in the shape of CAM++ and in a file as PyTorch writes it."""

from __future__ import annotations

import io
import pickle
import sys
import types
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

HEAD, FIRST, GROWTH, NARROW, INNER, WIDTH = 2, 8, 2, 4, 2, 6
BLOCKS = (12, 24, 16)


class _Maker:
    """Makes random weights by name."""

    def __init__(self) -> None:
        self._generator = np.random.default_rng(3)
        self.made: dict[str, np.ndarray] = {}

    def weight(self, name: str, *shape: int) -> None:
        """Make a matrix."""
        self.made[f"{name}.weight"] = self._generator.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))

    def normalization(self, name: str, size: int) -> None:
        """Make a normalization."""
        self.made[f"{name}.weight"] = self._generator.uniform(0.5, 1.5, size)
        self.made[f"{name}.bias"] = self._generator.standard_normal(size) / 2
        self.made[f"{name}.running_mean"] = self._generator.standard_normal(size) / 4
        self.made[f"{name}.running_var"] = self._generator.uniform(0.5, 1.5, size)
        self.made[f"{name}.num_batches_tracked"] = np.zeros((), np.int64)

    def head(self) -> None:
        """Make the convolutions over bands and steps."""
        for name, before in (("conv1", 1), ("conv2", HEAD)):
            self.weight(f"head.{name}", HEAD, before, 3, 3)
            self.normalization(f"head.bn{name[-1]}", HEAD)
        for layer in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
            for which in (1, 2):
                self.weight(f"head.{layer}.conv{which}", HEAD, HEAD, 3, 3)
                self.normalization(f"head.{layer}.bn{which}", HEAD)
            if layer.endswith("0"):
                self.weight(f"head.{layer}.shortcut.0", HEAD, HEAD, 1, 1)
                self.normalization(f"head.{layer}.shortcut.1", HEAD)

    def dense_layer(self, name: str, channels: int) -> None:
        """Make a layer that adds channels."""
        self.normalization(f"{name}.nonlinear1.batchnorm", channels)
        self.weight(f"{name}.linear1", NARROW, channels, 1)
        self.normalization(f"{name}.nonlinear2.batchnorm", NARROW)
        self.weight(f"{name}.cam_layer.linear_local", GROWTH, NARROW, 3)
        for which, size, before in ((1, INNER, NARROW), (2, GROWTH, INNER)):
            self.weight(f"{name}.cam_layer.linear{which}", size, before, 1)
            self.made[f"{name}.cam_layer.linear{which}.bias"] = self._generator.standard_normal(size)


def numbers() -> dict[str, np.ndarray]:
    """Return random weights by name."""
    maker = _Maker()
    maker.head()
    maker.weight("xvector.tdnn.linear", FIRST, 10 * HEAD, 5)
    maker.normalization("xvector.tdnn.nonlinear.batchnorm", FIRST)
    channels = FIRST
    for block, count in enumerate(BLOCKS, start=1):
        for number in range(1, count + 1):
            maker.dense_layer(f"xvector.block{block}.tdnnd{number}", channels)
            channels += GROWTH
        maker.normalization(f"xvector.transit{block}.nonlinear.batchnorm", channels)
        maker.weight(f"xvector.transit{block}.linear", channels // 2, channels, 1)
        channels //= 2
    maker.normalization("xvector.out_nonlinear.batchnorm", channels)
    maker.weight("xvector.dense.linear", WIDTH, 2 * channels, 1)
    maker.normalization("xvector.dense.nonlinear.batchnorm", WIDTH)
    for absent in ("weight", "bias"):
        del maker.made[f"xvector.dense.nonlinear.batchnorm.{absent}"]
    return {name: one if one.dtype == np.int64 else one.astype(np.float32) for name, one in maker.made.items()}


class _Storage:
    """Numbers that stand in an entry of their own."""

    def __init__(self, entry: str, size: int) -> None:
        self.entry, self.size = entry, size


class _Pickler(pickle.Pickler):
    def persistent_id(self, given: object) -> tuple[object, ...] | None:
        return ("storage", dict, given.entry, "cpu", given.size) if isinstance(given, _Storage) else None


class _Tensor:
    def __init__(self, entry: str, values: np.ndarray) -> None:
        self._given = (_Storage(entry, values.size), 0, values.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self._given  # noqa: SLF001 - its name in such files


def write(path: Path) -> bytes:
    """Write the model to a file, and return its bytes."""
    module = types.ModuleType("torch._utils")

    def _rebuild_tensor_v2() -> None:
        raise AssertionError("nothing in the file is executed")

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = module.__name__, _rebuild_tensor_v2.__name__
    module._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]  # noqa: SLF001 - likewise
    named = numbers()
    pickled = io.BytesIO()
    sys.modules |= {"torch": types.ModuleType("torch"), module.__name__: module}
    try:
        entries = {name: str(94_000_000 + index) for index, name in enumerate(named)}
        _Pickler(pickled, 2).dump({name: _Tensor(entries[name], values) for name, values in named.items()})
    finally:
        del sys.modules[module.__name__], sys.modules["torch"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        for name, values in named.items():
            archive.writestr(f"archive/data/{entries[name]}", values.tobytes())
    return path.read_bytes()
