"""AssemblyAI: words with times in milliseconds; utterances, or its sentences and paragraphs.

Source: https://www.assemblyai.com/docs/api-reference/transcripts/get
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import called, get, objects, scaled

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members

_PARTS: Final = ("utterances", "sentences", "paragraphs")


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    if not isinstance(document, dict) or not ({"audio_duration", "audio_url"} & document.keys()):
        return None
    parts = objects(get(document, *_PARTS))
    if not isinstance(document.get("text"), str) and not parts:
        return None
    words = objects(document.get("words")) or [word for part in parts for word in objects(part.get("words"))]
    members = {
        "text": document.get("text"),
        "language": document.get("language_code"),
        "duration": document.get("audio_duration"),
        "words": [_in_seconds(word, "word") for word in words],
    }
    return {**members, "segments": [_in_seconds(one, "text") for one in parts]} if parts else members


def _in_seconds(entry: Members, name: str) -> Members:
    speaker = entry.get("speaker")
    return {
        name: entry.get("text"),
        "start": scaled(entry.get("start")),
        "end": scaled(entry.get("end")),
        "probability": entry.get("confidence"),
        "speaker": called("Channel", entry.get("channel")) if speaker is None else speaker,
    }
