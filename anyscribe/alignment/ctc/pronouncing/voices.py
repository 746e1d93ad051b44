"""Choose the voice that reads a word: by the language of the text, and by the script of the word."""

from __future__ import annotations

from typing import Final

from anyscribe.alignment.ctc.pronouncing.scripts import LANGUAGES, LATIN, script_of

_FOREIGN: Final = "en"
"""Reads words with Latin letters in texts of other scripts."""

_VOICES: Final = {
    "en": "en-us",
    "zh": "cmn",
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "jw": "id",
    "jv": "id",
    "su": "id",
    "tl": "es",
    "fil": "es",
    "gl": "pt",
    "oc": "ca",
}
"""Voices whose name is not the language's code, and those of similar languages."""

_WITHOUT_LATIN: Final = frozenset(code for codes in LANGUAGES.values() for code in codes) - {"sr"}
_UNKNOWN_LATIN: Final = "es"
"""Reads languages that are written with Latin letters but have no voice: each of its letters stands for one sound."""


def voice_candidates(word: str, language: str) -> list[str]:
    """Return the voices that can read a word, the best first.

    Args:
        word: A word.
        language: The ISO-639-1 code of the text's language.

    Returns:
        Names of voices, of which only the last one certainly exists; empty if nothing can read the word's script.
    """
    script = script_of(word)
    if script in ("", LATIN):
        first = _FOREIGN if script and language in _WITHOUT_LATIN else language
        fallback = _UNKNOWN_LATIN
    else:
        codes = LANGUAGES.get(script, [])
        if not codes:
            return []
        first, fallback = (language if language in codes else codes[0]), codes[0]
    return [_VOICES.get(code, code) for code in (first, fallback)]
