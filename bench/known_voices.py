"""How often a speaker is known by a sample of the voice, clean and on the telephone.

    python bench/known_voices.py FOLDER...

In each FOLDER, a folder of recordings, or one recording of half a minute, is a voice. In each of 60 trials four voices
are known by up to 10 s of speech each; in a recording, three speakers have said up to 8 s elsewhere: two of those, and
a stranger. On the telephone, what is said in the recording comes from there, the samples do not.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
from diarization import _pcm, _telephone

from anyscribe.audio import MEDIA_EXTENSIONS, find_speech, probe
from anyscribe.speakers.registry import make_diarizer

_TRIALS: Final = 60
_KNOWN: Final = 4
_PRESENT: Final = 2
_PER_MS: Final = 32


def main() -> None:
    """Print a line for each condition."""
    voices = [voice for name in sys.argv[1:] for voice in _voices_in(Path(name))]
    diarizer = make_diarizer()
    for condition in ("clean", "telephone"):
        generator = np.random.default_rng(1)
        counts: Counter[str] = Counter()
        for _ in range(_TRIALS):
            chosen = [int(index) for index in generator.choice(len(voices), _KNOWN + 1, replace=False)]
            speakers = [*chosen[:_PRESENT], chosen[-1]]
            samples = [_sample(voices[index], 0, 10) for index in chosen[:-1]]
            heard = [_sample(voices[index], 15, 8) for index in speakers]
            if condition == "telephone":
                heard = [_on_telephone(sound, generator) for sound in heard]
            numbers = diarizer.group_samples([*samples, *heard], [0] * _KNOWN + [1] * len(heard))
            for place, number in enumerate(numbers[_KNOWN:]):
                named = [index for index in range(_KNOWN) if numbers[index] == number]
                if not named:
                    counts["unnamed" if place < _PRESENT else "stranger unnamed"] += 1
                else:
                    is_right = place < _PRESENT and named[0] == place
                    counts["right" if is_right else "wrong" if place < _PRESENT else "stranger named"] += 1
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
        print(f"{len(voices)} voices, {condition}: {told}", flush=True)


def _on_telephone(sound: bytes, generator: np.random.Generator) -> bytes:
    return _pcm(_telephone(np.frombuffer(sound, "<i2") / (1 << 15), generator))


def _sample(speech: bytes, begin_s: int, length_s: int) -> bytes:
    return speech[begin_s * 1000 * _PER_MS : (begin_s + length_s) * 1000 * _PER_MS]


def _voices_in(folder: Path) -> list[bytes]:
    voices = []
    for entry in sorted(folder.iterdir()):
        paths = sorted(entry.iterdir()) if entry.is_dir() else [entry]
        speech = b"".join(_speech(path) for path in paths[:6] if path.suffix[1:] in MEDIA_EXTENSIONS)
        if len(speech) >= 20_000 * _PER_MS:
            voices.append(speech)
    return voices


def _speech(path: Path) -> bytes:
    sound = b"".join(probe(path).pcm())
    return b"".join(sound[span.start_ms * _PER_MS : span.end_ms * _PER_MS] for span in find_speech([sound]))


if __name__ == "__main__":
    main()
