"""Error replies: the contract's envelope, and the one table that maps errors to HTTP statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from anyscribe import errors
from anyscribe.formats.json_writing import json_line

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_VALUE: Final = 100

INVALID_VALUE: Final = "invalid_value"
MISSING: Final = "missing_required_parameter"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error reply.

    Args:
        status: The HTTP status.
        message: What is wrong and what would be right, as one line.
        param: The form field at fault; None if the error concerns no field.
        code: A machine-readable code; None if there is none.
        headers: Additional response headers.
    """

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def envelope(self) -> dict[str, Any]:
        """The contract's error envelope."""
        kind = "server_error" if self.status >= 500 else _KINDS.get(self.status, "invalid_request_error")  # noqa: PLR2004 - an HTTP status
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    @property
    def body(self) -> bytes:
        """The envelope as one line of JSON."""
        return json_line(self.envelope, {}).encode()


_KINDS: Final = {429: "rate_limit_error"}


class RefusedError(Exception):
    """The request is refused for a reason that exists only in the server.

    Args:
        failure: The reply.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class ClientGoneError(Exception):
    """The client has disconnected, so no reply can be sent."""


class StorageFullError(errors.OutputError):
    """There is no disk space to store an upload."""


_STATUSES: Final[Mapping[type[errors.AnyscribeError], int]] = {
    errors.UsageError: 400,
    errors.AudioError: 400,
    errors.EngineError: 500,
    errors.OutputError: 500,
    StorageFullError: 507,
    errors.AnyscribeError: 500,
}

_OWN_FAULTS: Final = {
    500: "the server failed to transcribe it; its own log says why",
    507: "the server has no room for the upload; try again later",
}
"""Messages for failures that the client did not cause; they reveal no internals."""

DEFECT: Final = Failure(500, "the server has an internal error; its log has the details")


def failure_of(error: errors.AnyscribeError) -> Failure:
    """Return the reply to an error, chosen by its class or the nearest base class in the table.

    Args:
        error: What was raised while a request was handled.

    Returns:
        The reply; it has the details that help the client, but none about the server's own faults.
    """
    status = next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
    if status in _OWN_FAULTS:
        return Failure(status, _OWN_FAULTS[status])
    if isinstance(error, errors.FieldError):
        if len(error.value) > _LONGEST_VALUE:
            # A very long value is shortened before it is sent back.
            value = error.value[:_LONGEST_VALUE] + "…"
            error = errors.FieldError(error.option, value, error.reason, remedy=error.remedy, legal=error.legal)
        return Failure(status, str(error), error.option, INVALID_VALUE if error.value else MISSING)
    param = "file" if isinstance(error, errors.AudioError) else None
    return Failure(status, str(error), param, INVALID_VALUE if param else None)
