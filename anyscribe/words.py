"""Split text into words, in any script."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from anyscribe.scripts import has_unspaced_words

_STACKING: Final = frozenset("\u1039\u17d2")
"""Burmese and Khmer marks that put the next consonant below the previous one."""

_KILLING: Final = "\u103a"
"""The Burmese mark of a consonant that ends a syllable; a tone mark may come between the two."""

_LEADING_VOWELS: Final = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")
"""Thai and Lao vowels that are written before a consonant but spoken after it."""

_FOLLOWING: Final = frozenset(
    # Thai and Lao vowels that follow their consonant, and repetition and abbreviation marks.
    "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6"
    # Small kana, and length and repetition marks.
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々ゝゞヽヾ"
)
"""Letters that never begin a syllable."""

_OPENING: Final = frozenset({"Ps", "Pi"})

# Vowel signs are neither letters nor digits; they stay with the letter before them.
_SIGN: Final = r"[\u0300-\u036f\u0900-\u0dff\u0e30-\u0e4e\u0eb0-\u0ece\u1000-\u17ff]"
_BARE: Final = re.compile(rf"[^\W_](?:.*[^\W_])?(?:(?![^\W_]){_SIGN})*")


def split_words(text: str) -> list[str]:
    """Split a text into its words.

    Scripts with spaces are split at them. In scripts without spaces, each character is a word, together with its marks
    and punctuation; words and numbers of other scripts inside such a text stay whole.

    Args:
        text: Any text.

    Returns:
        Non-empty words, in order; joined, they are the text without its whitespace.
    """
    return [word for chunk in text.split() for word in _divided(chunk)]


def bare_words(text: str) -> list[str]:
    """Split a text into its words without the punctuation around them.

    Args:
        text: Any text.

    Returns:
        The words that have letters or digits, in order, spelled as in the text.
    """
    found = (word if word.isalnum() else _bare(word) for word in split_words(text))
    return [word for word in found if word]


def _bare(word: str) -> str:
    match = _BARE.search(word)
    return match.group() if match else ""


def _divided(chunk: str) -> list[str]:
    """Split text that contains no whitespace."""
    if chunk.isascii() or not any(map(has_unspaced_words, chunk)):
        return [chunk]
    words: list[str] = []
    # Opening punctuation of the next word, and whether any next character belongs to the last word.
    opening = ""
    is_open = has_letter = False
    for index, character in enumerate(chunk):
        if unicodedata.category(character) in _OPENING:
            opening += character
            continue
        joins = is_open or _joins(chunk, index)
        if words and not opening and joins:
            words[-1] += character
        else:
            words.append(opening + character)
            opening = ""
            has_letter = False
        has_letter = has_letter or character.isalnum()
        is_open = character in _STACKING or character in _LEADING_VOWELS or not has_letter
    if opening:
        words = [*words[:-1], "".join(words[-1:]) + opening]
    return words


def _joins(chunk: str, index: int) -> bool:
    """Return whether a character belongs to the word before it."""
    character = chunk[index]
    if not index or not character.isalnum() or character in _FOLLOWING:
        return True
    if _KILLING in chunk[index + 1 : index + 3] and not any(map(str.isalnum, chunk[index + 1 : index + 2])):
        return True
    return not _is_syllable(character) and not _is_syllable(chunk[index - 1])


def _is_syllable(character: str) -> bool:
    """Return whether a character is a word by itself; digits and full-width Latin letters are not."""
    is_wide_latin = unicodedata.normalize("NFKC", character).isascii()
    return has_unspaced_words(character) and not is_wide_latin and not character.isdecimal()
