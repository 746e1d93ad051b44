"""Amazon Transcribe: items with times as strings, marks among them, and labels for speakers or channels.

Source: https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyscribe.formats.dialects.members import first, get, number, objects, text_of
from anyscribe.formats.tokens import TextToken, turns_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.formats.dialects.members import Members


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    results = get(document, "results")
    transcripts = objects(get(results, "transcripts"))
    if not transcripts:
        return None
    language = get(results, "language_code")
    items = objects(get(results, "items"))
    channels = objects(get(get(results, "channel_labels"), "channels"))
    if channels:
        # One after the other, since marks have no time.
        parts = [_tokens(objects(one.get("items")), text_of(one.get("channel_label"))) for one in channels]
        return {"language": language, "segments": [turn for tokens in parts for turn in turns_of(tokens)]}
    speakers = _speakers(results)
    tokens = list(_tokens(items, None, speakers))
    if any(token.speaker for token in tokens):
        return {"language": language, "segments": turns_of(tokens)}
    text = " ".join(text_of(one.get("transcript")) for one in transcripts)
    return {"language": language, "text": text, "words": words_of(tokens)}


def _tokens(items: Iterable[Members], label: str | None, speakers: Members | None = None) -> Iterator[TextToken]:
    speaker = label
    for item in items:
        best = first(item.get("alternatives"))
        text = text_of(best.get("content"))
        if item.get("type") == "punctuation":
            yield TextToken(text, speaker=speaker)
            continue
        start = item.get("start_time")
        speaker = label or get(item, "speaker_label") or (speakers or {}).get(text_of(start))
        yield TextToken(
            f" {text}", number(start), number(item.get("end_time")), number(best.get("confidence")), speaker
        )


def _speakers(results: Any) -> Members:  # noqa: ANN401 - any JSON
    """Return who speaks when a word begins: older transcripts have it apart from the words."""
    return {
        text_of(item.get("start_time")): item.get("speaker_label")
        for segment in objects(get(get(results, "speaker_labels"), "segments"))
        for item in objects(segment.get("items"))
    }
