"""What ends with a word: a clause or a sentence, as its punctuation tells."""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import Final

_QUOTING: Final = frozenset({"Pe", "Pf", "Pi"})
"""What may stand after a full stop. German closes with the mark that opens in English."""

_SENTENCE_ENDS: Final = frozenset(".?!。।॥؟\u06d4\u0589።။")
_CLAUSE_ENDS: Final = frozenset(",;:\u2013\u2014、،؛၊")


class Ending(Enum):
    """What ends with a word, as its punctuation tells: there people pause."""

    NONE = "none"
    CLAUSE = "clause"
    SENTENCE = "sentence"


def ending_of(token: str) -> Ending:
    """Tell whether a clause or sentence ends with a word.

    Args:
        token: A word of `tokens_of`.
    """
    while token and (token[-1] in "\"'" or unicodedata.category(token[-1]) in _QUOTING):
        token = token[:-1]
    # Wide marks are as good as narrow ones, and three dots as a full stop.
    last = unicodedata.normalize("NFKC", token[-1:])[-1:]
    if last in _SENTENCE_ENDS:
        return Ending.SENTENCE
    return Ending.CLAUSE if last in _CLAUSE_ENDS else Ending.NONE
