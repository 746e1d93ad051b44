"""What surrounds the words of a text: quotation marks, dashes, brackets, and signs that belong to a number."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.reading.abbreviations import ELISIONS, STAGE_DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOOKS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2032", "'"),
        **dict.fromkeys("\u2033", '"'),
        "\u00d7": "x",
        **dict.fromkeys("\u2015\u2e3a\u2e3b", "\u2014"),
        **dict.fromkeys("\u2122\u00ae\u00a9\u00ad", None),
        "\u2044": "/",
        "\u2215": "/",
    }
)
_KEPT: Final = frozenset("²³°%")
"""What compatibility normalisation would change, though the tables know it."""

_LEADING: Final = frozenset("$£€¥₹₩₽₺₴₪₿#@+-~±≈<>≤≥§=.'°")
"""Signs before a word or number that say something about it."""

_TRAILING: Final = frozenset("%‰°+€£$¢")
_LENGTH_MARKS: Final = frozenset({"'", '"', "''"})
_SHORT_YEAR: Final = re.compile(r"[0-9]{2}s?(?![0-9A-Za-z])")
_LONG_BRACKET: Final = 8


_BRACKETS: Final = {"[": "]", "(": ")", "*": "*", "{": "}", "<": ">", "♪": "♪"}


def stage_directions(plain: Sequence[str]) -> list[bool]:
    """Find what a reader may pass over: in square brackets, between asterisks, known words in round brackets.

    Args:
        plain: The tokens as `simplified` gives them.

    Returns:
        For each whether it belongs to such.
    """
    silent = [False] * len(plain)
    opened: int | None = None
    for at, token in enumerate(plain):
        if opened is None and token[:1] in _BRACKETS:
            opened = at
        if opened is None:
            continue
        closing = _BRACKETS[plain[opened][0]]
        if token.rstrip(".,;:!?\"'").endswith(closing) and (token != closing or at > opened):
            inside = [core_of(part).lower() for part in plain[opened : at + 1]]
            if closing != ")" or any(word in STAGE_DIRECTIONS for word in inside):
                silent[opened : at + 1] = [True] * (at + 1 - opened)
            opened = None
        elif at - opened >= _LONG_BRACKET:
            opened = None
    return silent


def simplified(written: str) -> str:
    """Bring the many forms of quotation marks, dashes, digits and letters to few."""
    text = "".join(_simple(character) for character in written.translate(_LOOKS))
    text = unicodedata.normalize("NFC", text)
    return "".join(
        character for character in text if unicodedata.category(character) not in {"Mn", "Mc", "Me", "Cf", "Cc"}
    )


def _simple(character: str) -> str:
    if character.isascii() or character in _KEPT:
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    normal = unicodedata.normalize("NFKC", character)
    # The slash of a fraction that is one character; the number before it must not run into it.
    return f" {normal}".replace("\u2044", "/") if "\u2044" in normal else normal


def core_of(token: str) -> str:
    """Take off the outer punctuation that only phrases a text."""
    start, end = 0, len(token)
    while start < end and not (token[start].isalnum() or _leads(token, start)):
        start += 1
    while end > start and not (token[end - 1].isalnum() or token[end - 1] in _TRAILING):
        end -= 1
    core = token[start:end].strip()
    if not any(map(str.isalnum, core)):
        return core if core in ("°C", "°F") else ""
    if core.lower().endswith("in") and token[end : end + 1] == "'" and "'" not in token[:start]:
        return f"{core}'"
    # Feet and inches look like closing quotation marks.
    marks = token[end:].rstrip(".,;:!?")
    return (
        f"{core}{marks}"
        if core[-1].isdigit() and marks in _LENGTH_MARKS and not set(token[:start]) & {"'", '"'}
        else core
    )


def _leads(token: str, start: int) -> bool:
    """Return whether a sign belongs to what follows it."""
    sign, rest = token[start], token[start + 1 :]
    if sign not in _LEADING:
        return False
    if sign == "'":
        return bool(_SHORT_YEAR.match(rest)) or token[start:].rstrip(".,;:!?'\"").lower() in ELISIONS
    if sign in "#@":
        return rest[:1].isalnum()
    if sign == "°":
        return rest[:1] in {"C", "F"}
    return rest[:1].isdigit() or (sign != "." and rest[:1] in _LEADING - {sign, ""})
