"""Who speaks when, in talks that are made of single voices: error rates, numbers of speakers, and speed on one core.

    python bench/diarization.py [--model NAME] [--set N]... [--condition NAME]... [--no-synthetic] [FOLDER]...

The voice model is the best one that is installed if none is given, sets are 1 and 2, and conditions are all: clean,
telephone, noise, alone. Synthetic voices are flite's and espeak-ng's; the human ones are those of each FOLDER, in which
a file, or a folder of files, is one voice. A talk has two or three voices in turns of 2 to 20 s, on a logarithmic
scale, and pauses of -0.2 to 2 s; where a pause is negative, two speak at once. Each voice is up to 4 dB louder or
quieter.

The reference is what the voice activity finds in each voice alone, across pauses below half a second. "speech found"
is when the diarizer is given what the voice activity finds in the talk; "speech known" when it is given the reference,
as words give it. The error rate is that of pyannote.metrics, with overlaps, without a collar and with one of 0.25 s on
both sides. It needs `pyannote.metrics`, flite and espeak-ng.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import subprocess
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate

from anyscribe.audio import MEDIA_EXTENSIONS, find_speech, probe
from anyscribe.speakers.registry import DIARIZERS, make_diarizer
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from anyscribe.speakers.diarizer import Diarizer, SpeakerTurn

    Sound = NDArray[np.float64]

_CONDITIONS: Final = ("clean", "telephone", "noise", "alone")
_RATE: Final = 16_000
_TALKS: Final = 20
_TALK_S: Final = 45
_COLLAR_S: Final = 0.25
_BRIDGED_MS: Final = 500
_LOUDNESS: Final = 0.05
_FLITE: Final = ("kal16", "awb", "rms", "slt")
_ESPEAK: Final = ("en+m3", "en-us+f2")
_TEXTS: Final = Path(__file__).parent / "texts"


class Voice(NamedTuple):
    """Somebody who speaks alone, and when."""

    sound: Sound
    speech: list[Span]


class Talk(NamedTuple):
    """A talk, and who speaks in it when."""

    sound: Sound
    turns: list[tuple[Span, int]]
    count: int


def main() -> None:
    """Print a line for each kind of voices and each condition."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--model", choices=[entry.name for entry in DIARIZERS])
    parser.add_argument("--set", dest="sets", action="append", type=int)
    parser.add_argument("--condition", dest="conditions", action="append", choices=_CONDITIONS)
    parser.add_argument("--no-synthetic", action="store_true")
    given = parser.parse_args()
    diarizer = next((entry.make() for entry in DIARIZERS if entry.name == given.model), None) or make_diarizer()
    kinds = {folder.name: _voices_in(folder) for folder in given.folders}
    if not given.no_synthetic:
        kinds["synthetic"] = _synthetic_voices()
    for kind, voices in kinds.items():
        wanted = given.conditions or _CONDITIONS
        for number in given.sets or (1, 2):
            generator = np.random.default_rng(number)
            talks = [_talk(voices, 2 + index % 2, generator) for index in range(_TALKS)]
            narrow = [_changed(one, _telephone, generator) for one in talks]
            noisy = [_changed(one, _noisy, generator) for one in talks]
            title = f"{kind}, {len(voices)} voices, set {number}"
            if "clean" in wanted:
                _report(diarizer, f"{title}, clean, speech found", talks, knows_speech=False)
            if "telephone" in wanted:
                _report(diarizer, f"{title}, telephone, speech known", narrow)
            if "noise" in wanted:
                _report(diarizer, f"{title}, pink noise 10 dB, speech known", noisy)
        if "alone" in wanted:
            alone = [_alone(voice) for voice in voices]
            _report(diarizer, f"{kind}, {len(voices)} voices, one voice each, speech found", alone, knows_speech=False)


def _report(diarizer: Diarizer, title: str, talks: Sequence[Talk], *, knows_speech: bool = True) -> None:
    errors: Counter[str] = Counter()
    with_collar: Counter[str] = Counter()
    right = 0
    seconds = 0.0
    for talk in talks:
        pcm = _pcm(talk.sound)
        known = sorted(span for span, _ in talk.turns)
        began_s = time.process_time()
        found = diarizer.find_turns([pcm], known if knows_speech else find_speech([pcm]))
        seconds += time.process_time() - began_s
        right += len({turn.speaker for turn in found}) == talk.count
        errors.update(_errors(talk, found, collar_s=0))
        with_collar.update(_errors(talk, found, collar_s=_COLLAR_S))
    sound_s = sum(len(talk.sound) for talk in talks) / _RATE
    parts = ", ".join(f"{name} {errors[name] / errors['total']:.1%}" for name in _PARTS)
    rates = f"error {_rate(errors):5.1%}, with a collar {_rate(with_collar):5.1%} ({parts})"
    print(f"{title}: {rates}; number right {right}/{len(talks)}; {sound_s / seconds:.0f} x real time", flush=True)


_PARTS: Final = ("confusion", "missed detection", "false alarm")


def _rate(errors: Counter[str]) -> float:
    return sum(errors[name] for name in _PARTS) / errors["total"]


def _errors(talk: Talk, found: Sequence[SpeakerTurn], *, collar_s: float) -> dict[str, float]:
    reference, hypothesis = Annotation(), Annotation()
    for index, (span, voice) in enumerate(talk.turns):
        reference[Segment(span.start_ms / 1000, span.end_ms / 1000), index] = f"voice {voice}"
    for index, turn in enumerate(found):
        hypothesis[Segment(turn.span.start_ms / 1000, turn.span.end_ms / 1000), index] = f"speaker {turn.speaker}"
    # The scorer's collar is the sum of both sides.
    return dict(DiarizationErrorRate(collar=2 * collar_s)(reference, hypothesis, detailed=True))


def _talk(voices: Sequence[Voice], count: int, generator: np.random.Generator) -> Talk:
    chosen = [voices[index] for index in generator.choice(len(voices), count, replace=False)]
    gains = 10 ** (generator.uniform(-4, 4, count) / 20)
    places = [int(generator.integers(len(voice.sound) // 2)) for voice in chosen]
    sound = np.zeros(0)
    turns: list[tuple[Span, int]] = []
    at, speaker = _RATE // 2, -1
    while at < _TALK_S * _RATE or len({voice for _, voice in turns}) < count:
        speaker = int(generator.choice([other for other in range(count) if other != speaker]))
        voice = chosen[speaker]
        length = int(np.exp(generator.uniform(np.log(2), np.log(20))) * _RATE)
        if places[speaker] + length > len(voice.sound):
            places[speaker], length = 0, min(length, len(voice.sound))
        begin = places[speaker]
        sound = np.pad(sound, (0, max(0, at + length - len(sound))))
        sound[at : at + length] += gains[speaker] * voice.sound[begin : begin + length]
        turns += [(span, speaker) for span in _said(voice.speech, begin // 16, (begin + length) // 16, at // 16)]
        places[speaker] += length
        at = max(0, at + length + int(generator.uniform(-0.2, 2) * _RATE))
    return Talk(sound, turns, count)


def _said(speech: Sequence[Span], begin_ms: int, end_ms: int, at_ms: int) -> list[Span]:
    """Return when a part of a voice speaks, where it stands in a talk."""
    joined: list[Span] = []
    for span in speech:
        start_ms, stop_ms = max(span.start_ms, begin_ms), min(span.end_ms, end_ms)
        if start_ms >= stop_ms:
            continue
        moved = Span(start_ms - begin_ms + at_ms, stop_ms - begin_ms + at_ms)
        if joined and moved.start_ms - joined[-1].end_ms < _BRIDGED_MS:
            joined[-1] = Span(joined[-1].start_ms, moved.end_ms)
        else:
            joined.append(moved)
    return joined


def _alone(voice: Voice) -> Talk:
    length_ms = min(len(voice.sound) // 16, _TALK_S * 1000)
    return Talk(voice.sound[: length_ms * 16], [(span, 0) for span in _said(voice.speech, 0, length_ms, 0)], 1)


def _changed(talk: Talk, change: Callable[[Sound, np.random.Generator], Sound], generator: np.random.Generator) -> Talk:
    return talk._replace(sound=change(talk.sound, generator))


def _telephone(sound: Sound, generator: np.random.Generator) -> Sound:
    """Keep what a telephone passes on, with a little noise."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / _RATE)
    spectrum[(hertz < 300) | (hertz > 3_400)] = 0  # noqa: PLR2004 - a telephone's band
    narrow = np.fft.irfft(spectrum, len(sound))
    return narrow + generator.standard_normal(len(sound)) * narrow.std() * 10 ** (-25 / 20)


def _noisy(sound: Sound, generator: np.random.Generator) -> Sound:
    """Add pink noise, 10 dB below the talk."""
    spectrum = np.fft.rfft(generator.standard_normal(len(sound)))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.fft.rfftfreq(len(sound), 1 / _RATE), 20)), len(sound))
    return sound + noise / noise.std() * sound.std() * 10 ** (-10 / 20)


def _synthetic_voices() -> list[Voice]:
    text = (_TEXTS / "english.txt").read_text(encoding="utf-8")[:2_000]
    commands = [["flite", "-voice", voice, "-t", text, "-o"] for voice in _FLITE]
    commands += [["espeak-ng", "-v", voice, text, "-w"] for voice in _ESPEAK]
    voices = []
    with tempfile.TemporaryDirectory() as folder:
        for number, command in enumerate(commands):
            path = Path(folder) / f"{number}.wav"
            subprocess.run([*command, str(path)], check=True, capture_output=True)
            voices.append(_voice([path]))
    return voices


def _voices_in(folder: Path) -> list[Voice]:
    voices = []
    for path in sorted(folder.iterdir()):
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        heard = [file for file in files if file.suffix[1:] in MEDIA_EXTENSIONS]
        voice = _voice(heard) if heard else None
        # A voice that says a sentence alone cannot have turns.
        if voice is not None and len(voice.sound) > 8 * _RATE:
            voices.append(voice)
    return voices


def _voice(paths: Sequence[Path]) -> Voice:
    pcm = b"".join(chunk for path in paths for chunk in probe(path).pcm())
    sound = np.frombuffer(pcm, "<i2") / 32768
    return Voice(sound * (_LOUDNESS / sound.std()), list(find_speech([pcm])))


def _pcm(sound: Sound) -> bytes:
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


if __name__ == "__main__":
    main()
