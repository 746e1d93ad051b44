"""Subtitles from text without times, end to end: is every word spoken during its cue?

Ten minutes of flite's voice are sent to a server that replies in json only, without times, and takes 25 MiB and 120 s a
request. The program writes SRT from it. Each word's true onset must be inside its cue, within 80 ms.

    python bench/subtitles.py

Needs the libraries of Debian's package flite.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from alignment import BETWEEN_PARAGRAPHS_S, RATE_HZ, TEXT, VOICES, Recording, spoken_paragraph
from measure import PROGRAM

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from truthful import Spoken, SpokenWord, TruthfulServer, write_wav

from anyscribe.formats.wire import parse
from anyscribe.request import PCM_BYTES_PER_MS, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.transcript import Segment

LEAST_MS = 600_000
CLOSE_MS = 80
MAX_BYTES = 25 << 20
MAX_MS = 120_000


def main() -> None:
    """Make subtitles with each voice and count the words spoken during their cue."""
    for voice in VOICES:
        spoken = speak(voice)
        with tempfile.TemporaryDirectory() as folder:
            recording = write_wav(Path(folder) / "talk.wav", spoken)
            with TruthfulServer(spoken, formats=("json",), max_bytes=MAX_BYTES, max_ms=MAX_MS) as server:
                began_s = time.monotonic()
                srt = run(recording, server.url)
                wall_s = time.monotonic() - began_s
                requests = len(server.requests)
        cues = parse(srt, ResponseFormat.SRT).segments
        off_ms = distances(cues, spoken.words)
        inside = sum(distance <= CLOSE_MS for distance in off_ms)
        print(
            f"{voice}: {spoken.duration_ms / 60_000:.1f} min, {len(spoken.words)} words, {len(cues)} cues, "
            f"{requests} requests, {wall_s:.1f} s: {inside} words within {CLOSE_MS} ms of their cue, "
            f"worst {max(off_ms)} ms (wanted: all)"
        )
        for word, distance in zip(spoken.words, off_ms, strict=True):
            if distance > CLOSE_MS:
                print(f"  {word.text} at {word.start_ms / 1000:.3f} s is {distance} ms outside")


def speak(voice: str) -> Spoken:
    """Speak paragraphs of the text for at least ten minutes."""
    paragraphs = []
    length = 0
    for paragraph in TEXT.read_text(encoding="utf-8").split("\n\n"):
        paragraphs.append(spoken_paragraph(paragraph, voice))
        length += len(paragraphs[-1][0])
        if length >= LEAST_MS * PCM_BYTES_PER_MS:
            break
    pause = bytes(2 * int(BETWEEN_PARAGRAPHS_S * RATE_HZ))
    pcm, tokens = Recording(tuple(paragraphs)).joined([pause] * len(paragraphs))
    words = []
    onset_ms = 0
    for token in tokens:
        # A token that is not spoken gets the onset of the word before it.
        onset_ms = onset_ms if token.onset_s is None else round(1000 * token.onset_s)
        words.append(SpokenWord(token.text, onset_ms, onset_ms + 1))
    return Spoken(pcm, words)


def run(recording: Path, url: str) -> str:
    """Run the program and return its output."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANYSCRIBE_", "ANYAPI_"))}
    env["ANYSCRIBE_NO_STORE"] = "1"
    command = [PROGRAM, str(recording), "-f", "srt", "--base-url", url]
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout.decode()


def distances(cues: Sequence[Segment], words: Sequence[SpokenWord]) -> list[int]:
    """Return how far outside its cue each word is spoken, in milliseconds; 0 inside."""
    left = list(words)
    off_ms = []
    for cue in cues:
        for text in cue.text.split():
            word = left.pop(0)
            if text != word.text:
                raise SystemExit(f"the subtitles have {text!r} where the text has {word.text!r}")
            off_ms.append(max(0, cue.start_ms - word.start_ms, word.start_ms - cue.end_ms))
    if left:
        raise SystemExit(f"{len(left)} words are in no cue")
    return off_ms


if __name__ == "__main__":
    main()
