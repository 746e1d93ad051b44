"""YouTube's ``json3``: events with parts that begin some time after them; of automatic captions, each word is a part.

It says when words begin, and not when they end. Captions that roll up are shown until long after they are said.

Source: https://github.com/yt-dlp/yt-dlp (``--sub-format json3``); there is no public documentation.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import after, get, objects, scaled, text_of
from anyscribe.formats.tokens import TextToken, words_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members

_LONGEST_WORD_S: Final = 1.0
"""A word before a pause is taken to be so long at most."""

_NO_TEXT: Final = "\u200b\u200c\u200d\ufeff"


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    events = objects(get(document, "events"))
    if not any("tStartMs" in event for event in events):
        return None
    spoken = sorted(filter(_text, events), key=lambda event: scaled(event.get("tStartMs")) or 0.0)
    are_words = any("tOffsetMs" in part for event in spoken for part in objects(event.get("segs")))
    followers = [*(scaled(event.get("tStartMs")) for event in spoken[1:]), None]
    return {"segments": [_segment(*pair, are_words=are_words) for pair in zip(spoken, followers, strict=True)]}


def _text(event: Members) -> str:
    return "".join(text_of(part.get("utf8")) for part in objects(event.get("segs"))).strip().strip(_NO_TEXT)


def _segment(event: Members, next_start: float | None, *, are_words: bool) -> Members:
    start = scaled(event.get("tStartMs")) or 0.0
    end = after(start, scaled(event.get("dDurationMs")))
    if next_start is not None and (end is None or next_start < end):
        end = next_start
    members = {"text": _text(event), "start": start, "end": end}
    if not are_words:
        return members
    parts = [part for part in objects(event.get("segs")) if text_of(part.get("utf8")).strip()]
    starts = [start + (scaled(part.get("tOffsetMs")) or 0.0) for part in parts]
    last_end = starts[-1] + _LONGEST_WORD_S if end is None else max(end, starts[-1])
    tokens = [
        TextToken(text_of(part.get("utf8")), begin, min(until, begin + _LONGEST_WORD_S))
        for part, (begin, until) in zip(parts, pairwise([*starts, last_end]), strict=True)
    ]
    words = words_of(tokens)
    return {**members, "end": words[-1]["end"], "words": words}
