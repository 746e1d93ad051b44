"""Azure Speech: batch transcription, fast transcription, and the detailed results of its libraries.

Names differ only in their first letter between these; times are ticks of 100 ns, milliseconds or ISO 8601 durations.

Source: https://learn.microsoft.com/azure/ai-services/speech-service/batch-transcription-get,
https://learn.microsoft.com/azure/ai-services/speech-service/fast-transcription-create
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import after, called, first, get, objects, scaled, seconds, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.formats.dialects.members import Members

_TICKS_PER_SECOND: Final = 10_000_000
_MARKS: Final = frozenset({"combinedrecognizedphrases", "recognizedphrases", "combinedphrases", "nbest"})


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    replies = [_in_small(one) for one in (objects(document) or objects([document]))]
    if not replies or not any(_MARKS & reply.keys() for reply in replies):
        return None
    phrases = [
        _in_small(phrase)
        for reply in replies
        for phrase in objects(get(reply, "recognizedphrases", "phrases")) or [reply]
    ]
    names = {text_of(phrase.get("channel")) for phrase in phrases} - {""}
    duration = scaled(get(replies[0], "durationinticks"), _TICKS_PER_SECOND)
    return {
        "language": get(phrases[0], "locale") if phrases else None,
        "duration": scaled(get(replies[0], "durationmilliseconds")) if duration is None else duration,
        "segments": [_segment(phrase, has_channels=len(names) > 1) for phrase in phrases],
    }


def _segment(phrase: Members, *, has_channels: bool) -> Members:
    best = _in_small(first(phrase.get("nbest"))) or phrase
    start, end = _times(phrase)
    speaker = called("Speaker", get(phrase, "speaker", "speakerid"))
    if speaker is None and has_channels:
        speaker = called("Channel", phrase.get("channel"))
    return {
        "text": get(best, "display", "text", "displaytext", "lexical"),
        "start": start,
        "end": end,
        "speaker": speaker,
        # Those that are displayed have capital letters and marks.
        "words": _words(objects(best.get("displaywords")) or objects(best.get("words")), speaker),
    }


def _words(entries: Sequence[Members], speaker: str | None) -> list[Members]:
    words = []
    for entry in map(_in_small, entries):
        start, end = _times(entry)
        words.append(
            {
                "word": get(entry, "displaytext", "word", "text"),
                "start": start,
                "end": end,
                "probability": entry.get("confidence"),
                "speaker": speaker,
            }
        )
    return words


def _times(entry: Members) -> tuple[float | None, float | None]:
    start = _time(entry, "offset")
    return start, after(start, _time(entry, "duration"))


def _time(entry: Members, name: str) -> float | None:
    """Return a time that is there in one or several units; a plain number counts ticks."""
    exact = scaled(entry.get(f"{name}inticks"), _TICKS_PER_SECOND)
    if exact is None:
        exact = scaled(entry.get(f"{name}milliseconds"))
    if exact is None:
        plain = entry.get(name)
        exact = seconds(plain) if isinstance(plain, str) else scaled(plain, _TICKS_PER_SECOND)
    return exact


def _in_small(entry: Members) -> Members:
    return {name.lower(): value for name, value in entry.items()}
