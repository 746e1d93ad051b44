"""Upload of 1 GB to a loopback server that only reads: wall time compared with curl's, and resident memory.

python bench/upload.py
"""

from __future__ import annotations

import os
import sys
import tempfile
import wave
from pathlib import Path

from measure import PROGRAM, median_s, peak_mib, run_once, side_by_side

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loopback import LoopbackServer, json_reply

_SIZE_MIB = 1024
_RUNS = 5
_MEDIA = Path(__file__).parent.parent / "tests" / "media"


def main() -> None:
    """Write the file, upload it with both programs, and print both results."""
    with tempfile.TemporaryDirectory() as folder, LoopbackServer(parse=False) as server:
        server.answer(json_reply({"text": "x"}))
        big = Path(folder) / "big.wav"
        write_wave(big)
        # Upload the file unchanged: `long.py` measures the effects of its size and its audio.
        as_it_is = ["--upload", "original", "--no-check"]
        anyscribe = [PROGRAM, "-f", "json", *as_it_is, "--base-url", server.url]
        curl = ["curl", "-sS", "-F", "model=m", "-F", f"file=@{big}", f"{server.url}/audio/transcriptions"]
        startup_s = median_s([run_once([*anyscribe, str(_MEDIA / "hello.mp3")]) for _ in range(_RUNS)])
        ours, theirs, _ = side_by_side([*anyscribe, str(big)], curl, runs=_RUNS)
    net = (median_s(ours) - startup_s) / median_s(theirs)
    print(f"1 GB: anyscribe {median_s(ours):.2f} s, of which start-up {startup_s:.2f} s; curl {median_s(theirs):.2f} s")
    print(f"   ratio without start-up {net:.2f}   (at most 1.6)")
    print(f"   resident at most {peak_mib(ours):.1f} MiB   (at most 70); curl {peak_mib(theirs):.1f} MiB")


def write_wave(path: Path) -> None:
    """Write a WAV of this size with incompressible noise."""
    noise = os.urandom(1 << 20)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        for _ in range(_SIZE_MIB):
            file.writeframesraw(noise)


if __name__ == "__main__":
    main()
