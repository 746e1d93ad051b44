"""The data that ``include`` requests from the built-in engines besides the transcript."""

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
    """Reject ``include`` values that no built-in engine supports.

    Args:
        request: The form fields.

    Raises:
        FieldError: ``include`` contains a value other than ``logprobs``.
    """
    for value in request.include:
        if value != LOGPROBS:
            raise FieldError("include", value, "no such data", legal=(LOGPROBS,))


def included(request: TranscriptionRequest, words: Sequence[Word]) -> dict[str, Any]:
    """Return the members that ``include`` adds to a reply.

    The contract's log probabilities belong to tokens. These have the same shape, but belong to whole words: the engines
    report a probability for each word, not for its parts.

    Args:
        request: The form fields.
        words: The transcript's words, in order.

    Returns:
        ``logprobs`` if requested: for each word its text, its log probability (None if unknown) and its UTF-8 bytes.
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
    """Return the natural logarithm of a probability, limited to stay finite.

    Args:
        probability: From 0 to 1.
    """
    return math.log(max(probability, _SMALLEST_PROBABILITY))
