"""Accuracy and speed of word alignment: onset errors against the synthesiser's own times.

The truth is from flite: its library reports which phones belong to which token of the text. Errors are those of all
words, including those that were not found; a token that flite does not speak has no onset and is not
counted.

python bench/alignment.py [--text TEXT] [CASE...]

Needs the libraries of Debian's package flite, and the program sox for noise and music.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import re
import statistics
import subprocess
import time
from array import array
from ctypes import POINTER, Structure, c_char_p, c_float, c_int, c_short, c_void_p
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anyscribe.alignment.ctc.aligner import CtcAligner
from anyscribe.alignment.passages import Passage
from anyscribe.alignment.timing import time_words
from anyscribe.audio.voice_activity import find_speech
from anyscribe.transcript import Timing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TEXT: Final = Path(__file__).parent / "texts" / "english.txt"
SPOILED: Final = ("deleted", "inserted", "replaced", "mixed")
NOISES: Final = ("pinknoise", "whitenoise")
CASES: Final = ("clean", *SPOILED, *NOISES, "noise-on-and-off", "noise-between", "music-between")
VOICES: Final = ("rms", "slt")
RATE_HZ: Final = 16_000
BYTES_PER_S: Final = 2 * RATE_HZ
CHUNK_BYTES: Final = 2 * BYTES_PER_S
BETWEEN_SENTENCES_S: Final = 0.25
BETWEEN_PARAGRAPHS_S: Final = 0.8
INTERLUDE_S: Final = 30
ON_S: Final = 10
SNR_DB: Final = 10
WRONG: Final = 0.1
CLOSE_MS: Final = 80
SILENCE: Final = 1e4
RAW: Final = ("-t", "raw", "-r", str(RATE_HZ), "-e", "signed", "-b", "16", "-c", "1")
ABBREVIATIONS: Final = re.compile(r"\b(?:Mrs?|Ms|Dr|St|Nos?|Prof|vs|[A-Z]|[ap]\.m|e\.g|i\.e)\.$")


@dataclass(frozen=True)
class Spoken:
    """A token and its onset; None if it is not spoken."""

    text: str
    onset_s: float | None


@dataclass(frozen=True)
class Recording:
    """Paragraphs of audio, each with its tokens in seconds from the paragraph's start."""

    paragraphs: tuple[tuple[bytes, tuple[Spoken, ...]], ...]

    def joined(self, between: Sequence[bytes]) -> tuple[bytes, list[Spoken]]:
        """Join the paragraphs, each but the first preceded by other audio."""
        pcm = bytearray()
        tokens: list[Spoken] = []
        for number, (sound, spoken) in enumerate(self.paragraphs):
            pcm += between[number] if number else b""
            start_s = len(pcm) / BYTES_PER_S
            tokens += [one if one.onset_s is None else replace(one, onset_s=one.onset_s + start_s) for one in spoken]
            pcm += sound
        return bytes(pcm), tokens


def main() -> None:
    """Speak the text with each voice, time its words under several conditions, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", help=f"what to measure, of {', '.join(CASES)}; all by default")
    parser.add_argument("--text", type=Path, default=TEXT, help="what to say")
    arguments = parser.parse_args()
    if unknown := set(arguments.case) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    cases = arguments.case or CASES
    paragraphs = [one for one in re.split(r"\n\s*\n", arguments.text.read_text("utf-8")) if one.strip()]
    # The time of other cores would be counted, too.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    started_s = time.process_time()
    time_words([Passage("hello")], [bytes(BYTES_PER_S)], (), aligner=CtcAligner("en"))
    print(f"start-up: {time.process_time() - started_s:.2f} s of processor time")
    for voice in VOICES:
        recording = Recording(tuple(spoken_paragraph(one, voice) for one in paragraphs))
        pcm, tokens = recording.joined([b""] * len(paragraphs))
        unmapped = sum(one.onset_s is None for one in tokens)
        print(
            f"\n{voice}: {len(pcm) / BYTES_PER_S:.0f} s, {len(tokens)} tokens, {unmapped} of them not spoken by flite"
        )
        if "clean" in cases:
            measure("clean (mean at most 30 ms, 95 % within 80 ms)", pcm, tokens)
        for kind in SPOILED:
            if kind in cases:
                measure(f"{WRONG:.0%} of the words {kind} (mean at most 40 ms)", pcm, tokens, spoil(tokens, kind))
        measure_in_noise(recording, cases)


def measure_in_noise(recording: Recording, cases: Sequence[str]) -> None:
    """Measure with noise behind the voice, and with noise and music between the paragraphs."""
    paragraphs = len(recording.paragraphs)
    pcm, tokens = recording.joined([b""] * paragraphs)
    level = loudness(pcm)
    for kind in NOISES:
        if kind in cases:
            noise = scaled(hiss(kind, len(pcm)), level / 10 ** (SNR_DB / 20))
            measure(f"{kind} at {SNR_DB} dB", mixed(pcm, noise), tokens)
    if "noise-on-and-off" in cases:
        noise = on_and_off(scaled(hiss("pinknoise", len(pcm)), level / 10 ** (SNR_DB / 20)))
        measure(f"pinknoise at {SNR_DB} dB, {ON_S} s on and {ON_S} s off", mixed(pcm, noise), tokens)
    if "noise-between" in cases:
        noise = scaled(hiss("pinknoise", INTERLUDE_S * BYTES_PER_S), level / 2)
        measure("30 s of noise between paragraphs", *recording.joined([noise] * paragraphs))
    if "music-between" in cases:
        pieces = [scaled(music(number), level / 2) for number in range(paragraphs)]
        measure("30 s of music between paragraphs", *recording.joined(pieces))


def measure(
    name: str, pcm: bytes, truth: Sequence[Spoken], text: Sequence[tuple[str, int | None]] | None = None
) -> None:
    """Time the words of a text and print the errors of the correct ones.

    Args:
        name: The name of the measurement.
        pcm: The audio.
        truth: The tokens spoken in it.
        text: The text to align: its tokens, each with its index in ``truth`` or None for a wrong one; None for
            ``truth``.
    """
    text = text or [(one.text, place) for place, one in enumerate(truth)]
    chunks = [pcm[start : start + CHUNK_BYTES] for start in range(0, len(pcm), CHUNK_BYTES)]
    speech = find_speech(chunks)
    started_s = time.process_time()
    passages = [Passage(" ".join(token for token, _ in text))]
    words = time_words(passages, chunks, speech, aligner=CtcAligner("en")).words
    took_s = time.process_time() - started_s
    errors = []
    for word, (token, place) in zip(words, text, strict=True):
        if word.text != token:
            raise SystemExit(f"{word.text} is not {token}")
        onset_s = None if place is None else truth[place].onset_s
        if onset_s is not None:
            errors.append(word.start_ms - onset_s * 1000)
    sizes = sorted(map(abs, errors))
    aligned = sum(word.timing is Timing.ALIGNED for word in words) / len(words)
    print(
        f"  {name}: mean {statistics.mean(sizes):.1f} ms, 95 % within {sizes[int(len(sizes) * 0.95)]:.0f} ms,"
        f" worst {sizes[-1]:.0f} ms, signed {statistics.mean(errors):+.1f} ms; within 80 ms:"
        f" {sum(size <= CLOSE_MS for size in sizes) / len(sizes):.1%}; {len(sizes)} words, {aligned:.1%} aligned;"
        f" {len(pcm) / BYTES_PER_S / took_s:.0f} times real time",
        flush=True,
    )


def spoil(tokens: Sequence[Spoken], kind: str) -> list[tuple[str, int | None]]:
    """Introduce errors into a tenth of a text."""
    chance = random.Random(kind)  # noqa: S311 - the same errors each time
    text: list[tuple[str, int | None]] = []
    for place, token in enumerate(tokens):
        error = chance.choice(("deleted", "inserted", "replaced")) if kind == "mixed" else kind
        if chance.random() >= WRONG:
            text.append((token.text, place))
            continue
        if error != "deleted":
            text.append((chance.choice(tokens).text, None))
        if error == "inserted":
            text.append((token.text, place))
    return text


def spoken_paragraph(paragraph: str, voice: str) -> tuple[bytes, tuple[Spoken, ...]]:
    """Speak a paragraph sentence by sentence."""
    pcm = bytearray()
    tokens: list[Spoken] = []
    for sentence in sentences(paragraph.split()):
        start_s = len(pcm) / BYTES_PER_S
        sound, onsets = speak(" ".join(sentence), voice)
        if len(onsets) != len(sentence):
            raise SystemExit(f"flite sees {len(onsets)} tokens, not {len(sentence)}: {sentence}")
        tokens += [
            Spoken(text, None if onset_s is None else start_s + onset_s)
            for text, onset_s in zip(sentence, onsets, strict=True)
        ]
        pcm += sound + bytes(round(BETWEEN_SENTENCES_S * RATE_HZ) * 2)
    return bytes(pcm) + bytes(round(BETWEEN_PARAGRAPHS_S * RATE_HZ) * 2), tuple(tokens)


def sentences(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Split after sentence ends; flite's library speaks one sentence at a time."""
    sentence: list[str] = []
    for token in tokens:
        sentence.append(token)
        if re.search(r"[.!?][\"”')]*$", token) and not ABBREVIATIONS.search(token):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


class Wave(Structure):
    """Flite's ``cst_wave``."""

    _fields_ = (
        ("type", c_char_p),
        ("sample_rate", c_int),
        ("num_samples", c_int),
        ("num_channels", c_int),
        ("samples", POINTER(c_short)),
    )


class Relation(Structure):
    """Flite's ``cst_relation``."""

    _fields_ = (
        ("name", c_char_p),
        ("features", c_void_p),
        ("utterance", c_void_p),
        ("head", c_void_p),
        ("tail", c_void_p),
    )


@cache
def flite() -> ctypes.CDLL:
    """Load flite's library."""
    library = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
    for name in ("usenglish", "cmulex"):
        ctypes.CDLL(f"libflite_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    signatures: dict[str, tuple[Any, ...]] = {
        "flite_synth_text": (c_void_p, c_char_p, c_void_p),
        "delete_utterance": (None, c_void_p),
        "utt_wave": (POINTER(Wave), c_void_p),
        "utt_relation": (POINTER(Relation), c_void_p, c_char_p),
        "item_next": (c_void_p, c_void_p),
        "item_daughter": (c_void_p, c_void_p),
        "path_to_item": (c_void_p, c_void_p, c_char_p),
        "ffeature_float": (c_float, c_void_p, c_char_p),
    }
    for name, (result, *parameters) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, parameters
    library.flite_init()
    return library


@cache
def voice_of(name: str) -> int:
    """Load one of flite's voices."""
    flite()
    register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
    register.restype, register.argtypes = c_void_p, [c_void_p]
    return int(register(None))


def speak(sentence: str, voice: str) -> tuple[bytes, list[float | None]]:
    """Speak one sentence; return the audio and, for each of flite's tokens, the onset of its first phone in seconds."""
    library = flite()
    utterance = library.flite_synth_text(sentence.encode(), voice_of(voice))
    wave = library.utt_wave(utterance)[0]
    if (wave.sample_rate, wave.num_channels) != (RATE_HZ, 1):
        raise SystemExit("flite spoke in another format than expected")
    pcm = ctypes.string_at(wave.samples, wave.num_samples * 2)
    onsets: list[float | None] = []
    token = library.utt_relation(utterance, b"Token")[0].head
    while token:
        onset_s = None
        word = library.item_daughter(token)
        while word and onset_s is None:
            phone = library.path_to_item(word, b"R:SylStructure.daughter1.daughter1.R:Segment.p")
            onset_s = library.ffeature_float(phone, b"end") if phone else None
            word = library.item_next(word)
        onsets.append(onset_s)
        token = library.item_next(token)
    library.delete_utterance(utterance)
    return pcm, onsets


def sox(*arguments: str) -> bytes:
    """Run sox with repeatable random numbers and return its samples."""
    return subprocess.run(["sox", "-R", "-n", *RAW, "-", *arguments], check=True, capture_output=True).stdout  # noqa: S607


@cache
def hiss(kind: str, length_bytes: int) -> bytes:
    """Return noise."""
    return sox("synth", str(length_bytes / BYTES_PER_S + 0.1), kind, "vol", "0.5")[:length_bytes]


@cache
def on_and_off(noise: bytes) -> bytes:
    """Silence every other part of a noise."""
    period = 2 * ON_S * BYTES_PER_S
    periods = (noise[start : start + period] for start in range(0, len(noise), period))
    return b"".join(part[: period // 2].ljust(len(part), b"\0") for part in periods)


def tone(frequency_hz: float, length_s: float, shape: str) -> array[int]:
    """Return a tone that fades out."""
    fade = ("fade", "0.01", str(length_s), "0.1")
    return array("h", sox("synth", str(length_s), shape, str(frequency_hz), *fade, "vol", "0.3"))


@cache
def music(number: int) -> bytes:
    """Return chords, a melody and drums, different for each number."""
    chance = random.Random(number)  # noqa: S311 - the same melody each time
    samples = array("h", bytes(INTERLUDE_S * BYTES_PER_S))
    chords = ((220, 277.2, 329.6), (146.8, 185, 220), (164.8, 207.7, 246.9), (220, 261.6, 329.6))
    drum = array("h", sox("synth", "0.12", "whitenoise", "fade", "0", "0.12", "0.1", "vol", "0.3"))

    def add(sound: array[int], beat: int, gain: float) -> None:
        start = beat * RATE_HZ // 2
        for index in range(min(len(sound), len(samples) - start)):
            samples[start + index] = clipped(samples[start + index] + sound[index] * gain)

    for beat in range(INTERLUDE_S * 2):
        if beat % 4 == 0:
            for frequency_hz in chords[beat // 4 % 4]:
                add(tone(frequency_hz, 2, "triangle"), beat, 0.5)
        add(tone(chance.choice((440, 493.9, 554.4, 659.3, 740, 880)), 0.5, "pluck"), beat, 1)
        add(drum, beat, 1 if beat % 2 else 0.5)
    return samples.tobytes()


def clipped(sample: float) -> int:
    """Clip a sample to 16 bits."""
    return max(-32768, min(32767, int(sample)))


def loudness(pcm: bytes) -> float:
    """Return the root mean square of the frames that are not silent."""
    samples = array("h", pcm)
    frames = [statistics.fmean(s * s for s in samples[at : at + 320]) for at in range(0, len(samples) - 320, 320)]
    return statistics.fmean(frame for frame in frames if frame > SILENCE) ** 0.5


def scaled(pcm: bytes, level: float) -> bytes:
    """Scale audio to a level."""
    samples = array("h", pcm)
    gain = level / statistics.fmean(s * s for s in samples) ** 0.5
    return array("h", (clipped(sample * gain) for sample in samples)).tobytes()


def mixed(pcm: bytes, other: bytes) -> bytes:
    """Mix audio with other audio of the same length."""
    return array("h", (clipped(a + b) for a, b in zip(array("h", pcm), array("h", other), strict=True))).tobytes()


if __name__ == "__main__":
    main()
