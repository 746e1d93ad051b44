"""Word times on human recordings with labels, clean and spoilt: how far onsets are off, and whether "aligned" is true.

    python bench/voices.py FOLDER

FOLDER holds `labels.json`: for each recording its `file`, `language`, `text`, and `words` as [word, start, end] in
seconds; words may be left out, and a start may be null. The noise is made of the folder's own voices and of tones.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.alignment.ctc.aligner import CtcAligner
from anyscribe.alignment.passages import Passage
from anyscribe.alignment.timing import time_words
from anyscribe.audio import find_speech, probe
from anyscribe.transcript import Timing
from anyscribe.words import bare_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Sound = NDArray[np.float64]

_RATE: Final = 16_000
_FAR_MS: Final = 300
_TELEPHONE_HZ: Final = (300, 3400)
_ENGLISH: Final = "en"


class Labelled(NamedTuple):
    """A recording with the onsets of its words in milliseconds, by the number of letters before each."""

    sound: Sound
    language: str
    text: str
    onsets_ms: dict[int, float]


def main() -> None:
    """Print a line for each language and condition."""
    folder = Path(sys.argv[1])
    recordings = [_read(folder, entry) for entry in json.loads((folder / "labels.json").read_bytes())]
    generator = np.random.default_rng(7)
    english = [one for one in recordings if one.language == _ENGLISH]
    crowd = _crowd([one.sound for one in recordings if one.language != _ENGLISH], generator)
    conditions: dict[str, Callable[[Labelled], Labelled]] = {
        "clean": lambda one: one,
        "without punctuation": lambda one: one._replace(text=" ".join(bare_words(one.text))),
        "telephone": lambda one: one._replace(sound=_telephone(one.sound, generator)),
        "music 5 dB": lambda one: one._replace(sound=_mixed(one.sound, _music(len(one.sound), generator), 5)),
        "restaurant 5 dB": lambda one: one._replace(sound=_mixed(one.sound, _restaurant(crowd, generator), 5)),
        "babble 10 dB": lambda one: one._replace(sound=_mixed(one.sound, crowd, 10)),
        "babble 0 dB": lambda one: one._replace(sound=_mixed(one.sound, crowd, 0)),
    }
    for name, change in conditions.items():
        _report(f"en, {name}", [change(one) for one in english])
    for language in sorted({one.language for one in recordings} - {_ENGLISH}):
        for name in ("clean", "without punctuation"):
            _report(f"{language}, {name}", [conditions[name](one) for one in recordings if one.language == language])


def _read(folder: Path, entry: dict[str, object]) -> Labelled:
    pcm = b"".join(probe(folder / str(entry["file"])).pcm())
    onsets: dict[int, float] = {}
    letters = 0
    for word, start, *_ in entry["words"]:  # type: ignore[attr-defined]
        if start is not None and _letters(word):
            onsets.setdefault(letters, start * 1000)
        letters += _letters(word)
    return Labelled(np.frombuffer(pcm, "<i2") / 32768, str(entry["language"]), str(entry["text"]), onsets)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _report(title: str, recordings: list[Labelled]) -> None:
    errors: list[float] = []
    aligned = far = 0
    for one in recordings:
        pcm = (np.clip(one.sound, -1, 1) * 32767).astype("<i2").tobytes()
        words = time_words([Passage(one.text)], [pcm], find_speech([pcm]), aligner=CtcAligner(one.language)).words
        letters = 0
        for word in words:
            truth_ms = one.onsets_ms.get(letters) if _letters(word.text) else None
            letters += _letters(word.text)
            if truth_ms is None:
                continue
            errors.append(abs(word.start_ms - truth_ms))
            if word.timing is Timing.ALIGNED:
                aligned += 1
                far += errors[-1] > _FAR_MS
    sizes = np.array(errors)
    figures = f"mean {sizes.mean():4.0f}, 95 % {np.quantile(sizes, 0.95):4.0f}, worst {sizes.max():5.0f} ms"
    print(f"{title:<24} {len(sizes):>4} onsets: {figures}; aligned {aligned}, of these far off {far}", flush=True)


def _mixed(sound: Sound, noise: Sound, ratio_db: float) -> Sound:
    own = np.resize(noise, len(sound))
    scale = np.sqrt((sound**2).mean() / (own**2).mean()) * 10 ** (-ratio_db / 20)
    return sound + scale * own


def _crowd(sounds: list[Sound], generator: np.random.Generator) -> Sound:
    """Add voices that do not say the text, each at another place, until there are twelve."""
    length = 30 * _RATE
    voices = [
        np.resize(np.roll(sounds[number % len(sounds)], generator.integers(length)), length) for number in range(12)
    ]
    return np.sum([voice / voice.std() for voice in voices], axis=0)


def _music(length: int, generator: np.random.Generator) -> Sound:
    """Play chords of three notes with overtones, twice a second."""
    beat = _RATE // 2
    time_s = np.arange(beat) / _RATE
    chords = []
    for _ in range(length // beat + 1):
        notes = 110 * 2 ** (generator.integers(0, 24, 3) / 12)
        chord = sum(np.sin(2 * np.pi * note * part * time_s) / part for note in notes for part in range(1, 7))
        chords.append(chord * np.exp(-3 * time_s))
    return np.concatenate(chords)


def _restaurant(crowd: Sound, generator: np.random.Generator) -> Sound:
    """Add the noise of a room and of dishes to a crowd."""
    sound = crowd / crowd.std() + np.cumsum(generator.standard_normal(len(crowd))) * 0.002
    ring_s = np.arange(_RATE // 10) / _RATE
    for _ in range(40):
        at = generator.integers(len(sound) - len(ring_s))
        sound[at : at + len(ring_s)] += (
            4 * np.sin(2 * np.pi * generator.uniform(2000, 6000) * ring_s) * np.exp(-60 * ring_s)
        )
    return sound - sound.mean()


def _telephone(sound: Sound, generator: np.random.Generator) -> Sound:
    """Keep what a telephone passes on, with a little noise."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / _RATE)
    spectrum[(hertz < _TELEPHONE_HZ[0]) | (hertz > _TELEPHONE_HZ[1])] = 0
    narrow = np.fft.irfft(spectrum, len(sound))
    return _mixed(narrow, generator.standard_normal(len(sound)), 25)


if __name__ == "__main__":
    main()
