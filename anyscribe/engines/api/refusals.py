"""Read a refusal: which error it is, what the server said, which field it means, and whether to try again."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe.engines.api.limits import read_limit
from anyscribe.engines.api.replies import excerpt_of
from anyscribe.engines.api.waits import LONGEST_ASKED_WAIT_S, read_wait, spoken_wait
from anyscribe.errors import (
    AccessDeniedError,
    FormatRefusedError,
    RequestRefusedError,
    ServerError,
    TooLargeError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MESSAGE_CHARS: Final = 500
_DENIED: Final = frozenset({401, 402, 403})
_PASSING: Final = frozenset({408, 409, 429})
_FORMAT_STATUSES: Final = frozenset({400, 415, 422})
_SERVER_FAULT: Final = 500
_FLAGS: Final = {
    "include": "--include",
    "language": "--language",
    "model": "--model",
    "prompt": "--prompt",
    "response_format": "--format",
    "stream": "--stream",
    "temperature": "--temperature",
    "timestamp_granularities": "--timestamp-granularities",
}
_FORMAT_WORDS: Final = re.compile(
    r"response[ _-]?format|\b(verbose_json|srt|vtt|text)\b.{0,20}\b(does not|doesn.t) support stream",
    re.IGNORECASE,
)
"""The second is vLLM's: ``verbose_json format doesn't support streaming case``."""

_STATUS_IN_CODE: Final = re.compile(r"[45][0-9][0-9]")
_STATUS_OF_CODE: Final = {"insufficient_quota": 429, "invalid_api_key": 401, "invalid_request_error": 400}
"""What an error would have come with, had it come before the stream; the first that fits counts."""

_NOT_THE_FORMAT: Final = frozenset({"timestamp_granularities", "timestamp_granularities[]", "include", "include[]"})
"""Fields that only some formats take; asking for another format would drop what the user asked for."""

_HINTS: Final = {
    404: "check --base-url, which often ends in /v1, and --model",
    405: "check --base-url, which often ends in /v1",
    407: "the proxy wants a user name and password; HTTPS_PROXY and HTTP_PROXY may hold them",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says, whatever its shape.

    Args:
        message: The server's words, on one line; empty where it had none.
        field: The form field that it names; None where it names none.
        codes: Its machine-readable names for the fault, such as ``insufficient_quota``.
    """

    message: str
    field: str | None = None
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error, and whether the same request may fare better later."""

    error: ServerError
    passing: bool
    wait_seconds: float | None = None

    def redacted(self, redact: Callable[[str], str]) -> Refusal:
        """Take the key out of all that the error says.

        Args:
            redact: Takes it out of a text.
        """
        error = self.error
        error.message = redact(error.message)
        error.hint = redact(error.hint)
        error.request_id = redact(error.request_id) if error.request_id else None
        return self

    def final(self) -> Refusal:
        """Make it one after which nobody asks again, for the same request or in another format: text was told."""
        error = self.error
        if isinstance(error, FormatRefusedError | TooLargeError):
            error = RequestRefusedError(
                error.message, hint=error.hint, status=error.status, field=error.field, request_id=error.request_id
            )
        return Refusal(error, passing=False)


def read_complaint(body: bytes) -> Complaint:
    """Find the server's words in any of the envelopes that servers use.

    Args:
        body: The reply's body, or the beginning of a long one.

    Returns:
        What it says; never raises.
    """
    try:
        value = msgspec.json.decode(body)
        complaint = _from_envelope(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Complaint(excerpt_of(_without_markup(body)))
    # An envelope that nobody knows is shown as it is.
    return complaint if complaint.message or not value else replace(complaint, message=excerpt_of(body))


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
    """Find a form field in FastAPI's path to it: ``["body", "timestamp_granularities[]", 0]``."""
    names = [part for part in where if isinstance(part, str)] if isinstance(where, list) else []
    inner = names[1:] if names[:1] in (["body"], ["query"], ["form"]) else names
    return _one_line(inner[0]) if inner else None


def _one_line(value: object) -> str:
    line = "" if value is None else " ".join(str(value).split())
    return line if len(line) <= _MESSAGE_CHARS else line[: _MESSAGE_CHARS - 1] + "…"


def _without_markup(body: bytes) -> bytes:
    """Keep a web page's words: ``<h1>502 Bad Gateway</h1>`` says enough."""
    page = body.removeprefix(b"\xef\xbb\xbf")
    if not re.match(rb"\s*<", page):
        return body
    for hidden in (rb"script|style|head", rb"script|style"):
        visible = re.sub(rb"(?is)<(" + hidden + rb")\b.*?(</\1>|$)", b" ", page)
        words = re.sub(rb"<[^>]*>?", b" ", visible).strip()
        if words:
            return html.unescape(words.decode("utf-8", "replace")).encode()
    return body


def read_refusal(  # noqa: PLR0913 - a reply and what it answers
    status: int, headers: Mapping[str, str], body: bytes, *, key_name: str, has_key: bool = True, now: float
) -> Refusal:
    """Turn a reply that is no success into an error.

    Args:
        status: The HTTP status, none that means success.
        headers: The reply's headers, by any case.
        body: Its body, or the beginning of a long one.
        key_name: The environment variable of the key, for the hint.
        has_key: Whether a key was sent.
        now: Seconds since 1970, to read a date in ``Retry-After``.

    Returns:
        The error, and whether and when to try again.
    """
    complaint = read_complaint(body)
    said = complaint.message or "it gave no reason"
    known: dict[str, Any] = {"status": status, "field": complaint.field, "request_id": headers.get("x-request-id")}
    if status in _DENIED or "insufficient_quota" in complaint.codes:
        message, hint = _denial(status, key_name, has_key=has_key)
        return Refusal(AccessDeniedError(f"{message} ({status}): {said}", hint=hint, **known), passing=False)
    usually = status in _PASSING or status >= _SERVER_FAULT
    # A server that says so itself knows better.
    passing = {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower(), usually)
    if passing or usually:
        wait_seconds = read_wait(headers, now)
        hint = "try again later" if status < _SERVER_FAULT else "the fault is the server's; try again later"
        if wait_seconds is not None and wait_seconds > LONGEST_ASKED_WAIT_S:
            # Nobody sits through that.
            passing, hint = False, f"the server asks to come back in {spoken_wait(wait_seconds)}"
        error = UnavailableError(f"the server answered {status}: {said}", hint=hint, **known)
        return Refusal(error, passing, wait_seconds)
    limit = read_limit(status, complaint.message, complaint.field)
    if limit is not None:
        message = f"the server takes less at once ({status}): {said}"
        hint = "--max-upload and --max-seconds set how much is sent at once"
        too_large = TooLargeError(message, hint=hint, max_bytes=limit[0], max_ms=limit[1], **known)
        return Refusal(too_large, passing=False)
    kind = FormatRefusedError if _means_format(status, complaint) else RequestRefusedError
    hint = _hint_for(status, complaint.field)
    return Refusal(kind(f"the server refused the request ({status}): {said}", hint=hint, **known), passing=False)


def read_reported(
    headers: Mapping[str, str], body: bytes, *, key_name: str, has_key: bool = True, now: float
) -> Refusal:
    """Turn an error that stands in a stream, which began with success, into what it would have been before it.

    Args:
        headers: The reply's headers, by any case.
        body: The data of the event that reports it: any envelope, or plain text.
        key_name: The environment variable of the key, for the hint.
        has_key: Whether a key was sent.
        now: Seconds since 1970.

    Returns:
        The error, by the status in its code or by its type, and whether to try again. One that tells neither may pass.
    """
    complaint = read_complaint(body)
    request_id = headers.get("x-request-id")
    known = [int(code) for code in complaint.codes if _STATUS_IN_CODE.fullmatch(code)]
    known += [status for code, status in _STATUS_OF_CODE.items() if code in complaint.codes]
    if known:
        named = {"x-request-id": request_id} if request_id else {}
        return read_refusal(known[0], named, body, key_name=key_name, has_key=has_key, now=now)
    said = complaint.message or "it gave no reason"
    hint = "the fault is the server's; try again later"
    error = UnavailableError(f"the server broke off: {said}", hint=hint, field=complaint.field, request_id=request_id)
    return Refusal(error, passing=True)


def _denial(status: int, key_name: str, *, has_key: bool) -> tuple[str, str]:
    if status in (401, 403) and not has_key:
        return "the server wants a key", f"set {key_name}"
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        return "the server does not accept the key", f"check {key_name}"
    if status == 403:  # noqa: PLR2004 - HTTP's own number
        return "the key is not allowed to do this", f"check {key_name} and --model"
    return "the account is out of credit", "add credit, or transcribe here with --local"


def _means_format(status: int, complaint: Complaint) -> bool:
    if status not in _FORMAT_STATUSES or complaint.field in _NOT_THE_FORMAT:
        return False
    return complaint.field == "response_format" or bool(_FORMAT_WORDS.search(complaint.message))


def _hint_for(status: int, field: str | None) -> str:
    flag = _FLAGS.get((field or "").removesuffix("[]"))
    if flag:
        return f"{flag} sets that field"
    if field == "file":
        return "that is the recording itself"
    if field:
        return f"the field is {field}"
    return _HINTS.get(status, "")
