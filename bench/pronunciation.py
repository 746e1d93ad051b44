"""Accuracy of guessed pronunciations for every 50th word of the dictionary, hidden for the test; reading speed.

python bench/pronunciation.py [OFFSET]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pocketsphinx

from anyscribe.alignment.sphinx.pronouncing.dictionary import look_up
from anyscribe.alignment.sphinx.pronouncing.letter_sounds import sounds
from anyscribe.alignment.sphinx.pronouncing.pronunciation import Pronouncer
from anyscribe.alignment.sphinx.reading.spoken import readings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_STEP: Final = 50
_VOWELS: Final = frozenset(("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"))
_TEXT: Final = Path(__file__).parent / "texts" / "english.txt"


def main() -> None:
    """Print phone error rate, words without errors, words with the right number of syllables, and reading time."""
    words = _words()[int(sys.argv[1]) if sys.argv[1:] else 0 :: _STEP]
    hidden = frozenset(words)
    pronouncer = Pronouncer(lambda word: () if word in hidden else look_up(word))
    print(f"{len(words)} words of the dictionary, hidden:")
    _report("the whole path", words, lambda word: pronouncer.pronounce(word)[0])
    _report("letters alone ", words, lambda word: " ".join(sounds(word)))
    tokens = _TEXT.read_text(encoding="utf-8").split()
    readings(tokens[:10])
    start_s = time.process_time()
    found = readings(tokens)
    seconds = time.process_time() - start_s
    ways = sum(map(len, found)) / len(found)
    print(f"{len(tokens)} tokens read aloud in {seconds * 1e3:.0f} ms, {ways:.2f} ways each")


def _words() -> list[str]:
    path = Path(pocketsphinx.get_model_path(), "en-us", "cmudict-en-us.dict")
    lines = path.read_text(encoding="utf-8").splitlines()
    words = (line.partition(" ")[0] for line in lines)
    return [word for word in words if word.replace("'", "").isalpha()]


def _report(name: str, words: Sequence[str], guess: Callable[[str], str]) -> None:
    start_s = time.process_time()
    guesses = [guess(word).split() for word in words]
    seconds = time.process_time() - start_s
    errors = phones = right = same = 0
    for word, guessed in zip(words, guesses, strict=True):
        wrong, known = min((_distance(guessed, way.split()), way.split()) for way in look_up(word))
        errors += wrong
        phones += len(known)
        right += not wrong
        same += sum(phone in _VOWELS for phone in known) == sum(phone in _VOWELS for phone in guessed)
    print(
        f"   {name}: phone errors {errors / phones:.1%}, words right {right / len(words):.1%}, "
        f"syllables right {same / len(words):.1%}, {seconds / len(words) * 1e6:.0f} us a word"
    )


def _distance(guessed: Sequence[str], known: Sequence[str]) -> int:
    """Count the phones to change, insert or delete."""
    row = list(range(len(known) + 1))
    for at, phone in enumerate(guessed, start=1):
        before, row[0] = row[0], at
        for other_at, other in enumerate(known, start=1):
            before, row[other_at] = (
                row[other_at],
                min(row[other_at] + 1, row[other_at - 1] + 1, before + (phone != other)),
            )
    return row[-1]


if __name__ == "__main__":
    main()
