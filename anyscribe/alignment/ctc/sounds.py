"""How alike two sounds are, by how they are made.

The phoneme model mostly writes what it hears with the sounds of English: a French *u* as `i` or `u`, a German *ach* as
`k` or `h`. So a sound of a pronunciation may be heard as any similar one, at a price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


class _Vowel(NamedTuple):
    """Height from 0 (close) to 6 (open); backness from 0 (front) to 4; whether lips are rounded."""

    height: float
    backness: float
    rounded: float


class _Consonant(NamedTuple):
    """Place from 0 (lips) to 10 (glottis); the index of the manner in `_MANNERS`; whether it is voiced."""

    place: float
    manner: int
    voiced: int


_VOWELS: Final = {
    symbol: _Vowel(height, backness, rounded)
    for height, backness, unrounded_symbols, rounded_symbols in (
        (0, 0, "i", "y"),
        (0, 2, "ɨ", "ʉ"),
        (0, 4, "ɯ", "u"),
        (1, 1, "ɪ", "ʏ"),
        (1, 2, "ᵻ", ""),
        (1, 3, "", "ʊ"),
        (2, 0, "e", "ø"),
        (2, 2, "ɘ", "ɵ"),
        (2, 4, "ɤ", "o"),
        (3, 2, "əᵊɚ", ""),
        (4, 0, "ɛ", "œ"),
        (4, 2, "ɜɝ", "ɞ"),
        (4, 3, "ʌ", ""),
        (4, 4, "", "ɔ"),
        (5, 0, "æ", ""),
        (5, 2, "ɐ", ""),
        (6, 0, "", "ɶ"),
        (6, 1, "a", ""),
        (6, 4, "ɑ", "ɒ"),
    )
    for symbols, rounded in ((unrounded_symbols, 0), (rounded_symbols, 1))
    for symbol in symbols
}
_RHOTIC: Final = frozenset("ɚɝ")

_STOP, _AFFRICATE, _FRICATIVE, _NASAL, _TAP, _TRILL, _APPROXIMANT, _LATERAL = _MANNERS = range(8)
_CONSONANTS: Final = {
    symbol: _Consonant(place, manner, voiced)
    for manner, row in (
        (_STOP, {0: "p b", 3: "t d", 5: "ʈ ɖ", 6: "c ɟ", 7: "k ɡ", 8: "q ɢ", 10: "ʔ -"}),
        (_AFFRICATE, {0.5: "p͡f -", 3: "t͡s d͡z", 4: "t͡ʃ d͡ʒ", 4.5: "t͡ɕ d͡ʑ", 5: "ʈ͡ʂ ɖ͡ʐ"}),
        (
            _FRICATIVE,
            {
                0: "ɸ β",
                1: "f v",
                2: "θ ð",
                3: "s z",
                3.2: "ɬ ɮ",
                4: "ʃ ʒ",
                4.5: "ɕ ʑ",
                5: "ʂ ʐ",
                6: "ç ʝ",
                7: "x ɣ",
                8: "χ ʁ",
                9: "ħ ʕ",
                10: "h ɦ",
            },
        ),
        (_NASAL, {0: "- m", 1: "- ɱ", 3: "- n", 5: "- ɳ", 6: "- ɲ", 7: "- ŋ", 8: "- ɴ"}),
        (_TAP, {3: "- ɾ", 5: "- ɽ"}),
        (_TRILL, {3: "- r", 8: "- ʀ"}),
        (_APPROXIMANT, {1: "- ʋ", 3.7: "- ɹ", 5: "- ɻ", 5.5: "- ɥ", 6: "- j", 7: "- w", 7.5: "- ɰ"}),
        (_LATERAL, {3: "- l", 3.5: "- ɫ", 5: "- ɭ", 6: "- ʎ"}),
    )
    for place, pair in row.items()
    for voiced, symbol in enumerate(pair.split())
    if symbol != "-"
}

# The distances are reasoned, and were checked against what the model hears in speech of nine languages; their exact
# values matter little.
_MANNERS_APART: Final = (
    # In the order of `_MANNERS`.
    (0, 1.5, 2, 2.5, 1.5, 2.5, 3, 3),
    (1.5, 0, 1, 3, 3, 3, 3.5, 3.5),
    (2, 1, 0, 3, 2.5, 2, 2.5, 3),
    (2.5, 3, 3, 0, 2.5, 3, 2.5, 2),
    (1.5, 3, 2.5, 2.5, 0, 0.7, 1, 1.2),
    (2.5, 3, 2, 3, 0.7, 0, 0.8, 1.5),
    (3, 3.5, 2.5, 2.5, 1, 0.8, 0, 1),
    (3, 3.5, 3, 2, 1.2, 1.5, 1, 0),
)
_HEIGHT, _BACKNESS, _ROUNDING = 0.55, 0.5, 0.5
_ONE_RHOTIC: Final = 1.0
_PLACE, _MOST_PLACE, _VOICING = 0.4, 2.0, 0.7
_GLIDES: Final = {
    frozenset(pair): apart
    for pair, apart in (("ji", 0.7), ("jɪ", 0.9), ("wu", 0.7), ("wʊ", 0.9), ("ɥy", 0.7), ("ɹɝ", 0.6), ("ɹɚ", 0.6))
}
_OTHER_KIND: Final = 5.0
_SECOND_HALF: Final = 0.55
"""A diphthong may be heard as its first half, and the other way around."""

_NEVER: Final = 9.0
_LIKENESS: Final = 1.3
_LETTERS: Final = frozenset(_VOWELS) | frozenset(_CONSONANTS)
_DIPHTHONGS: Final = frozenset(("aɪ", "aʊ", "eɪ", "oʊ", "ɔɪ"))
_LIMITS: Final = frozenset(" ˈˌ")
"""Where a syllable begins; no sound reaches across it."""

_UNHEARD: Final = frozenset("ʁʔʕ")
"""Sounds of which the model hears nothing most of the time; a pronunciation without them fits far better."""

_SPELLED: Final = {"g": "ɡ", "əʊ": "oʊ", "ɜː": "ɝ", "t͡ʂ": "ʈ͡ʂ", "d͡ʐ": "ɖ͡ʐ"}
"""Other spellings of the same sounds."""


def parse_ipa(ipa: str) -> list[str]:
    """Divide a pronunciation into sounds.

    Args:
        ipa: IPA, normalised to NFD; marks of stress, length and tone, and what is not known, are passed over.

    Returns:
        Sounds: single letters, affricates with a tie bar, and the diphthongs of English as one.
    """
    for spelling, usual in _SPELLED.items():
        ipa = ipa.replace(spelling, usual)
    sounds: list[str] = []
    before = ""
    for letter in ipa:
        if letter in _LIMITS:
            before = ""
        elif before + letter in _DIPHTHONGS or f"{before}͡{letter}" in _LETTERS:
            before += letter if before + letter in _DIPHTHONGS else f"͡{letter}"
            sounds[-1] = before
        elif letter in _LETTERS:
            before = letter
            sounds.append(letter)
    return [sound for sound in sounds if sound not in _UNHEARD] or sounds


def similarities(sounds: Sequence[str], symbols: Sequence[str]) -> NDArray[np.float32]:
    """Return how likely each sound is heard as each symbol, relative to being heard as itself.

    Args:
        sounds: Sounds, as `parse_ipa` returns them.
        symbols: The model's symbols; those that are no sound, such as marks, are like none.

    Returns:
        Factors from 0 to 1: a row for each sound, a column for each symbol.
    """
    divided = [tuple(_parts(symbol)) for symbol in symbols]
    apart = np.array([[_distance(tuple(_parts(sound)), symbol) for symbol in divided] for sound in sounds])
    return np.where(apart < _NEVER, np.exp(-_LIKENESS * apart), 0.0).astype(np.float32)


def _parts(symbol: str) -> Iterator[str]:
    """Yield the letters of a symbol, an affricate as one; nothing if any is unknown."""
    plain = _SPELLED.get(symbol, symbol).replace("ʰ", "").replace("͈", "")
    if plain in _LETTERS:
        yield plain
    elif all(letter in _LETTERS for letter in plain):
        yield from plain


def _distance(sound: Sequence[str], symbol: Sequence[str]) -> float:
    if not symbol or not sound:
        return _NEVER
    halves = [_letters_apart(one, other) for one, other in zip(sound, symbol, strict=False)]
    return sum(halves) + _SECOND_HALF * abs(len(sound) - len(symbol))


def _letters_apart(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _VOWELS and other in _VOWELS:
        first, second = _VOWELS[one], _VOWELS[other]
        apart = (
            _HEIGHT * abs(first.height - second.height)
            + _BACKNESS * abs(first.backness - second.backness)
            + _ROUNDING * abs(first.rounded - second.rounded)
        )
        return apart + _ONE_RHOTIC * ((one in _RHOTIC) != (other in _RHOTIC))
    if one in _CONSONANTS and other in _CONSONANTS:
        before, after = _CONSONANTS[one], _CONSONANTS[other]
        return (
            min(_PLACE * abs(before.place - after.place), _MOST_PLACE)
            + _MANNERS_APART[before.manner][after.manner]
            + _VOICING * abs(before.voiced - after.voiced)
        )
    return _GLIDES.get(frozenset((one, other)), _OTHER_KIND)
