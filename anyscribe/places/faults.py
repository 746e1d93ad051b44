"""What went wrong in a place, in words that hold no secret: each backend has errors of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from anyscribe.places.addresses import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_CHARS: Final = 200
_REFUSED: Final = frozenset({401, 403})
_MISSING: Final = 404
_BUSY: Final = 429
_FIRST_OF_SERVER: Final = 500
_BROKEN: Final = "the connection broke"
_BY_NAME: Final = {
    "AuthenticationException": "no permission",
    "ClientConnectorCertificateError": "its certificate is not trusted",
    "ClientPayloadError": _BROKEN,
    "FSTimeoutError": "it did not answer in time",
    "IncompleteReadError": _BROKEN,
    "ResponseStreamingError": _BROKEN,
    "ServerDisconnectedError": _BROKEN,
    "TooManyRedirects": "it is redirected in a circle",
    "UnicodeDecodeError": "a name there is not UTF-8",
}
"""What errors of aiohttp, botocore, fsspec and paramiko mean; their own words name their parts."""

_BY_CODE: Final = {
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "set AWS_DEFAULT_REGION to its region"),
    "ExpiredToken": ("the credentials have expired", "renew them"),
    "PermanentRedirect": ("the bucket is in another region", "set AWS_DEFAULT_REGION to its region"),
}
"""What S3's codes mean, and what to do; s3fs takes them for other errors."""


def reason_of(error: BaseException, login: str = "") -> str:
    """Say what went wrong.

    Args:
        error: What a backend raised.
        login: A user name, perhaps with a password, that must not be repeated.

    Returns:
        A few words.
    """
    told = without_secrets(" ".join((getattr(error, "strerror", None) or str(error)).split()))
    for secret in filter(None, (unquote(login), *login.split(":", 1), *map(unquote, login.split(":", 1)))):
        told = told.replace(secret, "…")
    status = _status_of(error)
    known = _known_reason(error)
    if known is not None:
        return known
    if isinstance(error, PermissionError) or status in _REFUSED:
        return "no permission"
    # fsspec says of whatever keeps it from a web server that there is no such file.
    hidden = error.__cause__ if isinstance(error, FileNotFoundError) else None
    if status is None and isinstance(hidden, OSError) and not isinstance(hidden, FileNotFoundError):
        return "it cannot be reached"
    if status == _MISSING or (status is None and isinstance(error, FileNotFoundError)):
        is_whole = any(word in told.lower() for word in ("bucket", "container"))
        return "there is no such bucket" if is_whole else "there is no such file or folder"
    if status is not None:
        return f"status {status}"
    return told[:_LONGEST_CHARS] or type(error).__name__


def remedy_of(error: BaseException) -> str:
    """Say what to do about it.

    Args:
        error: What a backend raised.
    """
    status, code = _status_of(error), _code_of(error)
    if code in _BY_CODE:
        return _BY_CODE[code][1]
    about_credentials = any(word in str(error).lower() for word in ("credentials", "authentication"))
    if isinstance(error, PermissionError) or status in _REFUSED or about_credentials:
        return "check the address and your credentials"
    if status is not None and (status == _BUSY or status >= _FIRST_OF_SERVER):
        return "try again later"
    if status == _MISSING or isinstance(error, FileNotFoundError):
        return "check the address"
    return "check the address, or try again later"


def _causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those under it: fsspec puts other errors over those of HTTP."""
    while error is not None:
        yield error
        error = error.__cause__


def _known_reason(error: BaseException) -> str | None:
    code = _code_of(error)
    if code in _BY_CODE:
        return _BY_CODE[code][0]
    names = (type(cause).__name__ for cause in _causes_of(error))
    return next((_BY_NAME[name] for name in names if name in _BY_NAME), None)


def _status_of(error: BaseException) -> int | None:
    """Return the HTTP status that an error stands for, if it says so."""
    for cause in _causes_of(error):
        told = (getattr(cause, name, None) for name in ("status", "status_code", "code"))
        status = next((number for number in told if isinstance(number, int)), 0)
        if 400 <= status < 600:  # noqa: PLR2004 - HTTP's errors
            return status
    return None


def _code_of(error: BaseException) -> str | None:
    """Return S3's code for an error, if it comes from there."""
    answers = (getattr(cause, "response", None) for cause in _causes_of(error))
    return next((answer["Error"].get("Code") for answer in answers if isinstance(answer, dict)), None)
