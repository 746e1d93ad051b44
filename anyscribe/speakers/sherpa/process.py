"""The process in which sherpa-onnx works: it ends its process at a model that it cannot use, and cannot be interrupted.

It is given its task as JSON on the command line, and sound on standard input; its answer is JSON on standard output. It
ends when standard input does, which is when the process that started it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
import sherpa_onnx

from anyscribe.request import PCM_RATE_HZ
from anyscribe.speakers.sherpa.task import LENGTH_BYTES, read_task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from anyscribe.speakers.sherpa.task import Task

    Floats = NDArray[np.float32]

_STDOUT: Final = 1
_STDERR: Final = 2
_SCALE: Final = np.float32(1 / (1 << 15))
_LEAST_SAMPLES: Final = PCM_RATE_HZ
_THRESHOLD: Final = 0.5
"""How unlike two windows of one voice may be: 1 less the cosine of their vectors; sherpa-onnx's own choice."""

_SHIFT: Final = 0.1
"""The windows of the first model are so far apart, as a part of their length: sherpa-onnx's own choice. A quarter takes
less than half the time, but two speakers of a telephone call became one."""

_MOST_WINDOWS: Final = 7_200
"""For longer recordings the windows are further apart: memory grows with the square of their number."""

_ANY: Final = -1
"""As many speakers as the threshold makes."""

_FAILED: Final = 1
_SIGNAL_AT_END: Final = 1
"""`PR_SET_PDEATHSIG` of Linux."""


def main() -> None:
    """Do the task of the command line; a failure is a line on standard error."""
    try:
        _do(read_task(sys.argv[1]))
    except Exception as error:  # noqa: BLE001 - whatever a native library has raised
        _end(_FAILED, " ".join(str(error).split()) or type(error).__name__)
    # Destructors of native libraries have nothing to do that is worth waiting for.
    _end(0)


def _do(task: Task) -> None:
    _end_with_parent()
    answer = os.fdopen(os.dup(_STDOUT), "w", encoding="utf-8")
    # Libraries print what they please.
    os.dup2(_STDERR, _STDOUT)
    samples = _read_samples()
    threading.Thread(target=_end_with_input, daemon=True).start()
    turns = _try(task) if task.is_trial else _find_turns(task, samples)
    json.dump(turns, answer)
    answer.flush()


def _find_turns(task: Task, samples: Floats) -> list[tuple[int, int, int]]:
    """Return the start and end of each turn, in milliseconds, and the number of its speaker; turns may overlap."""
    samples = np.pad(samples, (0, max(0, _LEAST_SAMPLES - len(samples))))
    diarizer = sherpa_onnx.OfflineSpeakerDiarization(_config(task, len(samples), _ANY))
    first = task.least if task.least == task.most else _ANY
    found = _heard(diarizer, task, samples, first)
    lacking = _lacking(task, found.num_speakers)
    if lacking and found.num_speakers:
        second = found.num_speakers + lacking if first == _ANY else _ANY
        # More speakers than there are vectors make it one speaker.
        other = _heard(diarizer, task, samples, second)
        found = min(found, other, key=lambda one: abs(_lacking(task, one.num_speakers)))
    return [(round(1000 * one.start), round(1000 * one.end), one.speaker) for one in found.sort_by_start_time()]


def _lacking(task: Task, count: int) -> int:
    """Return how many speakers are too few, or, below 0, too many."""
    return max(task.least, min(count, task.most or count)) - count


def _heard(diarizer: Any, task: Task, samples: Floats, count: int) -> Any:  # noqa: ANN401 - without types
    diarizer.set_config(_config(task, len(samples), count))
    return diarizer.process(samples, _let_others_run)


def _let_others_run(_done: int, _all: int) -> int:
    """Release the interpreter's lock, which sherpa-onnx keeps, so that the end of the input is seen."""
    time.sleep(0)
    return 0


def _try(task: Task) -> list[tuple[int, int, int]]:
    """Load the models, and use each once: what they cannot do is known before a recording is paid for."""
    generator = np.random.default_rng(0)
    noise = generator.standard_normal(_LEAST_SAMPLES).astype(np.float32) * np.float32(0.05)
    _find_turns(task, noise)
    extractor = sherpa_onnx.SpeakerEmbeddingExtractor(_embedding(task))
    stream = extractor.create_stream()
    stream.accept_waveform(PCM_RATE_HZ, noise)
    stream.input_finished()
    vector = np.array(extractor.compute(stream))
    if vector.shape != (extractor.dim,) or not np.isfinite(vector).all():
        raise ValueError(f"the embedding has the shape {vector.shape}, not {extractor.dim}, or is not finite")
    return []


def _config(task: Task, length: int, count: int) -> Any:  # noqa: ANN401 - without types
    model = sherpa_onnx.OfflineSpeakerSegmentationPyannoteModelConfig(
        model=task.segmentation, window_shift_ratio=_shift(length)
    )
    return sherpa_onnx.OfflineSpeakerDiarizationConfig(
        segmentation=sherpa_onnx.OfflineSpeakerSegmentationModelConfig(pyannote=model),
        embedding=_embedding(task),
        clustering=sherpa_onnx.FastClusteringConfig(num_clusters=count, threshold=_THRESHOLD),
    )


def _embedding(task: Task) -> Any:  # noqa: ANN401 - without types
    return sherpa_onnx.SpeakerEmbeddingExtractorConfig(model=task.embedding)


def _shift(length: int) -> float:
    """Return how far windows are apart, as a part of their length, for sound of so many samples."""
    return max(_SHIFT, length / (10 * PCM_RATE_HZ) / _MOST_WINDOWS)


def _read_samples() -> Floats:
    parts = []
    while length := int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES), "little"):
        parts.append(np.frombuffer(sys.stdin.buffer.read(length), "<i2") * _SCALE)
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _end_with_parent() -> None:
    """Have the system end this process when the one that started it ends, where it can."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SIGNAL_AT_END, signal.SIGKILL)


def _end_with_input() -> None:
    """End this process when its input ends, which is when the one that started it does."""
    sys.stdin.buffer.read()
    _end(_FAILED)


def _end(code: int, told: str = "") -> NoReturn:
    if told:
        sys.stderr.write(f"{told}\n")
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
