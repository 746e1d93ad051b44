"""Make a spoken sample with known word times: a FLAC and a JSON list of its words.

The words are spoken by flite's voice `rms`, and their times are flite's own: it prints the end of each phone of an
utterance (`-psdur`). It does not print which phones belong to which word, so each word is also spoken alone, and the
sentence's phones are assigned by the cheapest alignment with the words' phones. The words are those of the text, in its
case and without punctuation; the times are in seconds.

Needs the program flite (Debian package `flite`) and PyAV, which anyscribe itself needs. Run it without arguments to
make `library.flac` and `library.words.json` from `library.txt` again.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av

VOICE = "rms"
SAMPLE_HZ = 16_000
SAMPLE_BYTES = 2
PAUSE = "pau"
# flite's waveform ends up to one of its 5 ms frames before its last phone; more would be drift.
FRAME_S = 0.005
VOWELS = frozenset(["aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"])
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Phone:
    """One phone of an utterance, in seconds from the utterance's start."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Word:
    """One word as written in the text, in seconds from the recording's start."""

    text: str
    start_s: float
    end_s: float


def main() -> None:
    """Synthesise a text and write the recording and its word times."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("text", nargs="?", type=Path, default=HERE / "library.txt", help="what to say")
    arguments.add_argument("flac", nargs="?", type=Path, default=HERE / "library.flac", help="where it goes")
    arguments.add_argument("--gap-s", type=float, default=0.2, help="silence added between sentences, in seconds")
    given = arguments.parse_args()

    gap = bytes(round(given.gap_s * SAMPLE_HZ) * SAMPLE_BYTES)
    pcm = b""
    words: list[Word] = []
    for sentence in split_sentences(given.text.read_text(encoding="utf-8")):
        pcm += gap if pcm else b""
        offset_s = len(pcm) / (SAMPLE_HZ * SAMPLE_BYTES)
        sound, spoken = speak(sentence)
        pcm += sound
        words += [Word(word.text, word.start_s + offset_s, word.end_s + offset_s) for word in spoken]

    write_flac(given.flac, pcm)
    truth = [{"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3)} for word in words]
    lines = ",\n".join(json.dumps(entry) for entry in truth)
    given.flac.with_suffix(".words.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
    print(f"{given.flac.name}: {len(words)} words, {len(pcm) / (SAMPLE_HZ * SAMPLE_BYTES):.3f} s")


def split_sentences(text: str) -> list[str]:
    """Split prose after every full stop, question mark and exclamation mark."""
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if sentence]


def speak(sentence: str) -> tuple[bytes, list[Word]]:
    """Synthesise one sentence.

    Each sentence is a separate run of flite: its times restart at zero with every utterance, and only in this way is
    the length of the audio before an utterance known exactly.

    Returns:
        The audio (16-bit mono at 16 kHz) and the words in order, in seconds from the audio's start.

    Raises:
        ValueError: If flite's words, phones and audio do not agree with each other or with the text.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sentence.wav")
        phones = parse_phones(run_flite("-psdur", "-t", sentence, "-o", str(path)))
        with wave.open(str(path)) as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (SAMPLE_HZ, 1, SAMPLE_BYTES):
                raise ValueError(f"flite spoke in another format than expected: {sound.getparams()}")
            pcm = sound.readframes(sound.getnframes())
    length_s = len(pcm) / (SAMPLE_HZ * SAMPLE_BYTES)
    if not 0 <= round(phones[-1].end_s - length_s, 6) <= FRAME_S:
        raise ValueError(f"the phones take {phones[-1].end_s} s, the sound {length_s} s: {sentence}")

    texts = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", sentence)
    spoken = run_flite("-pr", "Word", "-t", sentence, "-o", "none").split()
    if spoken != [text.lower() for text in texts]:
        raise ValueError(f"flite reads {spoken}, but the text is {texts}")
    owners = share_out([phone.name for phone in phones], [citation_phones(word) for word in spoken])
    words = []
    for index, text in enumerate(texts):
        own = [phone for phone, owner in zip(phones, owners, strict=True) if owner == index]
        words.append(Word(text, own[0].start_s, own[-1].end_s))
    return pcm, words


def run_flite(*arguments: str) -> str:
    """Run flite with the sample's voice and return its output."""
    command = ["flite", "-voice", VOICE, *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def parse_phones(printed: str) -> list[Phone]:
    """Parse the line `name:end name:end …` that flite prints for one utterance."""
    (line,) = printed.splitlines()
    phones: list[Phone] = []
    for item in line.split():
        name, end = item.split(":")
        phones.append(Phone(name, phones[-1].end_s if phones else 0.0, float(end)))
    return phones


@cache
def citation_phones(word: str) -> tuple[str, ...]:
    """Return the phones of a word spoken alone, without the pauses around it."""
    spoken = run_flite("-ps", "-t", word, "-o", "none").split()
    return tuple(phone for phone in spoken if phone != PAUSE)


def share_out(phones: list[str], words: list[tuple[str, ...]]) -> list[int | None]:
    """Assign each phone of a sentence to a word.

    Args:
        phones: The sentence's phones in order, pauses included.
        words: For each word in order, its phones when spoken alone.

    Returns:
        For each phone the word's index, or None for a pause.

    Raises:
        ValueError: If a word has no phones, or a pause in its middle.
    """
    sounds = [index for index, phone in enumerate(phones) if phone != PAUSE]
    wanted = [(phone, owner) for owner, word in enumerate(words) for phone in word]
    # cost[i][j]: the cheapest alignment of the first i phones with the first j wanted phones.
    cost = [[float(i + j) for j in range(len(wanted) + 1)] for i in range(len(sounds) + 1)]
    for i, sound in enumerate(sounds, 1):
        for j, (phone, _) in enumerate(wanted, 1):
            swapped = cost[i - 1][j - 1] + difference(phones[sound], phone)
            cost[i][j] = min(swapped, cost[i - 1][j] + 1, cost[i][j - 1] + 1)

    owners: list[int | None] = [None] * len(phones)
    i, j = len(sounds), len(wanted)
    while i:
        sound = sounds[i - 1]
        if j and cost[i][j] == cost[i - 1][j - 1] + difference(phones[sound], wanted[j - 1][0]):
            owners[sound] = wanted[j - 1][1]
            i, j = i - 1, j - 1
        elif j and cost[i][j] == cost[i][j - 1] + 1:
            j -= 1
        else:  # a phone that the word alone does not have: it goes with the phone before it
            owners[sound] = wanted[max(j - 1, 0)][1]
            i -= 1

    for owner in range(len(words)):
        own = [index for index, found in enumerate(owners) if found == owner]
        if not own or own != list(range(own[0], own[-1] + 1)):
            raise ValueError(f"word {owner} is not one stretch of phones: {owners}")
    return owners


def difference(spoken: str, wanted: str) -> float:
    """Return the cost of replacing a phone: vowels are reduced in a sentence, consonants seldom change."""
    if spoken == wanted:
        return 0.0
    return 0.5 if VOWELS.issuperset((spoken, wanted)) else 1.5


def write_flac(path: Path, pcm: bytes) -> None:
    """Write 16-bit mono audio at 16 kHz as a small FLAC with reproducible bytes."""
    with av.open(str(path), "w", format="flac", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("flac", rate=SAMPLE_HZ, layout="mono", options={"compression_level": "12"})
        stream.time_base = Fraction(1, SAMPLE_HZ)
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // SAMPLE_BYTES)
        frame.sample_rate = SAMPLE_HZ
        frame.planes[0].update(pcm)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


if __name__ == "__main__":
    main()
