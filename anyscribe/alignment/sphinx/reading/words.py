"""Read what is written with letters alone: words, and initials that are spelled."""

from __future__ import annotations

import re
from typing import Final

from anyscribe.alignment.sphinx.reading.abbreviations import PLAIN_WORDS, UNVOWELLED, WORDS_FROM_INITIALS
from anyscribe.alignment.sphinx.reading.readings import Reading, Readings, distinct, joined

_SPELLED_LENGTH: Final = len("XHTML")
"""From this length on, initials are rather said as a word."""

_INITIALS_LENGTH: Final = len("UNESCO") + 1

CAMEL: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_WITHOUT_VOWEL: Final = re.compile("[bcdfghjklmnpqrstvwxz]{2,}")
_UNSPLIT: Final = re.compile(r"(?:Mc|Mac|De|Di|La|Le|Van|O')")
"""A capital letter inside such names begins no other word."""


def word_readings(word: str, *, shouted: bool) -> Readings:
    """Read letters: a word, or initials that are spelled, or either.

    Args:
        word: Letters as they are written, with apostrophes inside.
        shouted: Whether the words around are in capitals too.
    """
    bare = word.rstrip("'")
    if word.lower().endswith("in'") and len(word) > len("in'"):
        bare = word
    stem, apostrophe, suffix = bare.partition("'")
    if len(stem) > 1 and stem[:-1].isupper() and stem[-1] == "s" and len(stem) > len("Is"):
        stem, suffix = stem[:-1], "s"
        apostrophe = "'"
    lower = bare.lower()
    if len(stem) > 1 and stem.isupper():
        if suffix.lower() not in {"", "s", "d", "ed"}:
            return ((lower,),)
        spelled: Reading = tuple(stem.lower())
        as_word: Reading = (stem.lower(),)
        if apostrophe:
            spelled, as_word = possessive(spelled), possessive(as_word)
        return _of_capitals(stem.lower(), spelled, as_word, shouted=shouted)
    if _WITHOUT_VOWEL.fullmatch(lower) and lower not in UNVOWELLED:
        return (tuple(lower), (lower,))
    if re.search(r"[a-z][A-Z]", bare) and not _UNSPLIT.match(bare):
        parts = joined([word_readings(part, shouted=False) for part in CAMEL.findall(bare)])
        return distinct([*parts[:1], (lower,), *parts[1:]])
    return ((lower,),)


def _of_capitals(letters: str, spelled: Reading, as_word: Reading, *, shouted: bool) -> Readings:
    if letters in PLAIN_WORDS or letters in WORDS_FROM_INITIALS:
        return (as_word, spelled)
    if len(letters) <= _SPELLED_LENGTH and not set(letters) & set("aeiouy"):
        return (spelled,)
    if len(letters) > _INITIALS_LENGTH:
        return (as_word,)
    return (as_word, spelled) if shouted or len(letters) >= _SPELLED_LENGTH else (spelled, as_word)


def possessive(reading: Reading) -> Reading:
    """Put an s after what is said."""
    return (*reading[:-1], f"{reading[-1]}'s")
