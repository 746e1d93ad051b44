"""whisper.cpp's own JSON: ``--output-json`` and ``--output-json-full``, which has tokens.

Source: https://github.com/ggml-org/whisper.cpp (``cli.cpp``)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import called, get, number, objects, scaled, seconds
from anyscribe.formats.tokens import TextToken, words_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members

_SPECIAL_TOKEN: Final = re.compile(r"\[_[A-Z]+_(?:\d+)?\]?|<\|.*\|>")


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    entries = get(document, "transcription")
    if not isinstance(entries, list):
        return None
    return {
        "language": get(get(document, "result"), "language"),
        "segments": [_segment(entry) for entry in objects(entries)],
    }


def _segment(entry: Members) -> Members:
    text = str(entry.get("text") or "")
    tokens = [
        TextToken(token["text"], *_times(token), number(token.get("p")))
        for token in objects(entry.get("tokens"))
        if isinstance(token.get("text"), str) and not _SPECIAL_TOKEN.fullmatch(token["text"])
    ]
    # A token may end inside a character; then its text is damaged.
    is_whole = "".join(token.text for token in tokens).strip() == text.strip()
    start, end = _times(entry)
    speaker = entry.get("speaker")
    return {
        "text": text,
        "start": start,
        "end": end,
        "words": words_of(tokens) if is_whole else [],
        "speaker": None if speaker in (None, "", "?") else called("Speaker", speaker),
    }


def _times(entry: Members) -> tuple[float | None, float | None]:
    offsets, clocks = entry.get("offsets"), entry.get("timestamps")
    start, end = scaled(get(offsets, "from")), scaled(get(offsets, "to"))
    return (
        seconds(get(clocks, "from")) if start is None else start,
        seconds(get(clocks, "to")) if end is None else end,
    )
