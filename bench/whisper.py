"""The built-in Whisper beside the library that it stands on, with the same weights: word errors and lost words.

    python bench/whisper.py MODEL LANGUAGE RECORDING...

MODEL is a folder with a model for CTranslate2. The truth is a text file beside each recording (`talk.wav`, `talk.txt`);
a recording without one is only compared with itself. The columns are the program's text, json and srt, the library as
it is (`WhisperModel.transcribe` without options, and with word times), and its command line, whisper-ctranslate2, if it
is on the PATH.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import faster_whisper
from accuracy import edit_distance
from measure import PROGRAM

from anyscribe.formats.wire import parse
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMAND_LINE: Final = "whisper-ctranslate2"
_UNSPACED: Final = ("ja", "zh")


def main() -> None:
    """Transcribe each recording in each way and print the word errors."""
    folder, language, *recordings = sys.argv[1:]
    model = faster_whisper.WhisperModel(folder, compute_type="auto")
    ways: dict[str, Callable[[str], str]] = {
        "text": lambda path: _program(folder, language, path, "text"),
        "json": lambda path: json.loads(_program(folder, language, path, "json"))["text"],
        "srt": lambda path: parse(_program(folder, language, path, "srt"), ResponseFormat.SRT).text,
        "library": lambda path: _text_of(model, language, path),
        "library, word times": lambda path: _text_of(model, language, path, word_timestamps=True),
    }
    if shutil.which(_COMMAND_LINE):
        ways[_COMMAND_LINE] = lambda path: _command_line(folder, language, path)
    errors = dict.fromkeys(ways, 0)
    total = 0
    print(f"{'':<24}  words  {'  '.join(ways)}   our words without a length")
    for path in recordings:
        heard = {name: _words(way(path), language) for name, way in ways.items()}
        truth = Path(path).with_suffix(".txt")
        said = _words(truth.read_text(encoding="utf-8"), language) if truth.exists() else None
        cells = []
        for name, words in heard.items():
            wrong = edit_distance(heard["text"] if said is None else said, words)
            errors[name] += 0 if said is None else wrong
            cells.append(f"{'' if said else '±'}{wrong}".rjust(len(name)))
        total += len(said or ())
        short = sum(word["end"] <= word["start"] for word in _timed_words(folder, language, path))
        print(f"{Path(path).stem:<24}  {len(said or heard['text']):>5}  {'  '.join(cells)}   {short}", flush=True)
    if total:
        rates = (f"{wrong / total:.1%}".rjust(len(name)) for name, wrong in errors.items())
        print(f"{'word error rate':<24}  {total:>5}  {'  '.join(rates)}")


def _program(folder: str, language: str, path: str, form: str, *more: str) -> str:
    command = [PROGRAM, path, "--local", "--model", folder, "-l", language, "-f", form, "-q", *more]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()


def _timed_words(folder: str, language: str, path: str) -> list[dict[str, Any]]:
    answer = json.loads(_program(folder, language, path, "verbose_json", "--timestamp-granularities", "word"))
    return answer.get("words", [])


def _text_of(model: faster_whisper.WhisperModel, language: str, path: str, **options: bool) -> str:
    return "".join(segment.text for segment in model.transcribe(path, language=language, **options)[0])


def _command_line(folder: str, language: str, path: str) -> str:
    with tempfile.TemporaryDirectory() as outputs:
        command = [_COMMAND_LINE, path, "--model_directory", folder, "--language", language]
        command += ["--output_format", "txt", "--output_dir", outputs]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return next(Path(outputs).iterdir()).read_text(encoding="utf-8")


def _words(text: str, language: str) -> list[str]:
    """Return words without case and punctuation; characters, in scripts without spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "")
    plain = "".join(character if character.isalnum() else " " for character in folded)
    return list(plain.replace(" ", "")) if language in _UNSPACED else plain.split()


if __name__ == "__main__":
    main()
