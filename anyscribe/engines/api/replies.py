"""Read a reply by its content type and shape, never by what was asked for: servers answer otherwise all the time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe import formats
from anyscribe.engines.api.server_events import MEDIA_TYPE
from anyscribe.errors import UnreadableReplyError
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Answer, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

_EXCERPT_CHARS: Final = 200
_MARK: Final = "\ufeff"
_SUBTITLES: Final = (ResponseFormat.SRT, ResponseFormat.VTT)
_MARKUP: Final = re.compile(r"\s*<(!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_TAG: Final = re.compile(r"\s*<[a-z!/][^>]*>|</?(html|body|div|script|style|title|h1|p|a|br)\b[^>]*>", re.IGNORECASE)
"""Any tag at the start, or one of those that hardly a page is without, further on."""

_PLAIN_TYPES: Final = ("text/plain", "text/vtt", "text/srt", "application/x-subrip", "application/srt")
_NEVER_IN_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Controls that no transcript holds: with one of them it is no text. An escape may come from a hostile model."""


class EmptyReplyError(UnreadableReplyError):
    """The reply holds nothing at all: a recording without speech, or a server that broke, nobody can tell."""


def read_reply(body: bytes, content_type: str) -> Answer:
    """Read a successful reply.

    Args:
        body: The whole of it.
        content_type: The header, perhaps with a charset; empty where there was none.

    Returns:
        The transcript; ``rendered_as`` is the format that the body turned out to be in, None where it is a shape that
        the contract does not know.

    Raises:
        UnreadableReplyError: It is no transcript; without status, which the caller adds.
    """
    media_type, charset = split_content_type(content_type)
    unreadable = _unreadable(body, content_type)
    if not body.strip():
        # A line feed that says it is text is how OpenAI writes silence.
        if body and media_type in _PLAIN_TYPES:
            return Answer(Transcript(""), ResponseFormat.TEXT, body)
        raise unreadable("the server sent an empty reply", hint="try again later", kind=EmptyReplyError)
    text = _decode(body, charset)
    if text is None or _NEVER_IN_TEXT.search(text):
        raise unreadable("the server's reply is not text")
    start = text.removeprefix(_MARK)
    if _MARKUP.match(start) or (media_type == "text/html" and (_TAG.match(start) or _TAG.search(start))):
        raise unreadable(
            "the server sent a web page instead of a transcript", hint="check --base-url, and proxies on the way"
        )
    is_json = media_type == "application/json" or media_type.endswith("+json")
    if start.lstrip().startswith(("{", "[", '"')) or is_json:
        answer = _read_json(text, unreadable, is_json=is_json)
        if answer is not None:
            return answer
    return _read_text(text, media_type, unreadable)


def _read_json(text: str, unreadable: Callable[..., UnreadableReplyError], *, is_json: bool) -> Answer | None:
    """Read JSON and what comes wrapped in it; None for text that only begins like JSON."""
    document = text.removeprefix(_MARK).strip()
    try:
        value: Any = msgspec.json.decode(document)
    except (msgspec.DecodeError, RecursionError) as error:
        if is_json or document.startswith(('{"', "[{")):
            raise unreadable(f"the server's reply is broken JSON ({error})") from error
        return None
    if isinstance(value, dict):
        return _read_object(value, text, unreadable)
    if isinstance(value, str):
        return _read_literal(value, unreadable, is_json=is_json)
    if is_json:
        raise unreadable("the server's reply is JSON, but no transcript")
    return None


def _read_object(value: dict[str, Any], text: str, unreadable: Callable[..., UnreadableReplyError]) -> Answer:
    if value.get("error"):
        raise unreadable("the server reports an error in a reply that claims success")
    words = value.get("text")
    if isinstance(words, str) and _holds_subtitles(words):
        return _read_rendered(words, unreadable)
    answer = _read_rendered(text, unreadable)
    # WhisperX's shape, passed on by its wrappers, is JSON but not the contract's.
    is_conforming = isinstance(words, str) and not isinstance(value.get("segments"), dict)
    return answer if is_conforming else Answer(answer.transcript)


def _read_literal(value: str, unreadable: Callable[..., UnreadableReplyError], *, is_json: bool) -> Answer | None:
    """Read what some wrappers send as one string of JSON; a text in quotes, which is no JSON, stays what it is."""
    if _holds_subtitles(value):
        return _read_rendered(value, unreadable)
    return Answer(formats.parse(value, ResponseFormat.TEXT), ResponseFormat.TEXT, value.encode()) if is_json else None


def _holds_subtitles(text: str) -> bool:
    """Tell subtitles, also those of silence, from the words of somebody who speaks of WEBVTT."""
    return formats.recognise(text) in _SUBTITLES and ("-->" in text or text.removeprefix(_MARK).strip() == "WEBVTT")


def _read_rendered(text: str, unreadable: Callable[..., UnreadableReplyError]) -> Answer:
    """Read a document whose shape tells its format."""
    shape = formats.recognise(text)
    if shape is None:
        raise unreadable("the server's reply is JSON, but no transcript")
    try:
        return Answer(formats.parse(text, shape), shape, text.encode())
    except ValueError as error:
        raise unreadable(f"the server's reply cannot be read as {shape} ({error})") from error


def _read_text(text: str, media_type: str, unreadable: Callable[..., UnreadableReplyError]) -> Answer:
    if _holds_subtitles(text) or (media_type == "text/vtt" and formats.recognise(text) is ResponseFormat.VTT):
        return _read_rendered(text, unreadable)
    if media_type == MEDIA_TYPE:
        raise unreadable("the server calls its reply a stream, and it is none")
    if media_type and media_type not in _PLAIN_TYPES and not media_type.startswith("text/"):
        raise unreadable("the server's reply is of a kind that holds no transcript")
    return Answer(formats.parse(text, ResponseFormat.TEXT), ResponseFormat.TEXT, text.encode())


def split_content_type(content_type: str) -> tuple[str, str]:
    """Read a content type.

    Args:
        content_type: The header; empty where there was none.

    Returns:
        The media type in lower case, and the charset, UTF-8 where none is named.
    """
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

    def make(
        message: str, *, hint: str = "", kind: type[UnreadableReplyError] = UnreadableReplyError
    ) -> UnreadableReplyError:
        shown = f"{message} (content type {content_type or 'missing'}"
        return kind(f"{shown}; begins: {excerpt})" if excerpt else f"{shown})", hint=hint)

    return make


def excerpt_of(body: bytes) -> str:
    """Show how a reply begins, on one line of 200 characters at the most.

    Args:
        body: The reply, or its beginning.
    """
    start = body[: 8 * _EXCERPT_CHARS].decode("utf-8", "replace")
    line = " ".join(start.split())
    return line if len(line) <= _EXCERPT_CHARS else line[: _EXCERPT_CHARS - 1] + "…"
