"""IBM Watson: the times of words as lists of three, and speakers apart from them.

Source: https://cloud.ibm.com/apidocs/speech-to-text#recognize
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import called, first, get, number, objects, text_of
from anyscribe.formats.tokens import TextToken, turns_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members

_PARTS: Final = 3
_PAIR: Final = 2
_HESITATION: Final = "%HESITATION"


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    replies = objects(document) or objects([document])
    best = [first(one.get("alternatives")) for reply in replies for one in objects(get(reply, "results"))]
    if not any(isinstance(one.get("timestamps"), list) for one in best):
        return None
    labels = [label for reply in replies for label in objects(reply.get("speaker_labels"))]
    speakers = {number(one.get("from")): called("Speaker", one.get("speaker")) for one in labels}
    return {"segments": [turn for one in best for turn in turns_of(_tokens(one, speakers))]}


def _tokens(one: Members, speakers: dict[float | None, str | None]) -> list[TextToken]:
    timed = [entry for entry in _list(one.get("timestamps")) if _is_list(entry, _PARTS)]
    chances = [number(pair[1]) for pair in _list(one.get("word_confidence")) if _is_list(pair, _PAIR)]
    if len(chances) != len(timed):
        chances = [None] * len(timed)
    return [
        TextToken(f" {text_of(text)}", number(start), number(end), chance, speakers.get(number(start)))
        for (text, start, end), chance in zip(timed, chances, strict=True)
        if text != _HESITATION
    ]


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, list) else []


def _is_list(value: Any, length: int) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, list) and len(value) == length
