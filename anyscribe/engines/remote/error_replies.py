"""Read error replies: the kind of error, the server's message, the field concerned, and whether to retry."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe.engines.remote.model_refusals import means_model
from anyscribe.engines.remote.replies import excerpt_of
from anyscribe.engines.remote.retry_after import LONGEST_ASKED_WAIT_S, plain_wait, read_wait
from anyscribe.engines.remote.server_limits import read_size_limits, smaller_than
from anyscribe.errors import (
    AccessDeniedError,
    FormatRefusedError,
    RequestRefusedError,
    ServerError,
    TooLargeError,
    UnavailableError,
    UnknownModelError,
)
from anyscribe.form import FIELDS
from anyscribe.sentence import Field, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anyscribe.sentence import Text

_MESSAGE_CHARS: Final = 500
_DENIED: Final = frozenset({401, 402, 403})
_TEMPORARY: Final = frozenset({408, 409, 429})
_FORMAT_STATUSES: Final = frozenset({400, 415, 422})
_SERVER_FAULT: Final = 500
_FORMAT_WORDS: Final = re.compile(
    r"response[ _-]?format|\b(verbose_json|srt|vtt|text)\b.{0,20}\b(does not|doesn.t) support stream",
    re.IGNORECASE,
)
"""The second alternative is vLLM's: ``verbose_json format doesn't support streaming case``."""

_STATUS_IN_CODE: Final = re.compile(r"[45][0-9][0-9]")
_STATUS_OF_CODE: Final = {"insufficient_quota": 429, "invalid_api_key": 401, "invalid_request_error": 400}
"""The status that an error would have had before the stream; the first match counts."""

_NOT_THE_FORMAT: Final = frozenset({"timestamp_granularities", "timestamp_granularities[]", "include", "include[]"})
"""Fields that only some formats support; another format would drop what the user asked for."""

_CHECK_ADDRESS: Final = Sentence("check {}, which often ends in /v1", Option("base_url"))
_NAMES_ANOTHER: Final = Sentence("{} names another", Option("model"))
_REMEDIES: Final[Mapping[int, Text]] = {
    404: Sentence("{}, and {}", _CHECK_ADDRESS, Option("model")),
    405: _CHECK_ADDRESS,
    407: "the proxy wants a user name and password; HTTPS_PROXY and HTTP_PROXY may hold them",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a request, for remedies.

    Args:
        key_name: The environment variable that contains the key.
        has_key: Whether a key was sent.
        body_bytes: The size of the request's body; 0 if it had none.
        redact: Removes the key from a text.
    """

    key_name: str
    has_key: bool = True
    body_bytes: int = 0
    redact: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Complaint:
    """The contents of an error body of any shape.

    Args:
        message: The server's message, on one line; empty if there is none.
        field: The form field that it names; None if it names none.
        codes: The machine-readable names of the error, such as ``insufficient_quota``.
    """

    message: str
    field: str | None = None
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error of one attempt.

    Args:
        error: The error.
        is_temporary: Whether the same request may succeed later.
        wait_seconds: The wait that the server asks for; None if it does not ask for one.
    """

    error: ServerError
    is_temporary: bool
    wait_seconds: float | None = None

    def redacted(self, redact: Callable[[str], str]) -> Refusal:
        """Return a copy with the key removed from all of its text.

        Args:
            redact: Removes the key from a text.
        """
        return replace(self, error=self.error.mapped(redact))

    def final(self) -> Refusal:
        """Return a copy that allows no further request, neither the same one nor one in another format."""
        error = self.error
        if isinstance(error, FormatRefusedError | TooLargeError):
            error = RequestRefusedError(
                error.message, remedy=error.remedy, status=error.status, field=error.field, request_id=error.request_id
            )
        return Refusal(error, is_temporary=False)


def read_complaint(body: bytes, redact: Callable[[str], str] = str) -> Complaint:
    """Find the server's message in any of the envelopes that servers use; never raise.

    Args:
        body: The reply's body, or the start of a long one.
        redact: Removes the key from a text; applied before a message is shortened.
    """
    try:
        value = msgspec.json.decode(body)
        complaint = _from_envelope(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Complaint(excerpt_of(redact(_without_markup(body).decode("utf-8", "replace")).encode()))
    # An unknown envelope is shown unchanged.
    message = redact(complaint.message) if complaint.message or not value else excerpt_of(body)
    return replace(
        complaint, message=_shortened(message), field=complaint.field and _shortened(redact(complaint.field))
    )


def _from_envelope(value: Any) -> Complaint:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and value:
        # FastAPI's: [{"loc": ["body", "model"], "msg": "field required"}]
        first = value[0] if isinstance(value[0], dict) else {"msg": value[0]}
        return Complaint(_one_line(first.get("msg") or first.get("message")), _field_of(first.get("loc")))
    if not isinstance(value, dict):
        return Complaint("" if isinstance(value, bool) else _one_line(value))
    inner = next((value[name] for name in ("error", "detail", "errors") if isinstance(value.get(name), dict | list)), 0)
    if inner:
        return _from_envelope(inner)
    names = ("message", "msg", "error", "detail", "error_description")
    message = next((value[name] for name in names if value.get(name) and not isinstance(value[name], bool)), None)
    codes = frozenset(
        str(value[name]) for name in ("code", "type", "error") if value.get(name) not in (None, "None", "")
    )
    field = value.get("param")
    return Complaint(_one_line(message), _one_line(field) if field and field != "None" else None, codes)


def _field_of(where: object) -> str | None:
    """Return the form field in FastAPI's path to it, such as ``["body", "timestamp_granularities[]", 0]``."""
    names = [part for part in where if isinstance(part, str)] if isinstance(where, list) else []
    inner = names[1:] if names[:1] in (["body"], ["query"], ["form"]) else names
    return _one_line(inner[0]) if inner else None


def _one_line(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def _shortened(line: str) -> str:
    return line if len(line) <= _MESSAGE_CHARS else line[: _MESSAGE_CHARS - 1] + "…"


def _without_markup(body: bytes) -> bytes:
    """Return a web page's text without markup: that of ``<h1>502 Bad Gateway</h1>`` is a sufficient message."""
    page = body.removeprefix(b"\xef\xbb\xbf")
    if not re.match(rb"\s*<", page):
        return body
    for hidden in (rb"script|style|head", rb"script|style"):
        visible = re.sub(rb"(?is)<(" + hidden + rb")\b.*?(</\1>|$)", b" ", page)
        words = re.sub(rb"<[^>]*>?", b" ", visible).strip()
        if words:
            import html  # noqa: PLC0415 - loads every entity

            return html.unescape(words.decode("utf-8", "replace")).encode()
    return body


def read_refusal(status: int, headers: Mapping[str, str], body: bytes, sender: Sender, *, now: float) -> Refusal:
    """Convert an error reply to an error.

    Args:
        status: The HTTP status, which is not a success.
        headers: The reply's headers; names are case-insensitive.
        body: The reply's body, or the start of a long one.
        sender: The sender of the request.
        now: The time in seconds since 1970, to read a date in ``Retry-After``.

    Returns:
        The error, and whether and when to retry.
    """
    complaint = read_complaint(body, sender.redact)
    said = complaint.message or "it gave no reason"
    known: dict[str, Any] = {"status": status, "field": complaint.field, "request_id": headers.get("x-request-id")}
    if status in _DENIED or "insufficient_quota" in complaint.codes:
        message, remedy = _denial(status, sender)
        return Refusal(AccessDeniedError(f"{message} ({status}): {said}", remedy=remedy, **known), is_temporary=False)
    if means_model(status, complaint.message, complaint.field, complaint.codes):
        gone = UnknownModelError(f"the server refused the model ({status}): {said}", remedy=_NAMES_ANOTHER, **known)
        return Refusal(gone, is_temporary=False)
    usually = status in _TEMPORARY or status >= _SERVER_FAULT
    # The server's own statement takes precedence.
    temporary = {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower(), usually)
    if temporary or usually:
        return _unavailable(f"the server answered {status}: {said}", headers, known, temporary=temporary, now=now)
    limits = read_size_limits(status, complaint.message, complaint.field)
    if limits is not None:
        return Refusal(_too_large(status, said, limits, sender, known), is_temporary=False)
    kind = FormatRefusedError if _means_format(status, complaint) else RequestRefusedError
    remedy = _remedy_for(status, complaint.field)
    error = kind(f"the server refused the request ({status}): {said}", remedy=remedy, **known)
    return Refusal(error, is_temporary=False)


def read_reported(headers: Mapping[str, str], body: bytes, sender: Sender, *, now: float) -> Refusal:
    """Convert an error inside a stream, which began with success, to the error that it would have been before it.

    Args:
        headers: The reply's headers; names are case-insensitive.
        body: The data of the event that reports the error: any envelope, or plain text.
        sender: The sender of the request.
        now: The time in seconds since 1970.

    Returns:
        The error, by the status in its code or by its type, and whether to retry. An error with neither is temporary.
    """
    complaint = read_complaint(body, sender.redact)
    request_id = headers.get("x-request-id")
    known = [int(code) for code in complaint.codes if _STATUS_IN_CODE.fullmatch(code)]
    known += [status for code, status in _STATUS_OF_CODE.items() if code in complaint.codes]
    if known:
        named = {"x-request-id": request_id} if request_id else {}
        return read_refusal(known[0], named, body, sender, now=now)
    said = complaint.message or "it gave no reason"
    remedy = "the fault is the server's; try again later"
    error = UnavailableError(
        f"the server stopped with an error: {said}", remedy=remedy, field=complaint.field, request_id=request_id
    )
    return Refusal(error, is_temporary=True)


def _unavailable(
    message: str, headers: Mapping[str, str], known: dict[str, Any], *, temporary: bool, now: float
) -> Refusal:
    wait_seconds = read_wait(headers, now)
    remedy = "try again later" if known["status"] < _SERVER_FAULT else "the fault is the server's; try again later"
    if wait_seconds is not None and wait_seconds > LONGEST_ASKED_WAIT_S:
        # The wait is too long for a retry.
        temporary, remedy = False, f"the server asks to come back in {plain_wait(wait_seconds)}"
    return Refusal(UnavailableError(message, remedy=remedy, **known), temporary, wait_seconds)


def _too_large(
    status: int, said: str, limits: tuple[int | None, int | None], sender: Sender, known: dict[str, Any]
) -> TooLargeError:
    max_bytes, max_ms = limits
    if max_bytes is max_ms is None:
        max_bytes = smaller_than(sender.body_bytes)
    return TooLargeError(
        f"too large for the server ({status}): {said}",
        remedy=Sentence("{} and {} set how much is uploaded at once", Option("max_upload"), Option("max_seconds")),
        max_bytes=max_bytes,
        max_ms=max_ms,
        **known,
    )


def _denial(status: int, sender: Sender) -> tuple[str, Text]:
    if status in (401, 403) and not sender.has_key:
        return "the server wants a key", f"set {sender.key_name}"
    if status == 401:  # noqa: PLR2004 - an HTTP status
        return "the server does not accept the key", f"check {sender.key_name}"
    if status == 403:  # noqa: PLR2004 - an HTTP status
        return "the key is not allowed to do this", Sentence("check {} and {}", sender.key_name, Option("model"))
    return "the account is out of credit", Sentence("add credit, or use {}", Option("local"))


def _means_format(status: int, complaint: Complaint) -> bool:
    if status not in _FORMAT_STATUSES or complaint.field in _NOT_THE_FORMAT:
        return False
    return complaint.field == "response_format" or bool(_FORMAT_WORDS.search(complaint.message))


def _remedy_for(status: int, field: str | None) -> Text:
    if not field:
        return _REMEDIES.get(status, "")
    if field == "file":
        return "that is the recording itself"
    plain = field.removesuffix("[]")
    return Sentence("{} sets that field", Field(plain)) if plain in FIELDS else Sentence("the field is {}", field)
