"""What ``include`` asks the built-in engines for besides the transcript."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from anyscribe.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.request import TranscriptionRequest
    from anyscribe.transcript import Word

LOGPROBS: Final = "logprobs"
_SMALLEST_PROBABILITY: Final = 1e-10


def check_include(request: TranscriptionRequest) -> None:
    """Refuse what no built-in engine can include.

    Args:
        request: The form fields.

    Raises:
        FieldError: ``include`` names something else than ``logprobs``.
    """
    for value in request.include:
        if value != LOGPROBS:
            raise FieldError("include", value, "there is no such data", legal=(LOGPROBS,))


def included(request: TranscriptionRequest, words: Sequence[Word]) -> dict[str, Any]:
    """Give the members that ``include`` adds to a reply.

    The contract's log probabilities are those of tokens. These are whole words, in the same shape: the engines tell how
    sure they are of a word, not of its parts.

    Args:
        request: The form fields.
        words: The transcript's words, in order.

    Returns:
        ``logprobs`` if it was asked for: of each word its text, its natural logarithm and its bytes in UTF-8.
    """
    if LOGPROBS not in request.include:
        return {}
    tokens = [f" {word.text}" if number else word.text for number, word in enumerate(words)]
    return {
        LOGPROBS: [
            {
                "token": token,
                "logprob": None if word.probability is None else round(logprob_of(word.probability), 4),
                "bytes": list(token.encode()),
            }
            for token, word in zip(tokens, words, strict=True)
        ]
    }


def logprob_of(probability: float) -> float:
    """Take the natural logarithm of a probability, kept finite.

    Args:
        probability: 0 to 1.
    """
    return math.log(max(probability, _SMALLEST_PROBABILITY))
