"""Make two models of a few kilobytes in the form that sherpa-onnx wants: `python tests/media/sherpa/make.py`.

The first hears three "voices", tones of 300, 1,000 and 2,500 Hz, by filters; the second describes a spectrum by its
coarse shape. It needs the package `onnx`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE_HZ = 16_000
TONES_HZ = (300, 1_000, 2_500)
WINDOW = 160_000
FIELD, STEP = 991, 270
TAPS = 64
CLASSES = 7
BANDS, WIDTH = 80, 8
SEGMENTATION = {
    "model_type": "pyannote-segmentation-3.0",
    "num_speakers": 3,
    "powerset_max_classes": 2,
    "num_classes": CLASSES,
    "sample_rate": RATE_HZ,
    "window_size": WINDOW,
    "receptive_field_size": FIELD,
    "receptive_field_shift": STEP,
}
EMBEDDING = {
    "framework": "3d-speaker",
    "language": "any",
    "sample_rate": RATE_HZ,
    "output_dim": WIDTH,
    "normalize_samples": 1,
}


def main() -> None:
    """Write both models."""
    folder = Path(__file__).parent
    times = np.arange(TAPS) / RATE_HZ
    filters = np.array([np.cos(2 * np.pi * tone * times) * np.hanning(TAPS) for tone in TONES_HZ])[:, None]
    # A class each for silence, for one of the three, and for two of them, which never wins.
    mixed = np.zeros((CLASSES, len(TONES_HZ), 1))
    mixed[[1, 2, 3], [0, 1, 2]] = 1
    least = np.array([0.05, 0, 0, 0, -1, -1, -1])
    nodes = [
        helper.make_node("Conv", ["x", "filters"], ["tones"]),
        helper.make_node("Abs", ["tones"], ["loud"]),
        helper.make_node("AveragePool", ["loud"], ["frames"], kernel_shape=[FIELD - TAPS + 1], strides=[STEP]),
        helper.make_node("Conv", ["frames", "mixed", "least"], ["classes"]),
        helper.make_node("Transpose", ["classes"], ["y"], perm=[0, 2, 1]),
    ]
    weights = {"filters": filters / TAPS * 4, "mixed": mixed, "least": least}
    shapes = ("x", ["N", 1, "T"]), ("y", ["N", "F", CLASSES])
    write(folder / "segmentation.onnx", nodes, weights, shapes, SEGMENTATION)
    bands = np.arange(BANDS)
    shape = np.cos(np.pi * np.outer(bands + 0.5, np.arange(1, WIDTH + 1)) / BANDS)
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "shape"], ["embedding"]),
    ]
    shapes = ("x", ["N", "T", BANDS]), ("embedding", ["N", WIDTH])
    write(folder / "embedding.onnx", nodes, {"shape": shape / BANDS}, shapes, EMBEDDING)


def write(path: Path, nodes: list, weights: dict, shapes: tuple, metadata: dict) -> None:
    """Write a model."""
    (name_in, shape_in), (name_out, shape_out) = shapes
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info(name_in, TensorProto.FLOAT, shape_in)],
        [helper.make_tensor_value_info(name_out, TensorProto.FLOAT, shape_out)],
        [numpy_helper.from_array(np.float32(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    main()
