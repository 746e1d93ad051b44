"""Three hours of uncompressed stereo through a server that takes 25 MiB a request, at 60 times real time.

Prints the time of the first upload, the peak memory, the bytes sent, the total time compared with the ideal (the
server's work, divided by the number of concurrent requests), and whether each sample was sent once and no cut is inside
a word.

    python bench/long.py [HOURS]
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from measure import PROGRAM, SAMPLE

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import av
from loopback import LoopbackServer, Reply

from anyscribe.audio.decode import decode

if TYPE_CHECKING:
    from loopback import Request

RATE_HZ = 44_100
GAP_S = 0.7
MAX_BYTES = 25 << 20
SPEED = 60
JOBS = 4
TEXT = (SAMPLE.parent / "library.txt").read_text(encoding="utf-8").split()


def main() -> None:
    """Make the recording, send it, and print the figures."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with tempfile.TemporaryDirectory() as folder, LoopbackServer(keep_bytes=MAX_BYTES) as server:
        path = Path(folder) / "long.wav"
        period_s = write(path, hours * 3600)
        size_bytes = path.stat().st_size
        server.answer(reply)
        began_s = time.monotonic()
        wall_s, peak_mib = run(path, server.url)
        first_s = server.requests[0].arrived_s - began_s
        sent_bytes = sum(request.length for request in server.requests)
        refused = sum(request.length > MAX_BYTES for request in server.requests)
        duration_s = size_bytes / (4 * RATE_HZ)
        ideal_s = duration_s / SPEED / JOBS
        print(
            f"{duration_s / 3600:.2f} h, {size_bytes / 1e9:.2f} GB, {len(server.requests)} requests, {refused} refused"
        )
        print(f"first upload after {first_s:.2f} s (wanted: 2)")
        print(f"peak memory {peak_mib:.0f} MiB (wanted: 300)")
        print(f"sent {100 * sent_bytes / size_bytes:.1f} % of the file (wanted: 11)")
        print(f"whole run {wall_s:.1f} s, ideal {ideal_s:.1f} s: {wall_s / ideal_s:.2f} times (wanted: 1.3)")
        cuts = tile(path, [request.part("file").body for request in server.requests])
        inside = sum(is_inside_word(cut / 16_000 % period_s) for cut in cuts)
        print(f"each sample was sent once; {len(cuts)} cuts, {inside} of them inside words (wanted: 0)")


def write(path: Path, seconds: float) -> float:
    """Write the sample repeatedly, as stereo at 44.1 kHz; return the period in seconds."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE_HZ)
    once = bytearray()
    with av.open(str(SAMPLE)) as container:
        for frame in (*container.decode(audio=0), None):
            for part in resampler.resample(frame):
                once += bytes(part.planes[0])[: 4 * part.samples]
    once += bytes(4 * int(GAP_S * RATE_HZ))
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE_HZ, 0, "NONE", "not compressed"))
        for _ in range(round(seconds * RATE_HZ * 4 / len(once))):
            file.writeframesraw(once)
    return len(once) / 4 / RATE_HZ


def reply(request: Request) -> Reply:
    """Accept a request that is small enough, and reply after a sixtieth of its audio's length."""
    if request.length > MAX_BYTES:
        return Reply(413, b'{"error": {"message": "too large"}}')
    seconds = samples_of(request.part("file").body) / 16_000
    words = TEXT * round(seconds / 34 + 1)
    text = " ".join(words[: round(seconds * len(TEXT) / 34.7)])
    return Reply(body=text.encode(), content_type="text/plain", delay_s=seconds / SPEED)


def samples_of(flac: bytes) -> int:
    """Read a FLAC's number of samples from its first block."""
    return int.from_bytes(flac[21:26], "big") & 0xF_FFFF_FFFF


def run(path: Path, url: str) -> tuple[float, float]:
    """Run the program; return its time in seconds and its peak memory in MiB."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANYSCRIBE_", "ANYAPI_"))}
    env["ANYSCRIBE_NO_STORE"] = "1"
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    began_s = time.monotonic()
    process = subprocess.Popen(
        [PROGRAM, str(path), "--base-url", url, "-j", str(JOBS), "-o", str(path.with_suffix(".txt"))], env=env
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"it ended with {process.returncode}")
    return time.monotonic() - began_s, usage.ru_maxrss / 1024


def tile(path: Path, bodies: list[bytes]) -> list[int]:
    """Match the pieces to the recording end to end; return the cuts, in samples.

    The recording repeats itself, so a piece may fit in several places: any complete order proves that each sample was
    sent once.
    """
    pieces = [b"".join(decode(io.BytesIO(body))) for body in bodies]
    whole = bytearray()
    with path.open("rb") as file:
        for chunk in decode(file):
            whole += chunk
    cuts = []
    at = 0
    while pieces:
        fitting = next((piece for piece in pieces if whole.startswith(piece, at)), None)
        if fitting is None:
            raise SystemExit(f"no piece fits at sample {at // 2}")
        pieces.remove(fitting)
        at += len(fitting)
        cuts.append(at // 2)
    if at != len(whole):
        raise SystemExit(f"{(len(whole) - at) // 2} samples at the end were not sent")
    return cuts[:-1]


def is_inside_word(second: float) -> bool:
    """Return whether this time is inside a word of the synthesiser."""
    words = json.loads((SAMPLE.parent / "library.words.json").read_bytes())
    return any(word["start"] + 0.02 < second < word["end"] - 0.02 for word in words)


if __name__ == "__main__":
    main()
