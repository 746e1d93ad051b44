"""Read Mandarin: the pinyin of each character, and the sounds of a syllable of pinyin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Stops without breath are voiced to the ear of a listener who knows English, and to the phoneme model's.
_INITIALS: Final = {
    "b": "b",
    "p": "p",
    "m": "m",
    "f": "f",
    "d": "d",
    "t": "t",
    "n": "n",
    "l": "l",
    "g": "ɡ",
    "k": "k",
    "h": "h",
    "j": "dʑ",
    "q": "tɕ",
    "x": "ɕ",
    "zh": "ɖʐ",
    "ch": "ʈʂ",
    "sh": "ʂ",
    "r": "ɹ",
    "z": "dz",
    "c": "ts",
    "s": "s",
}
_FINALS: Final = {
    "a": "a",
    "o": "o",
    "e": "ɤ",
    "ê": "ɛ",
    "ai": "aɪ",
    "ei": "eɪ",
    "ao": "aʊ",
    "ou": "oʊ",
    "er": "ɑɹ",
    "an": "an",
    "en": "ən",
    "ang": "ɑŋ",
    "eng": "əŋ",
    "ong": "ʊŋ",
    "n": "n",
    "ng": "ŋ",
    "m": "m",
    "i": "i",
    "ia": "ja",
    "ie": "jɛ",
    "iao": "jaʊ",
    "iou": "joʊ",
    "ian": "jɛn",
    "in": "in",
    "iang": "jɑŋ",
    "ing": "iŋ",
    "iong": "jʊŋ",
    "io": "jo",
    "u": "u",
    "ua": "wa",
    "uo": "wo",
    "uai": "waɪ",
    "uei": "weɪ",
    "uan": "wan",
    "uen": "wən",
    "uang": "wɑŋ",
    "ueng": "wəŋ",
    "v": "y",
    "ve": "ɥɛ",
    "van": "ɥɛn",
    "vn": "yn",
}
"""As `pypinyin` writes them: in full, with ``v`` for *ü*."""

_BUZZING: Final = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))


def chinese_ipa(characters: Sequence[str]) -> Iterator[str]:
    """Pronounce Chinese characters.

    Args:
        characters: Words of one character each, perhaps with punctuation, in order.

    Yields:
        IPA for each; empty for what is no Chinese character.
    """
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - loads a dictionary

    text = "".join(characters)
    initials, finals = (
        lazy_pinyin(text, style=style, strict=True, errors=_as_nothing) for style in (Style.INITIALS, Style.FINALS)
    )
    syllables = [_ipa(initial, final) for initial, final in zip(initials, finals, strict=True)]
    place = 0
    for word in characters:
        yield " ".join(syllables[place : place + len(word)])
        place += len(word)


def _as_nothing(other: str) -> Any:  # noqa: ANN401 - the library's own type forgets lists
    """Return nothing for each character that is not Chinese; the library would make one item of all of them."""
    return [""] * len(other)


def _ipa(initial: str, final: str) -> str:
    vowel = "ɨ" if final == "i" and initial in _BUZZING else _FINALS.get(final, "")
    return _INITIALS.get(initial, "") + vowel
