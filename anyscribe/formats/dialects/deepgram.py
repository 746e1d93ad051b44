"""Deepgram: ``results.channels[].alternatives[]``, with utterances or paragraphs if they were asked for.

Source: https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import called, first, get, objects, seconds

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    results = get(document, "results")
    channels = objects(get(results, "channels"))
    if not channels:
        return None
    best = [first(channel.get("alternatives")) for channel in channels]
    names = [f"Channel {number}" if len(channels) > 1 else None for number in range(1, len(channels) + 1)]
    words = [_word(word, name) for one, name in zip(best, names, strict=True) for word in objects(one.get("words"))]
    segments = [_utterance(one, names) for one in objects(get(results, "utterances"))] or [
        sentence for one, name in zip(best, names, strict=True) for sentence in _sentences(one, name)
    ]
    languages = best[0].get("languages")
    members = {
        "language": channels[0].get("detected_language") or (languages[0] if languages else None),
        "duration": get(get(document, "metadata"), "duration"),
        "words": sorted(words, key=lambda word: seconds(word["start"]) or 0.0),
    }
    if segments:
        return {**members, "segments": segments}
    # What was said in several channels is in order of time only word by word.
    return {**members, "text": best[0].get("transcript")} if len(best) == 1 or not words else members


def _word(word: Members, channel: str | None) -> Members:
    return {
        "word": get(word, "punctuated_word", "word"),
        "start": word.get("start"),
        "end": word.get("end"),
        "probability": word.get("confidence"),
        "speaker": called("Speaker", word.get("speaker")) or channel,
    }


def _utterance(one: Members, names: list[str | None]) -> Members:
    channel = one.get("channel")
    name = names[channel] if isinstance(channel, int) and 0 <= channel < len(names) else None
    return {
        "text": one.get("transcript"),
        "start": one.get("start"),
        "end": one.get("end"),
        "speaker": called("Speaker", one.get("speaker")) or name,
    }


def _sentences(one: Members, channel: str | None) -> list[Members]:
    return [
        {
            "text": sentence.get("text"),
            "start": sentence.get("start"),
            "end": sentence.get("end"),
            "speaker": called("Speaker", paragraph.get("speaker")) or channel,
        }
        for paragraph in objects(get(one.get("paragraphs"), "paragraphs"))
        for sentence in objects(paragraph.get("sentences"))
    ]
