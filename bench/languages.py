"""Write `anyscribe/languages.txt`: codes and names of languages.

    pip install babel pycountry && python bench/languages.py

Sources: ISO 639 (pycountry), Unicode CLDR (Babel) for names and for codes that were replaced, and the names that
Whisper knows (`whisper/tokenizer.py`). See `docs/decisions/0019-languages.md`.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pycountry
from babel import Locale, UnknownLocaleError
from babel.core import get_global

TABLE = Path(__file__).parents[1] / "anyscribe" / "languages.txt"

# Two languages that both call themselves isiNdebele.
AMBIGUOUS = {"nd", "nr"}
# Whisper's codes that ISO 639-1 does not have, and names by which Whisper or many people call a language.
BEYOND = {"haw": [], "yue": []}
NAMES = {
    "ca": ["Valencian"],
    "es": ["Castilian"],
    "fa": ["Farsi"],
    "ht": ["Haitian"],
    "id": ["Bahasa Indonesia"],
    "lb": ["Letzeburgesch"],
    "ms": ["Bahasa Melayu"],
    "my": ["Myanmar"],
    "nb": ["Bokmål"],
    "nl": ["Flemish"],
    "nn": ["Nynorsk"],
    "or": ["Oriya"],
    "pa": ["Panjabi"],
    "ps": ["Pushto"],
    "ro": ["Moldavian", "Moldovan"],
    "si": ["Sinhalese"],
    "tl": ["Filipino"],
    "zh": ["Mandarin", "Mandarin Chinese", "普通话", "汉语"],
}


def own_name(code: str) -> str:
    """Return a language's name in itself; empty if CLDR does not have it."""
    try:
        return Locale(code).languages.get(code, "")
    except UnknownLocaleError:
        return ""


def main() -> None:
    """Write the table, one language a line: codes, a colon, names."""
    codes = {language.alpha_2: [language.alpha_3] for language in pycountry.languages if hasattr(language, "alpha_2")}
    for language in pycountry.languages:
        if hasattr(language, "alpha_2") and hasattr(language, "bibliographic"):
            codes[language.alpha_2].append(language.bibliographic)
    english = Locale("en").languages
    three = {code for threes in codes.values() for code in threes}
    for old, new in get_global("language_aliases").items():
        # CLDR replaces Whisper's jw and the Philippines' tl, which servers know.
        if new in codes and old not in three and old not in codes and old != "jw" and len(old) in (2, 3):
            codes[new].append(old)
    lines: list[str] = []
    for code, others in sorted((codes | BEYOND).items()):
        iso = pycountry.languages.get(**{f"alpha_{len(code)}": code}).name.partition(" (")[0]
        names = [english.get(code, iso), iso, own_name(code) if code not in AMBIGUOUS else "", *NAMES.get(code, [])]
        distinct = {unicodedata.normalize("NFC", name).casefold(): name for name in reversed(names) if name}
        lines.append(f"{' '.join([code, *others])}: {', '.join(reversed(distinct.values()))}")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
