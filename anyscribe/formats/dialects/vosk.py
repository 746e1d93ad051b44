"""Vosk: ``result[]`` of words, an object for each utterance, alone, in a list or on lines.

Source: https://alphacephei.com/vosk/models, https://github.com/alphacep/vosk-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import first, objects, seconds

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    utterances = [first(one.get("alternatives")) or one for one in (objects(document) or objects([document]))]
    if not any("word" in first(one.get("result")) for one in utterances):
        return None
    return {"segments": [_segment(one) for one in utterances if objects(one.get("result"))]}


def _segment(one: Members) -> Members:
    words = [
        {
            "word": word.get("word"),
            "start": seconds(word.get("start")),
            "end": seconds(word.get("end")),
            "probability": word.get("conf"),
        }
        for word in objects(one.get("result"))
    ]
    return {"text": one.get("text"), "start": words[0]["start"], "end": words[-1]["end"], "words": words}
