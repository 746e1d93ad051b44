"""Read Japanese: divide it into words, and give each one as it is said, in kana."""

from __future__ import annotations

import re
import threading
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fugashi import GenericTagger

_LOCK: Final = threading.Lock()
_SAID: Final = 8
"""The place of a word's pronunciation in the dictionary; words that are not in it have fewer fields."""

_LONG: Final = re.compile(r"([aeioɯ])\1+|(?<=e)i")
_VOICELESS: Final = "ptkshɸçɕ"
_WHISPERED: Final = re.compile(rf"(?<=[{_VOICELESS}])[iɯ](?=[{_VOICELESS}]|$)")
"""Between voiceless sounds and at the end of words such as *desu*, *i* and *u* are hardly heard."""


def readings(text: str) -> Iterator[tuple[int, str]]:
    """Divide a text into words.

    Args:
        text: Japanese text without spaces.

    Yields:
        The length of each word in characters, in order, and how it is said: kana, or the word itself if the dictionary
        does not have it; empty for signs.
    """
    with _LOCK:
        words = [(word.surface, word.feature) for word in _dictionary()(text)]
    for written, entry in words:
        said = entry[_SAID] if len(entry) > _SAID else written
        yield len(written), said if any(map(str.isalnum, written)) else ""


def as_heard(ipa: str) -> str:
    """Return the sounds of a Japanese word that a listener hears.

    Args:
        ipa: IPA letters, without other marks.

    Returns:
        The same, with long vowels once and without whispered ones.
    """
    return _WHISPERED.sub("", _LONG.sub(lambda long: long[1] or "", ipa))


@cache
def _dictionary() -> GenericTagger:
    import ipadic  # noqa: PLC0415 - only Japanese needs them
    from fugashi import GenericTagger  # noqa: PLC0415 - likewise

    return GenericTagger(ipadic.MECAB_ARGS)
