"""How an English word is pronounced: by the model's dictionary, by words that it is made of, or by its letters."""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.pronouncing.affixes import BEGINNINGS, ENDINGS, american_spellings, stems, with_ending
from anyscribe.alignment.sphinx.pronouncing.dictionary import Ways, look_up
from anyscribe.alignment.sphinx.pronouncing.letter_sounds import LETTER_NAMES, sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST_WAYS: Final = 3
_DEEPEST: Final = 2
_LONGEST: Final = 60
"""Only the beginning of a longer word is pronounced: such a word is not said."""

_LONGEST_DERIVED: Final = 30
_SHORTEST_STEM: Final = 2
_SHORTEST_DERIVED: Final = 6
_SHORTEST_PART: Final = 3
_LONGEST_SPELLED: Final = 5
_CONTRACTED: Final = {"d": "D", "ll": "L", "ve": "V", "re": "ER", "m": "M"}
_ELIDED: Final = {"o": "OW", "d": "D", "l": "L", "y": "Y"}
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_OTHER_LETTERS: Final = {
    "ł": "w", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ñ": "ny", "\u0131": "i",
    "ç": "s", "č": "ch", "ć": "ch", "š": "sh", "ś": "sh", "ş": "sh", "ș": "sh", "ž": "zh", "ż": "zh", "ź": "zh",
    "ț": "ts", "ř": "rzh", "ħ": "h", "ŋ": "ng",
}  # fmt: skip
"""Letters that are not one of the 26 with a mark, with letters that sound like them."""


@functools.lru_cache(maxsize=10_000)
def pronounce(word: str) -> Ways:
    """Return the likely pronunciations of a word.

    Args:
        word: In lower case, letters and apostrophes, at least one letter.

    Returns:
        One to three ways, likeliest first, each in the phones of the model: ``HH AH L OW``.
    """
    return Pronouncer(look_up).pronounce(word)


def is_known(word: str) -> bool:
    """Return whether the model's dictionary has a word, so that the decoder needs no pronunciation for it.

    Args:
        word: In lower case.
    """
    return bool(look_up(word))


class Pronouncer:
    """Finds pronunciations in a dictionary, and derives those of words that it does not have.

    Args:
        look_up: Returns the dictionary's pronunciations of a word; empty if it has none.
    """

    def __init__(self, look_up: Callable[[str], Ways]) -> None:
        self._look_up = look_up

    def pronounce(self, word: str) -> Ways:
        """Return the likely pronunciations of a word; see the function of the same name."""
        if known := self._look_up(word):
            return known
        spellings = list(_spellings(word[:_LONGEST]))
        ways = (
            [way for spelling in spellings for way in self._look_up(spelling)]
            or [way for spelling in spellings for way in self._derived(spelling) or self._compounded(spelling)]
            or [self._guessed(spellings[0])]
        )
        return tuple(dict.fromkeys(ways))[:_MOST_WAYS]

    def _derived(self, word: str, depth: int = 0) -> Ways:
        """Make a word of a known one and an ending or a beginning, or of its American spelling."""
        if depth > _DEEPEST or len(word) > _LONGEST_DERIVED:
            return ()
        if "'" in word:
            return self._with_apostrophe(word)
        for american in american_spellings(word):
            if ways := self._look_up(american) or self._derived(american, depth + 1):
                return ways
        return next(self._with_ending(word, depth), ()) or next(self._with_beginning(word, depth), ())

    def _with_ending(self, word: str, depth: int) -> Iterator[Ways]:
        for ending, sound in ENDINGS:
            stem = word.removesuffix(ending)
            if stem == word or len(stem) < _SHORTEST_STEM:
                continue
            for base in stems(stem, ending):
                ways = self._look_up(base)
                if not ways and len(base) >= _SHORTEST_DERIVED:
                    ways = self._derived(base, depth + 1)
                if ways:
                    yield tuple(with_ending(way, ending, sound, base) for way in ways)

    def _with_beginning(self, word: str, depth: int) -> Iterator[Ways]:
        for beginning, sound in BEGINNINGS:
            rest = word.removeprefix(beginning)
            if (
                rest != word
                and len(rest) > _SHORTEST_STEM
                and (ways := self._look_up(rest) or self._derived(rest, depth + 1))
            ):
                yield tuple(f"{sound} {way}" for way in ways)

    def _with_apostrophe(self, word: str) -> Ways:
        """Read ``teacher's``, ``she'd``, ``goin'``, ``o'keefe``."""
        before, _, after = word.rpartition("'")
        if not before or not after:
            full = self._look_up(f"{before}g") if before.endswith("in") else ()
            return tuple(f"{way.removesuffix('NG')}N" for way in full) or self.pronounce(before or after)
        if after == "s":
            return tuple(with_ending(way, after, "", before) for way in self.pronounce(before))
        if after in _CONTRACTED:
            return tuple(f"{way} {_CONTRACTED[after]}" for way in self.pronounce(before))
        first = _ELIDED.get(before) or self.pronounce(before)[0]
        return tuple(f"{first} {way}" for way in self.pronounce(after))

    def _compounded(self, word: str) -> Ways:
        """Make a word of two known ones, parted as near its middle as can be."""
        middle = len(word) // 2
        for at in sorted(range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1), key=lambda at: abs(at - middle)):
            first, second = self._look_up(word[:at]), self._look_up(word[at:])
            if first and second:
                return (f"{first[0]} {second[0]}",)
        return ()

    def _guessed(self, word: str) -> str:
        """Spell what has no vowel, read the rest by its letters."""
        letters = word.replace("'", "")
        if 0 < len(letters) <= _LONGEST_SPELLED and not set(letters) & set("aeiouy"):
            return " ".join(LETTER_NAMES[letter] for letter in letters)
        return " ".join(sounds(letters))


def _spellings(word: str) -> Iterator[str]:
    """Write a word with the 26 letters and apostrophes: ``müller`` as ``muller`` and ``mueller``."""
    yield _plain(word)
    if any(letter in word for letter in "äöü"):
        yield _plain(word.translate(_UMLAUTS))


def _plain(letters: Iterable[str]) -> str:
    return "".join(map(_plain_letter, letters))


def _plain_letter(letter: str) -> str:
    if letter.isascii():
        return letter.lower() if letter.isalpha() or letter == "'" else ""
    if letter in _OTHER_LETTERS:
        return _OTHER_LETTERS[letter]
    base = "".join(part for part in unicodedata.normalize("NFKD", letter) if part.isascii() and part.isalpha()).lower()
    # The names of other scripts' letters and syllables say how they sound: CYRILLIC SMALL LETTER ZHE.
    name = unicodedata.name(letter, "").rpartition(" ")[2].lower()
    return base or (name if name.isalpha() and name.isascii() and len(name) <= len("gamma") else "a")
