"""Make the recordings for the alignment tests, with the synthesisers' own times.

English is spoken by two of flite's voices, other languages by espeak-ng's; a text's name is its voice. The tests need
only the files, which are committed. Making them again needs both programs' libraries and PyAV.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
sys.path += [str(ROOT / "bench"), str(ROOT / "samples")]

from alignment import spoken_paragraph  # noqa: E402 - the scripts are not packages
from espeak import Speaker, token_onsets, write_wav  # noqa: E402
from make_library import write_flac  # noqa: E402

from anyscribe.audio import probe  # noqa: E402
from anyscribe.words import split_words  # noqa: E402

FLITE = ("rms", "slt")


def main() -> None:
    """Synthesise each text with its voice."""
    for text in sorted(HERE.glob("*.txt")):
        say = spoken_by_flite if text.stem in FLITE else spoken_by_espeak
        pcm, truth = say(text.read_text(encoding="utf-8"), text.stem)
        write_flac(text.with_suffix(".flac"), pcm)
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in truth)
        text.with_suffix(".json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")


def spoken_by_flite(text: str, voice: str) -> tuple[bytes, list[list[str | int | None]]]:
    """Return samples, and each token with its onset in milliseconds; None if it is not spoken."""
    pcm, tokens = spoken_paragraph(text, voice)
    return pcm, [[one.text, None if one.onset_s is None else round(one.onset_s * 1000)] for one in tokens]


def spoken_by_espeak(text: str, voice: str) -> tuple[bytes, list[list[str | int | None]]]:
    """Do the same."""
    spoken = Speaker().speak(voice, text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spoken.wav"
        write_wav(spoken, path)
        pcm = b"".join(probe(path).pcm())
    tokens = split_words(text)
    return pcm, [list(pair) for pair in zip(tokens, token_onsets(text, tokens, spoken.onsets), strict=True)]


if __name__ == "__main__":
    main()
