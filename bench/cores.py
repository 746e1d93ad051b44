"""The speed-up of the built-in engine by a second core, on the sample repeated to five minutes.

python bench/cores.py
"""

from __future__ import annotations

import statistics
import tempfile
import wave
from pathlib import Path

from measure import PROGRAM, SAMPLE, run_once

from anyscribe.audio import probe

_SECONDS = 300
_PAIRS = 3


def main() -> None:
    """Print the speed-up."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "five-minutes.wav"
        seconds = repeat_sample(path)
        command = [PROGRAM, "--local", "--model", "sphinx", str(path)]
        pairs = [(run_once(command, cores={0}).wall_s, run_once(command, cores={0, 1}).wall_s) for _ in range(_PAIRS)]
    one, two = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(first / second for first, second in pairs)
    print(f"{seconds:.0f} s of speech: one core {one:.1f} s, two cores {two:.1f} s")
    print(f"   ratio {ratio:.2f}   (at least 1.7), {seconds / two:.1f} times as fast as it is spoken")


def repeat_sample(path: Path) -> float:
    """Write the sample repeatedly until it is long enough.

    Returns:
        The length of the result, in seconds.
    """
    speech = b"".join(probe(SAMPLE).pcm())
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        while file.getnframes() < _SECONDS * 16_000:
            file.writeframes(speech)
        return file.getnframes() / 16_000


if __name__ == "__main__":
    main()
