"""Read a reply by its content type and shape, never by what was asked for: servers answer otherwise all the time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe import formats
from anyscribe.errors import UnreadableReplyError
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Answer, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

_EXCERPT_CHARS: Final = 200
_SUBTITLES: Final = (ResponseFormat.SRT, ResponseFormat.VTT)
_MARKUP: Final = re.compile(r"\s*<(!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"\s*<[a-z!/][^>]*>", re.IGNORECASE)
_TEXT_TYPES: Final = ("", "text/", "application/x-subrip", "application/srt")
_NEVER_IN_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Controls that no transcript holds: with one of them it is no text. An escape may come from a hostile model."""


def read_reply(body: bytes, content_type: str) -> Answer:
    """Read a successful reply.

    Args:
        body: The whole of it.
        content_type: The header, perhaps with a charset; empty where there was none.

    Returns:
        The transcript; ``rendered_as`` is the format that the body turned out to be in.

    Raises:
        UnreadableReplyError: It is no transcript; without status, which the caller adds.
    """
    media_type, charset = _split_content_type(content_type)
    unreadable = _unreadable(body, content_type)
    if not body.strip():
        raise unreadable(
            "the server sent an empty reply", hint="if the recording is silent, --format json tells it from a fault"
        )
    text = _decode(body, charset)
    if text is None or _NEVER_IN_TEXT.search(text):
        raise unreadable("the server's reply is not text")
    if _MARKUP.match(text) or (media_type == "text/html" and _ANY_TAG.match(text)):
        raise unreadable(
            "the server sent a web page instead of a transcript", hint="check --base-url, and proxies on the way"
        )
    is_json = media_type == "application/json" or media_type.endswith("+json")
    if text.lstrip().startswith(("{", "[", '"')) or is_json:
        answer = _read_json(text, unreadable, is_json=is_json)
        if answer is not None:
            return answer
    return _read_text(text, media_type, unreadable)


def _read_json(text: str, unreadable: Callable[..., UnreadableReplyError], *, is_json: bool) -> Answer | None:
    """Read JSON and what comes wrapped in it; None for text that only begins like JSON."""
    try:
        value: Any = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        if is_json or text.lstrip().startswith(('{"', "[{")):
            raise unreadable(f"the server's reply is broken JSON ({error})") from error
        return None
    if isinstance(value, dict):
        return _read_object(value, text, unreadable)
    if isinstance(value, str):
        unwrapped = _unwrap(value)
        if unwrapped is not None or not is_json:
            return unwrapped
        return Answer(Transcript(value.strip()), ResponseFormat.TEXT, value.encode())
    if is_json:
        raise unreadable("the server's reply is JSON, but no transcript")
    return None


def _read_object(value: dict[str, Any], text: str, unreadable: Callable[..., UnreadableReplyError]) -> Answer:
    if value.get("error"):
        raise unreadable("the server reports an error in a reply that claims success")
    if isinstance(value.get("text"), str) and (unwrapped := _unwrap(value["text"])) is not None:
        return unwrapped
    shape = formats.recognise(text)
    if shape is None:
        raise unreadable("the server's reply is JSON, but no transcript")
    try:
        return Answer(formats.parse(text, shape), shape, text.encode())
    except ValueError as error:
        raise unreadable(f"the server's reply cannot be read ({error})") from error


def _unwrap(inner: str) -> Answer | None:
    """Take subtitles out of a JSON string."""
    shape = formats.recognise(inner)
    if shape not in _SUBTITLES:
        return None
    try:
        return Answer(formats.parse(inner, shape), shape, inner.encode())
    except ValueError:
        return None


def _read_text(text: str, media_type: str, unreadable: Callable[..., UnreadableReplyError]) -> Answer:
    shape = formats.recognise(text)
    if shape in _SUBTITLES:
        try:
            return Answer(formats.parse(text, shape), shape, text.encode())
        except ValueError as error:
            raise unreadable(f"the server's subtitles cannot be read ({error})") from error
    if media_type and not media_type.startswith(_TEXT_TYPES[1:]):
        raise unreadable("the server's reply is of a kind that holds no transcript")
    return Answer(Transcript(text.strip().removeprefix("\ufeff")), ResponseFormat.TEXT, text.encode())


def _split_content_type(content_type: str) -> tuple[str, str]:
    media_type, _, parameters = content_type.partition(";")
    charset = re.search(r'charset\s*=\s*"?([\w.:-]+)', parameters, re.IGNORECASE)
    return media_type.strip().lower(), charset.group(1) if charset else "utf-8"


def _decode(body: bytes, charset: str) -> str | None:
    """Decode as UTF-8, which all servers send whatever they say, else as they say; None where neither fits."""
    for encoding in ("utf-8", charset):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def _unreadable(body: bytes, content_type: str) -> Callable[..., UnreadableReplyError]:
    """Make errors that show what came: its content type and how it begins."""
    excerpt = excerpt_of(body)

    def make(message: str, *, hint: str = "") -> UnreadableReplyError:
        shown = f"{message} (content type {content_type or 'missing'}"
        return UnreadableReplyError(f"{shown}; begins: {excerpt})" if excerpt else f"{shown})", hint=hint)

    return make


def excerpt_of(body: bytes) -> str:
    """Show how a reply begins, on one line of 200 characters at the most.

    Args:
        body: The reply, or its beginning.
    """
    start = body[: 8 * _EXCERPT_CHARS].decode("utf-8", "replace")
    line = " ".join(start.split())
    return line if len(line) <= _EXCERPT_CHARS else line[: _EXCERPT_CHARS - 1] + "…"
