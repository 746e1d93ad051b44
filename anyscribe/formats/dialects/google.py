"""Google Cloud Speech-to-Text, versions 1 and 2: the reply, the operation, or the file of a batch.

Source: https://cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize,
https://cloud.google.com/speech-to-text/v2/docs/reference/rest/v2/projects.locations.recognizers/recognize
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import called, first, get, objects, seconds

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    results = _results(document)
    found = [first(result.get("alternatives")) for result in results]
    if not any("transcript" in one for one in found):
        return None
    spoken = [objects(one.get("words")) for one in found]
    # With speakers, version 1 repeats all words in the last result.
    repeats = len(spoken) > 1 and 0 < sum(map(len, spoken[:-1])) <= len(spoken[-1])
    names = _channels(results)
    words = [
        _word(word, name)
        for number, (part, name) in enumerate(zip(spoken, names, strict=True))
        for word in part
        if not repeats or number == len(spoken) - 1
    ]
    members = {"language": get(first(results), "languageCode", "language_code"), "words": words}
    texts = [str(get(one, "transcript") or "").strip() for one in found]
    if not words:
        return {**members, "segments": _segments(results, texts, names)}
    return {**members, "text": " ".join(texts[:-1] if repeats and texts[-1] == " ".join(texts[:-1]) else texts)}


def _results(document: Any) -> list[Members]:  # noqa: ANN401 - any JSON
    """Find the results in a reply, in a finished operation, and in the transcript of a batch's file."""
    inside = get(document, "response") or document
    results = get(inside, "results")
    if isinstance(results, dict):
        files = [one for one in results.values() if isinstance(one, dict)]
        results = next((get(get(one, "transcript"), "results") for one in files if get(one, "transcript")), None)
    return objects(results)


def _channels(results: list[Members]) -> list[str | None]:
    tags = [get(result, "channelTag", "channel_tag") for result in results]
    return [called("Channel", tag) if len({*tags} - {None}) > 1 else None for tag in tags]


def _word(word: Members, channel: str | None) -> Members:
    label = get(word, "speakerLabel", "speaker_label", "speakerTag", "speaker_tag")
    return {
        "word": word.get("word"),
        # What is 0 is left out.
        "start": seconds(get(word, "startTime", "startOffset", "start_time", "start_offset")) or 0.0,
        "end": seconds(get(word, "endTime", "endOffset", "end_time", "end_offset")),
        "probability": word.get("confidence") or None,
        "speaker": called("Speaker", label or None) or channel,
    }


def _segments(results: list[Members], texts: list[str], names: list[str | None]) -> list[Members]:
    """Return the results as segments, of which only the ends are known."""
    segments = []
    start = 0.0
    for result, text, name in zip(results, texts, names, strict=True):
        end = seconds(get(result, "resultEndTime", "resultEndOffset", "result_end_time", "result_end_offset"))
        segments.append({"text": text, "start": None if end is None else min(start, end), "end": end, "speaker": name})
        start = start if end is None else end
    return segments
