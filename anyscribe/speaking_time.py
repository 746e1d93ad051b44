"""Estimate how long a text takes to say; all of the program uses this estimate."""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

_LETTER_MS: Final = 75.0
"""A letter of an alphabet: 170 English words a minute are 13 letters a second."""

# In letters of an alphabet. Counting syllables instead of letters predicts word lengths no better (espeak-ng's voices
# in nine languages: 63.2 ms unexplained, 64.7 with letters). Languages differ little in speed (Mandarin has 5.2
# syllables a second, Japanese 7.8, Korean about 7), speakers by a factor of two.
# Source: Pellegrino, Coupé, Marsico 2011, https://doi.org/10.1353/lan.2011.0057.
_DIGIT: Final = 5.0
_CURRENCY: Final = 5.0
_VOWEL_SIGN: Final = 0.5
_HANGUL: Final = ("\uac00", "\ud7a3", 2.0)
_RANGES: Final = (
    ("\u0590", "\u07ff", 1.5),  # Hebrew and Arabic: most vowels are not written
    ("\u0900", "\u0dff", 1.5),  # Indian scripts: a consonant includes a vowel
    ("\u3005", "\u3005", 3.0),  # the mark that repeats a Chinese character
    ("\u3040", "\u30ff", 1.8),  # Japanese syllables
    ("\u3400", "\u9fff", 3.0),  # Chinese characters
)


def speaking_ms(text: str) -> float:
    """Estimate how long a text takes to say at the usual speed of its language.

    Args:
        text: Text in any script.

    Returns:
        Milliseconds, correct within a factor of two for most speakers; 0 for a text with nothing to say.
    """
    return sum(map(_character_ms, text))


@functools.lru_cache(maxsize=10_000)
def _character_ms(character: str) -> float:
    first, last, length = _HANGUL
    if first <= character <= last:
        return _LETTER_MS * length
    return _LETTER_MS * sum(map(_length, unicodedata.normalize("NFKD", character)))


def _length(character: str) -> float:
    category = unicodedata.category(character)
    if category in {"Lo", "Lm"}:
        return next((length for first, last, length in _RANGES if first <= character <= last), 1.0)
    if category[0] == "L":
        return 1.0
    if category[0] == "N":
        return _DIGIT
    return {"Sc": _CURRENCY, "Mc": _VOWEL_SIGN}.get(category, 0.0)
