"""Languages by code, by tag and by name, as the ISO-639-1 code that the contract wants.

The table is made by `bench/languages.py`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE: Final = Path(__file__).with_suffix(".txt")
_TAG: Final = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]{1,8})*)", re.ASCII)
_EXTENDED: Final = re.compile(r"-([a-z]{3})(?![a-z0-9])", re.ASCII)
"""The second part of a tag such as ``zh-yue``: a language that the first part includes."""

_QUALIFIER: Final = re.compile(r" ?\(.*\)")
"""What a name may have after it, as in ``Portuguese (Brazil)``."""

_POSIX: Final = re.compile(r"[.@].*")
"""What a locale has after the language, as in ``de_DE.UTF-8@euro``."""


def language_code(given: str) -> str | None:
    """Return the code of a language.

    Args:
        given: A code (``de``, ``deu``), a tag (``de-AT``, ``zh_Hans``), a locale (``de_DE.UTF-8``), or a name in
            English or in the language itself (``German``, ``Deutsch``), in any case.

    Returns:
        The ISO-639-1 code in lower case. For a language that has none, and for a code that is not known, the code as it
        was given, since servers know some that are not in any standard. None if it is neither a code nor a name.
    """
    codes, names = _table()
    named = names.get(_QUALIFIER.sub("", _plain(given)))
    if named is not None:
        return named
    tag = _TAG.fullmatch(_POSIX.sub("", given.strip()).replace("_", "-").lower())
    if tag is None:
        return None
    extended = _EXTENDED.match(tag[2])
    code = extended[1] if extended else tag[1]
    return codes.get(code, code)


@functools.cache
def all_codes() -> tuple[str, ...]:
    """Return the code of every language that is known here: ISO-639-1, or longer if it has none there."""
    return tuple(dict.fromkeys(_table()[0].values()))


def similar_languages(given: str) -> list[str]:
    """Return the names that a misspelt one may mean, the most similar first.

    Args:
        given: What is not a language's name.
    """
    import difflib  # noqa: PLC0415 - only an error needs it

    return difflib.get_close_matches(_plain(given), _table()[1], n=1, cutoff=0.75)


@functools.cache
def _table() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Read the table: the ISO-639-1 code by any other code, and by name."""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        all_codes, _, all_names = line.partition(": ")
        code, *others = all_codes.split()
        codes |= dict.fromkeys((code, *others), code)
        names |= dict.fromkeys(map(_plain, all_names.split(", ")), code)
    return codes, names


def _plain(name: str) -> str:
    """Return a name without differences that people do not make: case, accents, hyphens and repeated spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("-", " ").replace("_", " "))
    kept = (letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return " ".join("".join(kept).split())
