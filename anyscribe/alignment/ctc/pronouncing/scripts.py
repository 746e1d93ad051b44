"""The script that a word is written in, and which scripts can be read."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

LATIN: Final = "LATIN"

LANGUAGES: Final = {
    # The languages of each script that have a voice; the first one reads words in texts of other languages.
    "CYRILLIC": ["ru", "uk", "be", "bg", "mk", "sr", "ba", "cv", "kk", "ky", "tt"],
    "GREEK": ["el"],
    "ARABIC": ["ar", "fa", "ur", "sd", "ug"],
    "HEBREW": ["he"],
    "DEVANAGARI": ["hi", "mr", "ne", "kok"],
    "BENGALI": ["bn", "as", "bpy"],
    "GURMUKHI": ["pa"],
    "GUJARATI": ["gu"],
    "ORIYA": ["or"],
    "TAMIL": ["ta"],
    "TELUGU": ["te"],
    "KANNADA": ["kn"],
    "MALAYALAM": ["ml"],
    "SINHALA": ["si"],
    "THAI": ["th"],
    "MYANMAR": ["my", "shn"],
    "GEORGIAN": ["ka"],
    "ARMENIAN": ["hy", "hyw"],
    "ETHIOPIC": ["am", "ti"],
    "HANGUL": ["ko"],
    "HIRAGANA": ["ja"],
    "KATAKANA": ["ja"],
    "CJK": ["zh", "yue", "ja", "hak"],
}
"""Names as in the names of Unicode's characters, and ISO-639-1 codes."""

_WIDE: Final = ("FULLWIDTH ", "HALFWIDTH ")
_MOSTLY: Final = 0.5


def script_of(word: str) -> str:
    """Return the script of a word's first letter, by its name in Unicode; empty if it has none.

    Args:
        word: A word.
    """
    return next((script for script in map(_script, word) if script), "")


def can_be_read(text: str) -> bool:
    """Return whether most of a text is in scripts that can be read.

    Args:
        text: Any text; one without letters can be read.
    """
    scripts = [script for script in map(_script, text) if script]
    known = sum(script == LATIN or script in LANGUAGES for script in scripts)
    return known >= _MOSTLY * len(scripts)


@lru_cache(maxsize=10_000)
def _script(character: str) -> str:
    """Return the script of a letter; empty for everything else."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "")
    for prefix in _WIDE:
        name = name.removeprefix(prefix)
    return name.split(" ")[0].split("-")[0]
