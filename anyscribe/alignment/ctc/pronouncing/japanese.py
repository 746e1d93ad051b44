"""Read Japanese: divide it into words, and give each one in kana."""

from __future__ import annotations

import re
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from janome.tokenizer import Tokenizer

_LOCK: Final = threading.Lock()
_UNKNOWN: Final = "*"
_LONG: Final = re.compile(r"([aeioɯ])\1+|(?<=e)i")
_VOICELESS: Final = "ptkshɸçɕ"
_WHISPERED: Final = re.compile(rf"(?<=[{_VOICELESS}])[iɯ](?=[{_VOICELESS}]|$)")
"""Between voiceless sounds and at the end of words such as *desu*, *i* and *u* are hardly heard."""


def readings(text: str) -> Iterator[tuple[int, str]]:
    """Divide a text into words.

    Args:
        text: Japanese text without spaces.

    Yields:
        The length of each word in characters, in order, and its reading: kana, or the word itself if the dictionary
        has none, which may be empty for a sign.
    """
    # The tokenizer keeps parts of its dictionary between calls.
    with _LOCK:
        tokens: list[Any] = list(_tokenizer().tokenize(text))
    for token in tokens:
        surface = token.surface
        is_sign = not any(map(str.isalnum, surface))
        yield len(surface), "" if is_sign else surface if token.phonetic == _UNKNOWN else token.phonetic


def as_heard(ipa: str) -> str:
    """Return the sounds of a Japanese word that a listener hears.

    Args:
        ipa: IPA letters, without other marks.

    Returns:
        The same, with long vowels once and without whispered ones.
    """
    return _WHISPERED.sub("", _LONG.sub(lambda long: long[1] or "", ipa))


@cache
def _tokenizer() -> Tokenizer:
    from janome.tokenizer import Tokenizer  # noqa: PLC0415 - loads a dictionary

    return Tokenizer()
