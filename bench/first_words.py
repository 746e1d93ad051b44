"""The time until the first words of an hour-long recording appear, transcribed on this machine.

python bench/first_words.py
"""

from __future__ import annotations

import subprocess
import tempfile
import time
import wave
from pathlib import Path

from measure import PROGRAM, SAMPLE

from anyscribe.audio import probe
from anyscribe.request import PCM_BYTES_PER_MS, PCM_RATE_HZ

HOUR_MS = 3_600_000


def main() -> None:
    """Repeat the sample for an hour, and stop the program at its first words."""
    with tempfile.TemporaryDirectory() as folder:
        hour = Path(folder) / "hour.wav"
        pcm = b"".join(probe(SAMPLE).pcm())
        with wave.open(str(hour), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(PCM_RATE_HZ)
            for _ in range(HOUR_MS * PCM_BYTES_PER_MS // len(pcm) + 1):
                file.writeframes(pcm)
        times = []
        for _ in range(3):
            started = time.perf_counter()
            command = [PROGRAM, "--local", "--model", "tiny.en", "--stream", str(hour)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                first = process.stdout.read(1) if process.stdout else b""
                times.append(time.perf_counter() - started)
                process.terminate()
            if not first:
                raise SystemExit("there were no words")
    print(f"first words of an hour: after {sorted(times)[1]:.2f} s, worst {max(times):.2f} s   (a few seconds)")


if __name__ == "__main__":
    main()
