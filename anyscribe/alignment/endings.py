"""Detect clause and sentence ends from the punctuation of a word."""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import Final

_QUOTING: Final = frozenset({"Pe", "Pf", "Pi"})
"""Categories of quotation marks and brackets that may follow a full stop.

German closes a quotation with the mark that opens one in English.
"""

_SENTENCE_ENDS: Final = frozenset(".?!。।॥؟\u06d4\u0589።။")
_CLAUSE_ENDS: Final = frozenset(",;:\u2013\u2014、،؛၊")


class Ending(Enum):
    """What ends with a word, according to its punctuation; speakers pause there."""

    NONE = "none"
    CLAUSE = "clause"
    SENTENCE = "sentence"


def ending_of(token: str) -> Ending:
    """Return whether a clause or sentence ends with a word.

    Args:
        token: A word, as `anyscribe.words.split_words` returns it.
    """
    while token and (token[-1] in "\"'" or unicodedata.category(token[-1]) in _QUOTING):
        token = token[:-1]
    # Full-width marks count as narrow ones, and an ellipsis as a full stop.
    last = unicodedata.normalize("NFKC", token[-1:])[-1:]
    if last in _SENTENCE_ENDS:
        return Ending.SENTENCE
    return Ending.CLAUSE if last in _CLAUSE_ENDS else Ending.NONE
