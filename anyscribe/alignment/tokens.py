"""A text's words, in any script; what ends with them, and how long each takes to say."""

from __future__ import annotations

import functools
import unicodedata
from enum import Enum
from typing import Final

from anyscribe.orthography import has_unspaced_words

_STACKING: Final = frozenset("\u1039\u17d2")
"""Burmese and Khmer marks that put the next consonant below the one before."""

_KILLING: Final = "\u103a"
"""The Burmese mark of a consonant that ends a syllable; a tone mark may stand between the two."""

_LEADING_VOWELS: Final = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")
"""Thai and Lao vowels that are written before the consonant after which they are spoken."""

_FOLLOWING: Final = frozenset(
    # Thai and Lao vowels that follow their consonant, and marks of repetition and abbreviation.
    "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6"
    # Small kana, and marks of length and repetition.
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々ゝゞヽヾ"
)
"""Letters that never begin a syllable."""

_OPENING: Final = frozenset({"Ps", "Pi"})
_QUOTING: Final = frozenset({"Pe", "Pf", "Pi"})
"""What may stand after a full stop. German closes with the mark that opens in English."""

_SENTENCE_ENDS: Final = frozenset(".?!。।॥؟\u06d4\u0589።။")
_CLAUSE_ENDS: Final = frozenset(",;:\u2013\u2014、،؛၊")

_DIGIT: Final = 5.0
_CURRENCY: Final = 5.0
_VOWEL_SIGN: Final = 0.5
_LENGTHS: Final = (
    ("\u0590", "\u07ff", 1.5),  # Hebrew and Arabic: most vowels are not written
    ("\u0900", "\u0dff", 1.5),  # India's: a consonant holds a vowel
    ("\u3005", "\u3005", 3.0),  # the mark that repeats a Chinese character
    ("\u3040", "\u30ff", 1.8),  # Japanese syllables
    ("\u3400", "\u9fff", 3.0),  # Chinese characters
)
"""From one character to another: how long each is. Letters of alphabets count 1, vowels or not: on espeak-ng's voices
in nine languages, counting syllables told a word's length no better (it left 63.2 ms unexplained, letters 64.7)."""


class Ending(Enum):
    """What ends with a word, as its punctuation tells: there people pause."""

    NONE = "none"
    CLAUSE = "clause"
    SENTENCE = "sentence"


def tokens_of(text: str) -> list[str]:
    """Divide a text into its words.

    Where a script has blanks between words, they divide it; where it has none, each character does, with the marks and
    punctuation that belong to it. Words and numbers of other scripts inside such a text stay whole.

    Args:
        text: Any text.

    Returns:
        The words in the text's order, none of them empty; joined, they are the text without its white space.
    """
    return [token for chunk in text.split() for token in _divided(chunk)]


def ending_of(token: str) -> Ending:
    """Tell whether a clause or sentence ends with a word.

    Args:
        token: A word of `tokens_of`.
    """
    while token and (token[-1] in "\"'" or unicodedata.category(token[-1]) in _QUOTING):
        token = token[:-1]
    # Wide marks are as good as narrow ones, and three dots as a full stop.
    last = unicodedata.normalize("NFKC", token[-1:])[-1:]
    if last in _SENTENCE_ENDS:
        return Ending.SENTENCE
    return Ending.CLAUSE if last in _CLAUSE_ENDS else Ending.NONE


def spoken_length(token: str) -> float:
    """Tell how long a word takes to say, compared with others.

    Args:
        token: A word of `tokens_of`.

    Returns:
        Its length in letters of an alphabet, as many as are heard about as long; 0 for one with nothing to say.
    """
    return sum(map(_character_length, unicodedata.normalize("NFKD", token)))


@functools.lru_cache(maxsize=10_000)
def _character_length(character: str) -> float:
    category = unicodedata.category(character)
    if category in {"Lo", "Lm"}:
        return next((length for first, last, length in _LENGTHS if first <= character <= last), 1.0)
    if category[0] == "L":
        return 1.0
    if category[0] == "N":
        # "2026" is said in five syllables or more.
        return _DIGIT
    return {"Sc": _CURRENCY, "Mc": _VOWEL_SIGN}.get(category, 0.0)


def _divided(chunk: str) -> list[str]:
    """Divide what has no white space in it."""
    if not any(map(has_unspaced_words, chunk)):
        return [chunk]
    tokens: list[str] = []
    # What opens the next token, and whether the next character belongs to the last one, whatever it is.
    opening = ""
    is_open = False
    for index, character in enumerate(chunk):
        if unicodedata.category(character) in _OPENING:
            opening += character
            continue
        joins = is_open or _joins(chunk, index)
        if tokens and not opening and joins:
            tokens[-1] += character
        else:
            tokens.append(opening + character)
            opening = ""
        is_open = (
            character in _STACKING or character in _LEADING_VOWELS or not any(letter.isalnum() for letter in tokens[-1])
        )
    if opening:
        tokens = [*tokens[:-1], "".join(tokens[-1:]) + opening]
    return tokens


def _joins(chunk: str, index: int) -> bool:
    """Tell whether a character belongs to the token before it."""
    character = chunk[index]
    if not index or not character.isalnum() or character in _FOLLOWING:
        return True
    if _KILLING in chunk[index + 1 : index + 3] and not any(map(str.isalnum, chunk[index + 1 : index + 2])):
        return True
    return not _is_syllable(character) and not _is_syllable(chunk[index - 1])


def _is_syllable(character: str) -> bool:
    """Tell whether a character is a token by itself: digits are not, nor the Latin alphabet's wide letters."""
    is_wide_latin = unicodedata.normalize("NFKC", character).isascii()
    return has_unspaced_words(character) and not is_wide_latin and not character.isdecimal()
