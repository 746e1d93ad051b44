"""Soniox: tokens, which are parts of words, with times in milliseconds.

Source: https://soniox.com/docs/stt/concepts/timestamps
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects.members import called, get, number, objects, scaled, text_of
from anyscribe.formats.tokens import TextToken, turns_of

if TYPE_CHECKING:
    from anyscribe.formats.dialects.members import Members

_NO_TEXT: Final = frozenset({"<end>", "<fin>"})


def read(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """See `anyscribe.formats.dialects.as_contract`."""
    entries = objects(get(get(document, "transcript") or document, "tokens"))
    if not any("text" in one and ("start_ms" in one or "is_final" in one) for one in entries):
        return None
    spoken = [
        one
        for one in entries
        # What is not final comes again.
        if one.get("translation_status") != "translation" and one.get("is_final") is not False
    ]
    tokens = [_token(one) for one in spoken if text_of(one.get("text")) not in _NO_TEXT]
    return {
        "language": next((one["language"] for one in spoken if one.get("language")), None),
        "segments": turns_of(tokens),
    }


def _token(one: Members) -> TextToken:
    return TextToken(
        text_of(one.get("text")),
        scaled(one.get("start_ms")),
        scaled(one.get("end_ms")),
        number(one.get("confidence")),
        called("Speaker", one.get("speaker")),
    )
