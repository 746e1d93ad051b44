"""Rev and Rev AI: ``monologues[].elements[]``, with spaces and marks as elements of their own.

Source: https://docs.rev.ai/api/asynchronous/transcripts/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import called, get, number, objects, seconds, text_of
from anyscribe.formats.tokens import TextToken, turns_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    monologues = objects(get(document, "monologues"))
    if not monologues:
        return None
    names = {text_of(one.get("id")): get(one, "name") for one in objects(get(document, "speakers"))}
    segments = [turn for one in monologues for turn in turns_of(_token(part, one, names) for part in _elements(one))]
    return {"language": get(document, "language"), "segments": segments}


def _elements(monologue: Members) -> list[Members]:
    return objects(monologue.get("elements"))


def _token(element: Members, monologue: Members, names: Members) -> TextToken:
    speaker = text_of(monologue.get("speaker"))
    name = names.get(speaker) or get(monologue, "speaker_name") or called("Speaker", speaker)
    return TextToken(
        text_of(element.get("value")),
        seconds(get(element, "ts", "timestamp")),
        seconds(get(element, "end_ts", "end_timestamp")),
        number(element.get("confidence")),
        text_of(name) or None,
    )
