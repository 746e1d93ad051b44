"""Read successful replies by content type and shape, not by the requested format: servers often send another one."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines.remote.sse import MEDIA_TYPE
from anyscribe.errors import UnreadableReplyError
from anyscribe.formats.wire import parse, recognise
from anyscribe.request import ResponseFormat
from anyscribe.result import Result, ServerRendering
from anyscribe.sentence import Option, Sentence
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.sentence import Text

_EXCERPT_CHARS: Final = 200
_MARK: Final = "\ufeff"
_SUBTITLES: Final = (ResponseFormat.SRT, ResponseFormat.VTT)
_MARKUP: Final = re.compile(r"<(!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_TAG_NAME: Final = (
    r"(a|b|body|br|center|div|font|form|h[1-6]|hr|html|i|img|li|meta|ol|p|pre|script|span|style|table|title|ul)"
)
_FIRST_TAG: Final = re.compile(rf"<(?:!--|{_TAG_NAME}\s*>)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(rf"<{_TAG_NAME}\s{{1,9}}[a-z-]{{1,20}}\s{{0,9}}=", re.IGNORECASE)
"""A tag with an attribute: people who speak about HTML name tags without any."""

_ODD_CODECS: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
"""Python's codecs for other purposes: some would read anything as text."""

_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MOST_DAMAGED: Final = 5
"""At most one character in this many may be undecodable; with more it is not text, or in another encoding."""

_FEW_DAMAGED: Final = 2
_NO_ERRORS: Final = frozenset({"", "0", "false", "none", "null", "ok", "success"})

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
        text = self._decoded()
        start = text.removeprefix(_MARK).lstrip()
        if _MARKUP.match(start) or (self._media_type == "text/html" and _is_page(start)):
            remedy = Sentence("check {}, and proxies on the way", Option("base_url"))
            raise self._error("the server sent a web page instead of a transcript", remedy=remedy)
        if start.startswith(("{", "[", '"')) or self._is_json:
            result = self._read_json(text)
            if result is not None:
                return result
        return self._read_text(text)

    def _decoded(self) -> str:
        """Decode the body: as UTF-8, which all servers send even if they name another charset, else as named."""
        for encoding in ("utf-8", *self._named_encodings()):
            try:
                text = self._body.decode(encoding)
                break
            except (UnicodeError, ValueError):
                continue
        else:
            text = self._body.decode("utf-8", "replace")
            damaged = text.count("\ufffd")
            if damaged > max(_FEW_DAMAGED, len(text) // _MOST_DAMAGED) or damaged == len(text.strip()):
                is_unknown = _codec(self._charset) is None
                why = f": its charset {self._charset[:_EXCERPT_CHARS]} is not known here" if is_unknown else ""
                raise self._error(f"the server's reply is not text{why}")
        if _NEVER_IN_TEXT.search(text):
            raise self._error("the server's reply is not text")
        return text

    def _named_encodings(self) -> Iterator[str]:
        if self._body.startswith(_WIDE_MARKS) and len(self._body) > len(_WIDE_MARKS[0]):
            yield "utf-16"
        named = _codec(self._charset)
        if named is not None:
            yield named

    def _read_json(self, text: str) -> Result | None:
        """Read JSON and formats wrapped in it; return None for text that only begins like JSON."""
        from anyscribe.formats.lenient_json import decode  # noqa: PLC0415 - load msgspec only for JSON

        document = text.removeprefix(_MARK).strip()
        try:
            value, is_strict = decode(document)
        except ValueError as error:
            if self._is_json or document.startswith(('{"', "[{")):
                raise self._error(f"the server's reply is broken JSON ({error})") from error
            return None
        if isinstance(value, list) and (members := _members_of(value)) is not None:
            value, is_strict = members, False
        if isinstance(value, dict):
            return self._read_object(value, text if is_strict else None)
        if isinstance(value, str):
            return self._read_literal(value)
        if self._is_json:
            raise self._error("the server's reply is JSON, but not a transcript")
        return None

    def _read_object(self, value: dict[str, Any], document: str | None) -> Result:
        """Read an object; None for the document if its bytes are not to be passed on."""
        from anyscribe.formats import json_reading  # noqa: PLC0415 - as above

        if reports_error(value.get("error")):
            raise self._error("the server reports an error in a reply that claims success")
        words = value.get("text")
        if isinstance(words, str) and _holds_subtitles(words):
            return self._read_rendered(words)
        try:
            reading = json_reading.read_members(value)
        except ValueError as error:
            raise self._error(f"the server's reply is JSON, but not a transcript ({error})") from error
        shape = json_reading.format_of_members(value)
        # WhisperX's shape, passed on by its wrappers, is JSON but does not follow the contract; nor do tokens as words.
        has_shape = isinstance(words, str) and not isinstance(value.get("segments"), dict)
        is_conforming = has_shape and not _has_tokens(value.get("words"), reading.transcript)
        rendering = ServerRendering(shape, document.encode()) if document and shape and is_conforming else None
        return Result(reading.transcript, rendering, ignored=reading.ignored)

    def _read_literal(self, value: str) -> Result | None:
        """Read a single JSON string, as some wrappers send; return None for plain text in quotes."""
        if _holds_subtitles(value):
            return self._read_rendered(value)
        return _plain(value) if self._is_json else None

    def _read_rendered(self, text: str) -> Result:
        """Read a document whose format is recognised by its shape."""
        shape = recognise(text) or ResponseFormat.TEXT
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


def _has_tokens(given: object, transcript: Transcript) -> bool:
    """Return whether a reply's list of words held tokens, which were joined to fewer words."""
    tokens = given if isinstance(given, list) else []
    texts = [token.get("word") or token.get("text") for token in tokens if isinstance(token, dict)]
    return 0 < len(transcript.words) < sum(isinstance(text, str) and bool(text.strip()) for text in texts)


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


def reports_error(member: object) -> bool:
    """Return whether an ``error`` member reports an error; many servers always send one.

    Args:
        member: The member's value; None if it is missing.
    """
    if isinstance(member, dict | list):
        return any(map(reports_error, member.values() if isinstance(member, dict) else member))
    if isinstance(member, str):
        return member.strip().lower() not in _NO_ERRORS
    return bool(member)


def _codec(charset: str) -> str | None:
    """Return Python's codec for a charset; None if there is none for text."""
    try:
        name = codecs.lookup(charset).name.replace("_", "-")
        b"".decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if name in _ODD_CODECS else name


def _is_page(start: str) -> bool:
    """Return whether text of a web page's type is markup, and not a transcript in which HTML is spoken about."""
    first = _FIRST_TAG.match(start)
    if first and (first.group(1) is None or f"</{first.group(1).lower()}>" in start.lower()):
        return True
    return _ATTRIBUTE.search(start) is not None


def _members_of(values: list[Any]) -> dict[str, Any] | None:
    """Return the members of an object that is wrapped in an array, or of a bare array of segments; None for others."""
    if not values or not all(isinstance(value, dict) and isinstance(value.get("text"), str) for value in values):
        return None
    if all("start" in value and "end" in value for value in values):
        return {"segments": values}
    return values[0] if len(values) == 1 else None


def excerpt_of(body: bytes) -> str:
    """Return the start of a reply, on one line of at most 200 characters.

    Args:
        body: The reply, or its start.
    """
    start = body[: 8 * _EXCERPT_CHARS].decode("utf-8", "replace")
    line = " ".join(start.split())
    return line if len(line) <= _EXCERPT_CHARS else line[: _EXCERPT_CHARS - 1] + "…"
