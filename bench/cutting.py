"""Speed of cutting and encoding a long recording, and size of its pieces.

python bench/cutting.py [--hours 3]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import wave
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import av
from measure import SAMPLE

from anyscribe.audio import Encoding, PieceLimits, Scratch, pieces, probe
from anyscribe.audio.cut_points import measure_levels
from anyscribe.audio.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RATE_HZ = 44_100
_PCM_BYTES_PER_S = 32_000
_PIECE_MS = 300_000

_FIRST = """
import sys
from pathlib import Path
from anyscribe.audio import Encoding, PieceLimits, Scratch, pieces, probe
recording = probe(Path(sys.argv[1]))
limits = PieceLimits(max_ms=1_400_000, wanted_ms=int(sys.argv[2]), first_ms=int(sys.argv[3]))
with Scratch().folder() as folder:
    cut = pieces(
        recording.pcm(), limits, folder=folder, encoding=Encoding(sys.argv[4]), total_ms=recording.duration_ms
    )
    print(next(cut).duration_ms / 1000)
"""


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=3.0, help="how long the recording is")
    hours = parser.parse_args().hours
    speech = b"".join(probe(SAMPLE).pcm())
    with tempfile.TemporaryDirectory(prefix="anyscribe-bench-") as folder:
        talk = Path(folder) / "talk.wav"
        write_talk(talk, hours)
        print(f"{hours:g} h of 44.1 kHz stereo WAV: {talk.stat().st_size:,} bytes")
        _print_speeds(talk, speech * 10)
        for encoding in Encoding:
            for first_ms in (_PIECE_MS, _PIECE_MS // 5):
                _print_first(talk, first_ms, encoding)
        _print_whole(talk)
    for name, pcm in (
        ("speech", speech),
        ("speech, noise 20 dB below", noisy(speech, 20)),
        ("10 dB", noisy(speech, 10)),
    ):
        _print_sizes(name, pcm * 4)
    _print_cuts(speech)


def write_talk(path: Path, hours: float) -> None:
    """Write the sample repeatedly, in the format of a recorder."""
    with av.open(str(SAMPLE)) as container:
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=_RATE_HZ)
        frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
        once = b"".join(bytes(frame.planes[0])[: 4 * frame.samples] for frame in frames)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        left = int(hours * 3600) * _RATE_HZ * 4
        while left > 0:
            file.writeframesraw(once[:left])
            left -= len(once)


def noisy(pcm: bytes, below_db: float) -> bytes:
    """Mix white noise into speech."""
    samples = array("h", pcm)
    level = (sum(sample * sample for sample in samples) / len(samples)) ** 0.5 * 10 ** (-below_db / 20)
    generator = random.Random(1)  # noqa: S311 - the same noise in every run
    return array(
        "h", (max(-32768, min(32767, round(sample + generator.gauss(0, level)))) for sample in samples)
    ).tobytes()


def chunks(pcm: bytes) -> Iterator[bytes]:
    """Yield one second of audio at a time."""
    for start in range(0, len(pcm), _PCM_BYTES_PER_S):
        yield pcm[start : start + _PCM_BYTES_PER_S]


def _print_speeds(talk: Path, pcm: bytes) -> None:
    """Print the speed of each step separately, in CPU time of one core."""
    seconds = len(pcm) / _PCM_BYTES_PER_S

    def decode_a_while() -> None:
        decoded = 0
        for chunk in probe(talk).pcm():
            decoded += len(chunk)
            if decoded >= len(pcm):
                return

    _print_speed("decode and resample", seconds, decode_a_while)
    _print_speed("measure levels", seconds, lambda: measure_levels(pcm))
    with Scratch().folder() as folder:
        for encoding in Encoding:

            def encode_it(encoding: Encoding = encoding) -> None:
                encode(chunks(pcm), folder / encoding, encoding)
                (folder / encoding).unlink()

            _print_speed(f"encode {encoding}", seconds, encode_it)
        for wanted_ms in (_PIECE_MS, 30_000):
            limits = PieceLimits(max_ms=2 * wanted_ms, wanted_ms=wanted_ms)

            def cut(limits: PieceLimits = limits) -> None:
                for piece in pieces(chunks(pcm), limits, folder=folder, encoding=Encoding.FLAC):
                    piece.discard()

            _print_speed(f"cut into {wanted_ms // 1000} s of flac", seconds, cut)


def _print_speed(name: str, seconds: float, work: Callable[[], object]) -> None:
    best_s = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best_s = min(best_s, time.process_time() - started)
    print(f"{name:>26}: {seconds / best_s:,.0f} times real time")


def _print_first(talk: Path, first_ms: int, encoding: Encoding) -> None:
    """Print the time from the start of a new process until its first piece is ready."""
    command = [sys.executable, "-c", _FIRST, str(talk), str(_PIECE_MS), str(first_ms), encoding]
    fastest_s, length_s = float("inf"), ""
    for _ in range(3):
        started = time.perf_counter()
        length_s = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        fastest_s = min(fastest_s, time.perf_counter() - started)
    print(f"{'first piece ready':>26}: {fastest_s:.2f} s after the start ({length_s} s of sound, {encoding})")


def _print_whole(talk: Path) -> None:
    recording = probe(talk)
    sent = count = 0
    wall, processor = time.perf_counter(), time.process_time()
    with Scratch().folder() as folder:
        limits = PieceLimits(max_bytes=25 << 20, max_ms=1_400_000, wanted_ms=_PIECE_MS)
        for piece in pieces(
            recording.pcm(), limits, folder=folder, encoding=Encoding.FLAC, total_ms=recording.duration_ms
        ):
            sent += piece.size_bytes
            count += 1
            piece.discard()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    share = sent / recording.size_bytes
    print(f"{'all of it':>26}: {wall:.1f} s ({processor:.1f} s of processor), {count} pieces, {share:.1%} of the bytes")


def _print_sizes(name: str, pcm: bytes) -> None:
    with Scratch().folder() as folder:
        for encoding in Encoding:
            path = folder / encoding
            encode(chunks(pcm), path, encoding)
            per_hour = path.stat().st_size * 3600 * _PCM_BYTES_PER_S / len(pcm)
            print(f"{name:>26}: {per_hour / 1e6:.1f} MB an hour of {encoding}")


def _print_cuts(speech: bytes) -> None:
    """Print how many cuts fall inside words, for several lengths of pieces."""
    words = json.loads(SAMPLE.with_suffix(".words.json").read_text(encoding="utf-8"))
    once_s = len(speech) / _PCM_BYTES_PER_S
    for name, pcm in (("clean", speech), ("noise 10 dB below", noisy(speech, 10))):
        for wanted_ms in (10_000, 30_000, 60_000):
            inside = total = 0
            with Scratch().folder() as folder:
                for piece in pieces(
                    chunks(pcm * 20), PieceLimits(wanted_ms=wanted_ms), folder=folder, encoding=Encoding.FLAC
                ):
                    at_s = piece.end_ms / 1000 % once_s
                    inside += any(word["start"] < at_s < word["end"] for word in words)
                    total += 1
            print(f"{name:>26}: {inside} of {total - 1} cuts inside words, pieces of about {wanted_ms // 1000} s")


if __name__ == "__main__":
    main()
