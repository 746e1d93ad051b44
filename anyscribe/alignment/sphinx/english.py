"""Detect whether a text is English, the only language of the acoustic model."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = frozenset({"en", "eng", "english"})
_FREQUENT: Final = frozenset(
    re.findall(
        r"\S+",
        """
        the of and to a in is was that it for you he on with as i his at be this have from or had by but not what all
        were we when your can said there use an each which she do how their if will up other about out many then them
        these so some her would make like him into time has look two more go see no way could people my than been who
        its now did get come made may they are me just know don't it's i'm that's very because our us okay yes well
        """,
    )
)
"""The most frequent English words; they make up half of English prose."""

_FREQUENT_SHARE: Final = 0.25
_FOREIGN_SHARE: Final = 0.1


def is_english(text: str, language: str | None) -> bool:
    """Return whether a text is in the language of the acoustic model.

    Args:
        text: The text; it decides if the language is unknown.
        language: A code (``en``, ``en-US``) or an English name (``english``); None if unknown.

    Returns:
        Whether it is English.
    """
    if language:
        return re.split("[-_]", language.strip().lower())[0] in _NAMES
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    # Other languages have small words in common with English, but few English words have an accent.
    foreign = sum(not word.isascii() for word in words)
    frequent = sum(word in _FREQUENT for word in words)
    return bool(words) and frequent >= _FREQUENT_SHARE * len(words) and foreign <= _FOREIGN_SHARE * len(words)
