"""What went wrong in a place, in words that hold no secret: each backend has errors of its own."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from anyscribe.places.addresses import without_secrets

_LONGEST_CHARS: Final = 200
_REFUSED: Final = frozenset({401, 403})


def reason_of(error: BaseException, login: str = "") -> str:
    """Say what went wrong.

    Args:
        error: What a backend raised.
        login: A user name, perhaps with a password, that must not be repeated.

    Returns:
        A few words.
    """
    status = _status_of(error)
    told = without_secrets(" ".join((getattr(error, "strerror", None) or str(error)).split()))
    for secret in filter(None, (unquote(login), *login.split(":", 1), *map(unquote, login.split(":", 1)))):
        told = told.replace(secret, "…")
    if isinstance(error, PermissionError) or status in _REFUSED:
        return "no permission"
    # fsspec says of whatever keeps it from a web server that there is no such file.
    hidden = error.__cause__ if isinstance(error, FileNotFoundError) else None
    if status is None and isinstance(hidden, OSError) and not isinstance(hidden, FileNotFoundError):
        return f"it cannot be reached, {type(hidden).__name__}"
    if isinstance(error, FileNotFoundError) and status in (None, 404):
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
    if isinstance(error, PermissionError) or _status_of(error) in _REFUSED:
        return "check the address and your credentials"
    return "check the address" if isinstance(error, FileNotFoundError) else "check the address, or try again later"


def _status_of(error: BaseException | None) -> int | None:
    """Return the HTTP status that an error stands for, if it says so; fsspec puts other errors over those of HTTP."""
    while error is not None:
        for name in ("status", "status_code", "code"):
            status = getattr(error, name, None)
            if isinstance(status, int) and 400 <= status < 600:  # noqa: PLR2004 - HTTP's errors
                return status
        error = error.__cause__
    return None
