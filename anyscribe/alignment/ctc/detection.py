"""Detect the language of a text that nobody named."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.ctc.pronouncing.scripts import LANGUAGES, LATIN, script_of
from anyscribe.optional import is_installed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from py3langid.langid import LanguageIdentifier

_LOCK: Final = threading.Lock()
_LEAST_CHARACTERS: Final = 30
"""The detector knows 97 languages, and takes a few English words for any of them."""

_MOST_WORDS: Final = 2_000
_DEFAULT: Final = "en"


def detect_language(words: Sequence[str]) -> str:
    """Return the ISO-639-1 code of a text's language.

    Args:
        words: The text's words. A short text with Latin letters is taken for English.
    """
    text = " ".join(words[:_MOST_WORDS])
    script = next((script for script in map(script_of, words) if script), LATIN)
    if script == LATIN and len(text) < _LEAST_CHARACTERS and text.isascii():
        return _DEFAULT
    if script != LATIN and len(text) < _LEAST_CHARACTERS:
        return LANGUAGES.get(script, [_DEFAULT])[0]
    with _LOCK:
        return str(_detector().classify(text)[0])


def language_of(text: str) -> str | None:
    """Return the ISO-639-1 code of a text's language.

    Args:
        text: The text.

    Returns:
        None if the text is too short to tell, or if no detector is installed.
    """
    if len(text) < _LEAST_CHARACTERS or not is_installed("py3langid"):
        return None
    return detect_language(text.split())


@cache
def _detector() -> LanguageIdentifier:
    """Load the detector, which takes half a second."""
    import py3langid  # noqa: PLC0415 - only if no language is named

    py3langid.classify("")
    return py3langid.langid.IDENTIFIER
