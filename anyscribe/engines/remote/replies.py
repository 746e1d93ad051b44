"""Read successful replies by content type and shape, not by the requested format: servers often send another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe.engines.remote.sse import MEDIA_TYPE
from anyscribe.errors import UnreadableReplyError
from anyscribe.formats.wire import parse, recognise
from anyscribe.request import ResponseFormat
from anyscribe.result import Result, ServerRendering
from anyscribe.sentence import Option, Sentence
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from anyscribe.sentence import Text

_EXCERPT_CHARS: Final = 200
_MARK: Final = "\ufeff"
_SUBTITLES: Final = (ResponseFormat.SRT, ResponseFormat.VTT)
_MARKUP: Final = re.compile(r"\s*<(!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_TAG: Final = re.compile(r"\s*<[a-z!/][^>]*>|</?(html|body|div|script|style|title|h1|p|a|br)\b[^>]*>", re.IGNORECASE)
"""Any tag at the start, or, further on, a tag that nearly every page has."""

_PLAIN_TYPES: Final = ("text/plain", "text/vtt", "text/srt", "application/x-subrip", "application/srt")
_NEVER_IN_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Control characters that no transcript contains. Escape is not included: a hostile model may emit it."""


class EmptyReplyError(UnreadableReplyError):
    """The reply is empty: the recording has no speech, or the server is broken."""


def read_reply(body: bytes, content_type: str, *, status: int = 200, request_id: str | None = None) -> Result:
    """Read a successful reply.

    Args:
        body: The complete body.
        content_type: The header, perhaps with a charset; empty if it was missing.
        status: The HTTP status, for messages.
        request_id: The server's id of the request, for messages; None if there is none.

    Returns:
        The transcript, and the body as the server's rendering if its shape is one of the contract's.

    Raises:
        UnreadableReplyError: The reply is not a transcript.
    """
    return _ReplyReader(body, content_type, status, request_id).read()


class _ReplyReader:
    """Reads one reply; its errors show the content type and the start of the reply."""

    def __init__(self, body: bytes, content_type: str, status: int, request_id: str | None) -> None:
        self._body = body
        self._content_type = content_type
        self._media_type, self._charset = split_content_type(content_type)
        self._status = status
        self._request_id = request_id
        self._is_json = self._media_type == "application/json" or self._media_type.endswith("+json")

    def read(self) -> Result:
        """Read the reply."""
        if not self._body.strip():
            # For a recording without speech, OpenAI sends a line feed as text.
            if self._body and self._media_type in _PLAIN_TYPES:
                return Result(Transcript(""), ServerRendering(ResponseFormat.TEXT, self._body))
            raise self._error("the server sent an empty reply", remedy="try again later", kind=EmptyReplyError)
        text = _decode(self._body, self._charset)
        if text is None or _NEVER_IN_TEXT.search(text):
            raise self._error("the server's reply is not text")
        start = text.removeprefix(_MARK)
        if _MARKUP.match(start) or (self._media_type == "text/html" and (_TAG.match(start) or _TAG.search(start))):
            remedy = Sentence("check {}, and proxies on the way", Option("base_url"))
            raise self._error("the server sent a web page instead of a transcript", remedy=remedy)
        if start.lstrip().startswith(("{", "[", '"')) or self._is_json:
            result = self._read_json(text)
            if result is not None:
                return result
        return self._read_text(text)

    def _read_json(self, text: str) -> Result | None:
        """Read JSON and formats wrapped in it; return None for text that only begins like JSON."""
        document = text.removeprefix(_MARK).strip()
        try:
            value: Any = msgspec.json.decode(document)
        except (msgspec.DecodeError, RecursionError) as error:
            if self._is_json or document.startswith(('{"', "[{")):
                raise self._error(f"the server's reply is broken JSON ({error})") from error
            return None
        if isinstance(value, dict):
            return self._read_object(value, text)
        if isinstance(value, str):
            return self._read_literal(value)
        if self._is_json:
            raise self._error("the server's reply is JSON, but not a transcript")
        return None

    def _read_object(self, value: dict[str, Any], text: str) -> Result:
        if value.get("error"):
            raise self._error("the server reports an error in a reply that claims success")
        words = value.get("text")
        if isinstance(words, str) and _holds_subtitles(words):
            return self._read_rendered(words)
        result = self._read_rendered(text)
        # WhisperX's shape, passed on by its wrappers, is JSON but does not follow the contract.
        is_conforming = isinstance(words, str) and not isinstance(value.get("segments"), dict)
        return result if is_conforming else Result(result.transcript)

    def _read_literal(self, value: str) -> Result | None:
        """Read a single JSON string, as some wrappers send; return None for plain text in quotes."""
        if _holds_subtitles(value):
            return self._read_rendered(value)
        return _plain(value) if self._is_json else None

    def _read_rendered(self, text: str) -> Result:
        """Read a document whose format is recognised by its shape."""
        shape = recognise(text)
        if shape is None:
            raise self._error("the server's reply is JSON, but not a transcript")
        try:
            return Result(parse(text, shape), ServerRendering(shape, text.encode()))
        except ValueError as error:
            raise self._error(f"the server's reply cannot be read as {shape} ({error})") from error

    def _read_text(self, text: str) -> Result:
        media_type = self._media_type
        if _holds_subtitles(text) or (media_type == "text/vtt" and recognise(text) is ResponseFormat.VTT):
            return self._read_rendered(text)
        if media_type == MEDIA_TYPE:
            raise self._error("the server calls its reply a stream, but it is not one")
        if media_type and media_type not in _PLAIN_TYPES and not media_type.startswith("text/"):
            raise self._error("the server's reply is of a type that holds no transcript")
        return _plain(text)

    def _error(
        self, message: str, *, remedy: Text = "", kind: type[UnreadableReplyError] = UnreadableReplyError
    ) -> UnreadableReplyError:
        excerpt = excerpt_of(self._body)
        shown = describe_reply(message, self._content_type, excerpt, self._status)
        return kind(shown, remedy=remedy, status=self._status, request_id=self._request_id)


def describe_reply(message: str, content_type: str, excerpt: str, status: int) -> str:
    """Append the content type, the start of the reply and the status to a message.

    Args:
        message: What is wrong.
        content_type: The header; empty if it was missing.
        excerpt: The start of the reply; empty to omit it.
        status: The HTTP status.
    """
    begins = f"; begins: {excerpt}" if excerpt else ""
    return f"{message} (content type {content_type or 'missing'}{begins}), status {status}"


def _plain(text: str) -> Result:
    return Result(parse(text, ResponseFormat.TEXT), ServerRendering(ResponseFormat.TEXT, text.encode()))


def _holds_subtitles(text: str) -> bool:
    """Return whether a text is subtitles, even without cues, and not a transcript that mentions WEBVTT."""
    return recognise(text) in _SUBTITLES and ("-->" in text or text.removeprefix(_MARK).strip() == "WEBVTT")


def split_content_type(content_type: str) -> tuple[str, str]:
    """Split a content type into media type and charset.

    Args:
        content_type: The header; empty if it was missing.

    Returns:
        The media type in lower case, and the charset; UTF-8 if none is named.
    """
    media_type, _, parameters = content_type.partition(";")
    charset = re.search(r'charset\s*=\s*"?([\w.:-]+)', parameters, re.IGNORECASE)
    return media_type.strip().lower(), charset.group(1) if charset else "utf-8"


def _decode(body: bytes, charset: str) -> str | None:
    """Decode as UTF-8, which all servers send even if they name another charset, else as named; None if both fail."""
    for encoding in ("utf-8", charset):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def excerpt_of(body: bytes) -> str:
    """Return the start of a reply, on one line of at most 200 characters.

    Args:
        body: The reply, or its start.
    """
    start = body[: 8 * _EXCERPT_CHARS].decode("utf-8", "replace")
    line = " ".join(start.split())
    return line if len(line) <= _EXCERPT_CHARS else line[: _EXCERPT_CHARS - 1] + "…"
