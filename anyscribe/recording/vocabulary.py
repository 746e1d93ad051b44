"""Names and terms that may be said: as an engine can be told them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.errors import UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.engines import Hints
    from anyscribe.request import TranscriptionRequest

_BETWEEN_TERMS: Final = re.compile(r"[,\r\n]+")
_COMMENT: Final = re.compile(r"^\s*#.*$|[ \t]#[ \t].*$", re.MULTILINE)
"""Within a line, the mark stands alone: names such as ``C#`` end with it."""

_LETTERS_OF_TOKEN: Final = 3
"""Rare names fall into short tokens: about three letters each of plain Latin, one of all others."""

_NAMED: Final = 5


def read_terms(given: Iterable[str]) -> tuple[str, ...]:
    """Read names and terms, each once.

    Args:
        given: Texts with terms separated by commas and line ends; what follows ``#`` is a comment.
    """
    terms = (
        " ".join(term.split())
        for text in given
        for term in _BETWEEN_TERMS.split(_COMMENT.sub("", text))
        if term.strip()
    )
    return tuple(dict.fromkeys(terms))


def with_vocabulary(
    request: TranscriptionRequest, terms: Sequence[str], hints: Hints | None
) -> tuple[TranscriptionRequest, tuple[str, ...]]:
    """Tell an engine which words to expect.

    Args:
        request: The form fields.
        terms: The words.
        hints: How the engine is told; None if it cannot be.

    Returns:
        The request with the words in it, and those that are left out since there is no room for them.

    Raises:
        UsageError: The engine cannot be told.
    """
    if not terms:
        return request, ()
    if hints is None:
        raise UsageError(
            f"the model {request.model} takes neither a vocabulary nor a prompt",
            remedy=Sentence("leave out {}, or name another {}", Option("vocabulary"), Option("model")),
        )
    taken = _fitting(terms, hints, (request.prompt or "") if hints.field is None else "")
    left_out = tuple(terms[len(taken) :])
    if not taken:
        return request, left_out
    joined = ", ".join(taken)
    if hints.field is None:
        prompt = f"{request.prompt.rstrip()} {joined}." if request.prompt else f"{joined}."
        return replace(request, prompt=prompt), left_out
    spelled = [hints.space.join(term.split(" ")) for term in taken] if hints.is_list else [joined]
    own = [] if hints.is_list else [value for name, value in request.fields if name == hints.field and value]
    if own:
        spelled = [", ".join([*own, *spelled])]
    others = tuple(pair for pair in request.fields if not own or pair[0] != hints.field)
    return replace(request, fields=(*others, *((hints.field, value) for value in spelled))), left_out


def left_out_notice(left_out: Sequence[str], total: int) -> str:
    """Say which words an engine is not told.

    Args:
        left_out: The words.
        total: How many there are in all.
    """
    named = ", ".join([*left_out[:_NAMED], *(["…"] if len(left_out) > _NAMED else [])])
    return f"the model takes no more of the vocabulary; {len(left_out):,} of {total:,} words are not sent: {named}"


def _fitting(terms: Sequence[str], hints: Hints, prompt: str) -> Sequence[str]:
    """Return the first terms that there is room for."""
    tokens, characters = _token_count(prompt), len(prompt)
    for index, term in enumerate(terms):
        tokens += _token_count(term)
        characters += len(term) + len(", ")
        is_too_long = tokens > (hints.max_tokens or tokens) or characters > (hints.max_characters or characters)
        if is_too_long or index == hints.max_terms:
            return terms[:index]
    return terms


def _token_count(text: str) -> int:
    """Estimate how many tokens a text has, with the comma after it."""
    return sum(1 if letter.isascii() else _LETTERS_OF_TOKEN for letter in text) // _LETTERS_OF_TOKEN + 2
