"""ElevenLabs Scribe: words, spaces and sounds in one list; several channels as several transcripts.

Source: https://elevenlabs.io/docs/api-reference/speech-to-text/convert
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import get, number, objects, seconds, text_of
from anyscribe.formats.tokens import TextToken, turns_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members

_TYPES: Final = frozenset({"word", "spacing", "audio_event"})


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    parts = [part for part in objects(get(document, "transcripts")) or objects([document]) if _is_ours(part)]
    if not parts:
        return None
    segments = []
    for part in parts:
        channel = f"Channel {(number(part.get('channel_index')) or 0) + 1:.0f}" if len(parts) > 1 else None
        segments += turns_of(_token(one, channel) for one in objects(part.get("words")))
    return {"language": get(parts[0], "language_code"), "segments": segments}


def _is_ours(part: Members) -> bool:
    return any(text_of(one.get("type")) in _TYPES and "text" in one for one in objects(part.get("words")))


def _token(one: Members, channel: str | None) -> TextToken:
    logarithm = number(one.get("logprob"))
    chance = None if logarithm is None else math.exp(min(0.0, logarithm))
    speaker = text_of(one.get("speaker_id")) or channel
    if one.get("type") == "spacing":
        # It may last as long as a pause, and belongs to nobody.
        return TextToken(text_of(one.get("text")))
    return TextToken(text_of(one.get("text")), seconds(one.get("start")), seconds(one.get("end")), chance, speaker)
