"""parakeet-mlx: ``sentences[].tokens[]``, which are parts of words.

Source: https://github.com/senstella/parakeet-mlx (``cli.py``)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import after, get, number, objects, text_of
from anyscribe.formats.tokens import TextToken, words_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    sentences = objects(get(document, "sentences"))
    if not any(isinstance(one.get("tokens"), list) for one in sentences):
        return None
    return {"segments": [_segment(one) for one in sentences]}


def _segment(sentence: Members) -> Members:
    return {
        "text": sentence.get("text"),
        "start": sentence.get("start"),
        "end": _end(sentence),
        "words": words_of(
            TextToken(text_of(one.get("text")), number(one.get("start")), _end(one), number(one.get("confidence")))
            for one in objects(sentence.get("tokens"))
        ),
    }


def _end(timed: Members) -> float | None:
    end = number(timed.get("end"))
    return after(number(timed.get("start")), number(timed.get("duration"))) if end is None else end
