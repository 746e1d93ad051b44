"""Gladia: ``result.transcription.utterances[]``, each with its words.

Source: https://docs.gladia.io/api-reference/v2/pre-recorded/get
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import called, get, number, objects, text_of
from anyscribe.formats.tokens import TextToken, words_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    result = get(document, "result") or document
    transcription = get(result, "transcription")
    utterances = objects(get(transcription, "utterances"))
    if not utterances and not isinstance(get(transcription, "full_transcript"), str):
        return None
    languages = get(transcription, "languages")
    has_channels = len({text_of(one.get("channel")) for one in utterances}) > 1
    return {
        "text": None if utterances else get(transcription, "full_transcript"),
        "language": get(utterances[0], "language") if utterances else languages,
        "duration": get(get(result, "metadata"), "audio_duration"),
        "segments": [_segment(one, has_channels=has_channels) for one in utterances],
    }


def _segment(one: Members, *, has_channels: bool) -> Members:
    speaker = called("Speaker", one.get("speaker"))
    if speaker is None and has_channels:
        speaker = called("Channel", one.get("channel"))
    entries = objects(one.get("words"))
    # A space belongs to the word after it; some replies have none.
    is_spaced = any(text_of(word.get("word")).strip() != text_of(word.get("word")) for word in entries)
    tokens = [
        TextToken(
            f"{'' if is_spaced else ' '}{text_of(word.get('word'))}",
            number(get(word, "start", "time_begin")),
            number(get(word, "end", "time_end")),
            number(word.get("confidence")),
            speaker,
        )
        for word in entries
    ]
    return {
        "text": get(one, "text", "transcription"),
        "start": get(one, "start", "time_begin"),
        "end": get(one, "end", "time_end"),
        "speaker": speaker,
        "words": words_of(tokens),
    }
