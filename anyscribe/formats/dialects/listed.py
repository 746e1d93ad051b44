"""Lists of parts with a text and a time, under any of the names that programs give them.

Such are the JSON transcripts of podcasts, Premiere, Sonix, ElevenLabs' editor, Azure Video Indexer, Amazon's call
analytics and youtube-transcript-api.

Source: https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md,
https://github.com/jdepoix/youtube-transcript-api
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import Members, after, called, first, get, objects, scaled, seconds, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS: Final = (
    *("segments", "utterances", "sentences", "paragraphs", "captions", "subtitles", "cues", "chunks", "lines"),
    *("transcript", "transcription", "transcripts", "results", "snippets", "body", "data", "items", "Transcript"),
)
_TEXTS: Final = ("text", "body", "transcript", "content", "sentence", "caption", "line", "word", "value", "Content")
_STARTS: Final = ("start", "start_time", "startTime", "begin", "from", "start_sec", "start_seconds", "startSec")
_ENDS: Final = ("end", "end_time", "endTime", "stop", "to", "end_sec", "end_seconds", "endSec")
_LENGTHS: Final = ("duration", "dur", "length")
_STARTS_MS: Final = (
    "start_ms",
    "startMs",
    "begin_ms",
    "startTimeMs",
    "start_time_ms",
    "offset_ms",
    "startInMs",
    "BeginOffsetMillis",
)
_ENDS_MS: Final = ("end_ms", "endMs", "endTimeMs", "end_time_ms", "endInMs", "EndOffsetMillis")
_LENGTHS_MS: Final = ("duration_ms", "durationMs", "dDurationMs")
_SPEAKERS: Final = (
    "speaker",
    "speaker_name",
    "speakerName",
    "speaker_id",
    "speakerId",
    "speaker_label",
    "name",
    "ParticipantRole",
)
_CHANCES: Final = ("probability", "confidence")


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    if isinstance(document, list):
        entries, names = objects(document), {}
    else:
        entries = next((found for name in _LISTS if _are_parts(found := objects(get(document, name)))), [])
        names = {text_of(one.get("id")): get(one, "name", "label") for one in objects(get(document, "speakers"))}
    if not _are_parts(entries) or _is_contract(document, entries):
        return None
    parts = [_part(entry, names) for entry in entries]
    members = {"language": get(document, "language", "lang", "language_code", "languageCode")}
    texts = [text_of(part["text"]).strip() for part in parts]
    if len(texts) > 1 and not any(" " in text for text in texts) and not any(part["words"] for part in parts):
        return {**members, "words": [{**part, "word": part["text"]} for part in parts]}
    return {**members, "segments": _with_ends(parts)}


def _are_parts(entries: Sequence[Members]) -> bool:
    """Return whether entries have what a transcript needs: a text, or words, and a time."""
    return any(
        (get(entry, *_TEXTS) is not None or objects(entry.get("words"))) and _times(entry)[0] is not None
        for entry in entries
    )


def _is_contract(document: Any, entries: Sequence[Members]) -> bool:  # noqa: ANN401 - any JSON
    """Return whether the document needs no other names."""
    return (
        isinstance(document, dict)
        and entries == objects(document.get("segments"))
        and all({"start", "end"} <= entry.keys() and {"text", "words"} & entry.keys() for entry in entries)
    )


def _part(entry: Members, names: Members) -> Members:
    start, end = _times(entry)
    speaker = get(entry, *_SPEAKERS)
    if isinstance(speaker, dict):
        speaker = get(speaker, "name", "label", "id")
    speaker = names.get(text_of(speaker)) or called("Speaker", speaker)
    words = [
        {**_part(word, names), "word": get(word, *_TEXTS), "speaker": None}
        for word in objects(entry.get("words"))
        if _times(word)[0] is not None
    ]
    text = get(entry, *_TEXTS)
    return {
        "text": text if isinstance(text, str) else None,
        "start": start if start is not None or not words else words[0]["start"],
        "end": end if end is not None or not words else words[-1]["end"],
        "speaker": speaker,
        "probability": get(entry, *_CHANCES),
        "words": words,
    }


def _times(entry: Members) -> tuple[float | None, float | None]:
    entry = first(entry.get("instances")) or entry
    start = scaled(get(entry, *_STARTS_MS))
    end = scaled(get(entry, *_ENDS_MS))
    length = scaled(get(entry, *_LENGTHS_MS))
    start = seconds(get(entry, *_STARTS)) if start is None else start
    end = seconds(get(entry, *_ENDS)) if end is None else end
    length = seconds(get(entry, *_LENGTHS)) if length is None else length
    return start, after(start, length) if end is None else end


def _with_ends(parts: Sequence[Members]) -> list[Members]:
    """End what overlaps the next part with another text where that begins, if only lengths on the screen are told."""
    found = [dict(part) for part in parts]
    for part, following in pairwise(found):
        start, begin, end = part["start"], following["start"], part["end"]
        if part["speaker"] is None and None not in (start, begin, end) and start < begin < end:
            part["end"] = begin
    return found
