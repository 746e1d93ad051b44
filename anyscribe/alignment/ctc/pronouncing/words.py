"""The sounds of each word of a text."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.ctc.pronouncing.chinese import chinese_ipa
from anyscribe.alignment.ctc.pronouncing.espeak import Espeak, espeak
from anyscribe.alignment.ctc.pronouncing.voices import voice_candidates
from anyscribe.alignment.ctc.sounds import parse_ipa
from anyscribe.scripts import has_unspaced_words, is_chinese_or_japanese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_UNSPOKEN: Final = re.compile(r"[*_#~|<>\[\]{}()\"“”„«»‹›\\^`\u200b-\u200f\ufeff]")
"""Markup and brackets, which espeak-ng may name."""

_SPOKEN_SIGNS: Final = "&%+=@$€£¥"
_AMOUNT: Final = re.compile(r"([$€£¥₩₹])(\d[\d.,]*(?<=\d))")
"""A currency's sign is written before the amount and said after it."""

_OTHER_LANGUAGE: Final = re.compile(r"\([a-z-]+\)")
"""espeak-ng's mark of a word that it says with another voice."""

_OTHER_CHINESE: Final = ("yue", "hak")
"""Languages of China whose characters espeak-ng reads."""

_ASPIRATING: Final = ("ko", "th", "yue")
_ASPIRATED: Final = re.compile("(?<=[ptkc])h")
"""Some of its voices write the breath after a stop, which the phoneme model hears as part of the stop."""

_KANA: Final = re.compile("[\u3041-\u30ff]")
_MOST_RUN: Final = 200
"""Text without spaces is pronounced so many characters at a time."""


def pronounce(words: Sequence[str], language: str) -> list[list[str]]:
    """Pronounce words.

    Args:
        words: Words in order, as `anyscribe.words.split_words` returns them.
        language: The ISO-639-1 code of the text's language.

    Returns:
        The sounds of each word, as `anyscribe.alignment.ctc.sounds.parse_ipa` returns them; none for a word that is not
        said, or that cannot be read here.
    """
    library = espeak()
    # No other language has kana, and Chinese characters in a text with kana are Japanese.
    is_japanese = language == "ja" or any(map(_KANA.search, words))
    sounds: list[list[str]] = []
    for kind, group in groupby(words, lambda word: _kind(word, language, is_japanese=is_japanese)):
        run = list(group)
        if kind == "japanese":
            sounds += _pronounce_japanese(run, library)
        elif kind == "chinese":
            sounds += map(parse_ipa, chinese_ipa(run))
        elif kind == "run":
            sounds += _pronounce_run(run, language, library)
        else:
            sounds += (
                _pronounce_word(word, following, language, library)
                for word, following in zip(run, [*run[1:], ""], strict=True)
            )
    return sounds


def _kind(word: str, language: str, *, is_japanese: bool) -> str:
    """Return how a word has to be read."""
    letters = [character for character in word if character.isalnum()]
    if not any(map(has_unspaced_words, letters)):
        # A counter word is read together with its number.
        return "japanese" if is_japanese and word.isdecimal() else "word"
    if any(map(is_chinese_or_japanese, letters)):
        return "japanese" if is_japanese else "word" if language in _OTHER_CHINESE else "chinese"
    return "run"


def _pronounce_word(word: str, following: str, language: str, library: Espeak) -> list[str]:
    said = _AMOUNT.sub(r"\2 \1", _UNSPOKEN.sub(" ", word))
    if not any(character.isalnum() or character in _SPOKEN_SIGNS for character in said):
        return []
    voice = _voice(said, language, library)
    if voice is None:
        return []
    sounds = _sounds(said, voice, library)
    if len(said) == 1 and said.isalpha() and following:
        # By itself, a letter is read by its name, and not as the word it may be.
        after = _sounds(following, voice, library)
        both = _sounds(f"{said} {following}", voice, library)
        if after and both[-len(after) :] == after and len(both) > len(after):
            return both[: -len(after)]
    return sounds


def _pronounce_run(run: Sequence[str], language: str, library: Espeak) -> list[list[str]]:
    """Pronounce words that are written without spaces; espeak-ng sees more of the language in a whole run."""
    sounds: list[list[str]] = []
    for first in range(0, len(run), _MOST_RUN):
        part = run[first : first + _MOST_RUN]
        voice = _voice(part[0], language, library)
        said = [] if voice is None else _sounds("".join(part), voice, library)
        sounds += _shared(said, len(part))
    return sounds


def _pronounce_japanese(run: Sequence[str], library: Espeak) -> list[list[str]]:
    """Pronounce Japanese, whose characters can only be read as parts of words."""
    from anyscribe.alignment.ctc.pronouncing.japanese import as_heard, readings  # noqa: PLC0415 - only if needed

    sounds: list[list[str]] = []
    for length, reading in readings("".join(run)):
        said = parse_ipa(as_heard("".join(_sounds(reading, "ja", library)))) if reading else []
        sounds += _shared(said, length)
    # One for each character so far; a word may have several.
    by_word: list[list[str]] = []
    place = 0
    for word in run:
        own = sounds[place : place + len(word)]
        by_word.append([sound for part in own for sound in part])
        place += len(word)
    return by_word


def _shared(sounds: Sequence[str], parts: int) -> Iterable[list[str]]:
    """Divide sounds among the parts of a word, evenly and in order."""
    return (list(sounds[len(sounds) * part // parts : len(sounds) * (part + 1) // parts]) for part in range(parts))


def _voice(word: str, language: str, library: Espeak) -> str | None:
    return next((voice for voice in voice_candidates(word, language) if library.has_voice(voice)), None)


def _sounds(text: str, voice: str, library: Espeak) -> list[str]:
    ipa = _OTHER_LANGUAGE.sub("", library.ipa(text, voice))
    return parse_ipa(_ASPIRATED.sub("", ipa) if voice in _ASPIRATING else ipa)
