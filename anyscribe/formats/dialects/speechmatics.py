"""Speechmatics: words, marks and entities in one list; a mark says to which word it belongs.

Source: https://docs.speechmatics.com/speech-to-text/batch/output
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import called, first, get, number, objects, seconds, text_of
from anyscribe.formats.tokens import TextToken, turns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.dialects.members import Members

_TO_THE_LEFT: Final = ("previous", "both")
_TO_THE_RIGHT: Final = ("next", "both")
_NOBODY: Final = "UU"


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    results = objects(get(document, "results"))
    if not any("type" in one and "start_time" in one and "alternatives" in one for one in results):
        return None
    metadata = get(document, "metadata")
    space = get(get(metadata, "language_pack_info"), "word_delimiter")
    channels = list(dict.fromkeys(text_of(one.get("channel")) for one in results))
    groups = [[one for one in results if text_of(one.get("channel")) == channel] for channel in channels]
    names = [called("Channel", channel) if len(channels) > 1 else None for channel in channels]
    tokens = [
        _tokens(group, name, " " if space is None else text_of(space))
        for group, name in zip(groups, names, strict=True)
    ]
    return {
        "language": get(get(metadata, "transcription_config"), "language"),
        "duration": get(get(document, "job"), "duration"),
        "segments": [turn for part in tokens for turn in turns_of(part)],
    }


def _tokens(results: Sequence[Members], channel: str | None, space: str) -> Iterator[TextToken]:
    is_glued = True
    for one in results:
        best = first(one.get("alternatives"))
        text = text_of(best.get("content"))
        if not text:
            continue
        attaches = text_of(one.get("attaches_to")) or None
        is_mark = one.get("type") == "punctuation"
        if is_mark and attaches is None:
            attaches = "previous"
        speaker = text_of(best.get("speaker"))
        start, end = (None, None) if is_mark else (seconds(one.get("start_time")), seconds(one.get("end_time")))
        yield TextToken(
            text if is_glued or attaches in _TO_THE_LEFT else f"{space}{text}",
            start,
            end,
            None if is_mark else number(best.get("confidence")),
            channel if speaker in ("", _NOBODY) else speaker,
        )
        is_glued = attaches in _TO_THE_RIGHT
