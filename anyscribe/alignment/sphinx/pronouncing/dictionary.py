"""The dictionary of the model for English: how 134,000 words are pronounced."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

Ways = tuple[str, ...]
"""Pronunciations of one word, likeliest first, each its phones separated by spaces: ``HH AH L OW``."""

_PREFIX_LENGTH: Final = 3
_VARIANTS: Final = ("", "(2)", "(3)")


@functools.lru_cache(maxsize=10_000)
def look_up(word: str) -> Ways:
    """Find a word's pronunciations.

    Args:
        word: In lower case.

    Returns:
        Up to three; empty if the dictionary does not have the word.
    """
    key = word.encode(errors="replace")
    if not key or set(key) & set(b" \n("):
        return ()
    text = _dictionary()
    start = _first_line(text, key[:_PREFIX_LENGTH])
    end = _first_line(text, key[:_PREFIX_LENGTH] + b"\xff")
    found = []
    for variant in _VARIANTS:
        entry = b"\n%b%b " % (key, variant.encode())
        at = text.find(entry, start - 1, end)
        if at < 0:
            break
        found.append(text[at + len(entry) : text.index(b"\n", at + 1)].decode())
    return tuple(found)


@functools.cache
def _dictionary() -> bytes:
    """Read the file, 3 MB; it is searched as it is, since a table of its words takes 0.1 s to make."""
    import pocketsphinx  # noqa: PLC0415 - an extra, maybe not there

    return b"\n%b\n" % Path(pocketsphinx.get_model_path(), "en-us", "cmudict-en-us.dict").read_bytes().strip()


def _first_line(text: bytes, prefix: bytes) -> int:
    """Find the first line whose word does not sort before a prefix.

    Not every version of the dictionary is sorted beyond the first three bytes of the words.
    """
    low, high = 1, len(text)
    while low < high:
        middle = (low + high) // 2
        start = text.rfind(b"\n", 0, middle) + 1
        if text[start : start + _PREFIX_LENGTH].partition(b" ")[0].partition(b"(")[0] < prefix:
            low = text.index(b"\n", middle) + 1
        else:
            high = min(start, middle)
    return low
