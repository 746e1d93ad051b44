"""The built-in engine beside faster-whisper's batched pipeline: whole processes, the same weights, the same file.

    python bench/local_speed.py [RECORDING]

Without a recording, the sample is repeated to five minutes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import wave
from pathlib import Path

from measure import PROGRAM, SAMPLE, run_once

from anyscribe.audio import probe
from anyscribe.engines.whisper.catalogue import find_weights

_SECONDS = 300
_PAIRS = 3
_LIBRARY = """
import sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
model = WhisperModel(sys.argv[2], device="cpu", compute_type="int8", cpu_threads=2)
segments, _ = BatchedInferencePipeline(model).transcribe(sys.argv[1], batch_size=8)
print("".join(segment.text for segment in segments))
"""


def main() -> None:
    """Print the ratio and the words that each finds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "five-minutes.wav" if len(sys.argv) == 1 else Path(sys.argv[1])
        seconds = repeat_sample(path) if len(sys.argv) == 1 else (probe(path).duration_ms or 0) / 1000
        ours = [PROGRAM, "--local", "--model", "tiny.en", "--quiet", str(path)]
        library = [sys.executable, "-c", _LIBRARY, str(path), str(find_weights("tiny.en"))]
        pairs = [(run_once(ours, cores={0, 1}), run_once(library, cores={0, 1})) for _ in range(_PAIRS)]
    ratio = statistics.median(theirs.wall_s / own.wall_s for own, theirs in pairs)
    own, theirs = pairs[-1]
    print(f"{seconds:.0f} s: {own.wall_s:.1f} s and {theirs.wall_s:.1f} s, {seconds / own.wall_s:.0f} times real time")
    print(f"   speed, as a part of the library's {ratio:.2f}   (at least 0.9)")


def repeat_sample(path: Path, least_s: int = _SECONDS) -> float:
    """Write the sample repeatedly until it is long enough.

    Args:
        path: The file.
        least_s: How long it has to be, in seconds.

    Returns:
        The length of the result, in seconds.
    """
    speech = b"".join(probe(SAMPLE).pcm())
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        while file.getnframes() < least_s * 16_000:
            file.writeframes(speech)
        return file.getnframes() / 16_000


if __name__ == "__main__":
    main()
