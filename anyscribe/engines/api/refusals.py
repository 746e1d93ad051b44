"""Read a refusal: which error it is, what the server said, which field it means, and whether to try again."""

from __future__ import annotations

import email.utils
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anyscribe.engines.api.replies import excerpt_of
from anyscribe.errors import (
    AccessDeniedError,
    FormatRefusedError,
    RequestRefusedError,
    ServerError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE_CHARS: Final = 500
_DENIED: Final = frozenset({401, 402, 403})
_PASSING: Final = frozenset({408, 409, 429})
_FORMAT_STATUSES: Final = frozenset({400, 415, 422})
_SERVER_FAULT: Final = 500
_FLAGS: Final = {
    "file": "INPUT",
    "include": "--include",
    "language": "--language",
    "model": "--model",
    "prompt": "--prompt",
    "response_format": "--format",
    "temperature": "--temperature",
    "timestamp_granularities": "--timestamp-granularities",
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


def read_complaint(body: bytes) -> Complaint:
    """Find the server's words in any of the envelopes that servers use.

    Args:
        body: The reply's body, or the beginning of a long one.

    Returns:
        What it says; never raises.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Complaint(excerpt_of(_without_markup(body)))
    if isinstance(value, dict):
        for member in ("error", "detail", "message"):
            if value.get(member):
                inner = value[member]
                return _from_envelope(value if member == "message" and isinstance(inner, str) else inner)
    return _from_envelope(value)


def _from_envelope(value: Any) -> Complaint:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and value:
        # FastAPI's: [{"loc": ["body", "model"], "msg": "field required"}]
        first = value[0] if isinstance(value[0], dict) else {"msg": str(value[0])}
        where = first.get("loc")
        named = str(where[-1]) if isinstance(where, list) and where else None
        return Complaint(_one_line(first.get("msg")), named)
    if isinstance(value, dict):
        codes = {str(value[name]) for name in ("code", "type") if value.get(name) not in (None, "None", "")}
        field = value.get("param")
        message = value.get("message") or value.get("msg") or value.get("error") or value.get("detail")
        named = str(field) if field and field != "None" else None
        return Complaint(_one_line(message), named, frozenset(codes))
    return Complaint(_one_line(value))


def _one_line(value: object) -> str:
    line = "" if value is None else " ".join(str(value).split())
    return line if len(line) <= _MESSAGE_CHARS else line[: _MESSAGE_CHARS - 1] + "…"


def _without_markup(body: bytes) -> bytes:
    """Keep a web page's words: ``<h1>502 Bad Gateway</h1>`` says enough."""
    if not re.match(rb"\s*<", body):
        return body
    visible = re.sub(rb"(?is)<(script|style|head)\b.*?(</\1>|$)", b" ", body)
    return re.sub(rb"<[^>]*>?", b" ", visible)


def read_refusal(status: int, headers: Mapping[str, str], body: bytes, *, key_name: str, now: float) -> Refusal:
    """Turn a reply that is no success into an error.

    Args:
        status: The HTTP status, 400 to 599.
        headers: The reply's headers, by any case.
        body: Its body, or the beginning of a long one.
        key_name: The environment variable of the key, for the hint.
        now: Seconds since 1970, to read a date in ``Retry-After``.

    Returns:
        The error, and whether and when to try again.
    """
    complaint = read_complaint(body)
    said = complaint.message or "it gave no reason"
    request_id = headers.get("x-request-id")
    known: dict[str, Any] = {"status": status, "field": complaint.field, "request_id": request_id}
    if status in _DENIED or "insufficient_quota" in complaint.codes:
        message, hint = _denial(status, key_name)
        return Refusal(AccessDeniedError(f"{message} ({status}): {said}", hint=hint, **known), passing=False)
    passing = status in _PASSING or status >= _SERVER_FAULT
    # A server that says so itself knows better.
    passing = {"true": True, "false": False}.get(headers.get("x-should-retry", "").lower(), passing)
    if passing or status in _PASSING or status >= _SERVER_FAULT:
        hint = "try again later" if status < _SERVER_FAULT else "the fault is the server's; try again later"
        error = UnavailableError(f"the server answered {status}: {said}", hint=hint, **known)
        return Refusal(error, passing, read_wait(headers, now))
    kind = FormatRefusedError if _means_format(status, complaint) else RequestRefusedError
    hint = _hint_for(status, complaint.field)
    return Refusal(kind(f"the server refused the request ({status}): {said}", hint=hint, **known), passing=False)


def _denial(status: int, key_name: str) -> tuple[str, str]:
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        return "the server does not accept the key", f"check {key_name}"
    if status == 403:  # noqa: PLR2004 - HTTP's own number
        return "the key is not allowed to do this", f"check {key_name} and --model"
    return "the account is out of credit", "add credit, or transcribe here with --local"


def _means_format(status: int, complaint: Complaint) -> bool:
    if status not in _FORMAT_STATUSES:
        return False
    return complaint.field == "response_format" or "response_format" in complaint.message


def _hint_for(status: int, field: str | None) -> str:
    flag = _FLAGS.get((field or "").removesuffix("[]"))
    if flag:
        return f"{flag} sets that field"
    if field:
        return f"the field is {field}"
    if status in (404, 405):
        return "check --base-url, which often ends in /v1, and --model"
    if status == 413:  # noqa: PLR2004 - HTTP's own number
        return "the recording is larger than this server takes; compress or divide it"
    return ""


def read_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Read how long the server asks to wait.

    Args:
        headers: The reply's headers, by any case.
        now: Seconds since 1970.

    Returns:
        Seconds, from ``retry-after-ms``, else from ``Retry-After`` as a number or a date; None where it says nothing
        that can be read. Never negative.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d*)?|\.\d+", value):
            return float(value) * unit
        if value and name == "retry-after":
            try:
                return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
            except (ValueError, OverflowError):
                return None
    return None
