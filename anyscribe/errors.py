"""What can go wrong, as one tree. Errors carry data; only the `cli` room turns them into exit codes.

AnyscribeError
├── UsageError              something is asked for that cannot be
│   └── FieldError              and it is one form field that asks for it
├── AudioError              the input cannot be read as audio
├── OutputError             the result cannot be written
├── EngineError             the built-in engine cannot do this, or broke
│   └── MissingExtraError   a part that is not installed is needed
└── ServerError             the server said no, or said nothing
    ├── RequestRefusedError     wrong for this server; trying again cannot help
    │   ├── FormatRefusedError      it does not know this response_format
    │   └── TooLargeError           it takes less at once
    ├── AccessDeniedError       key missing, wrong, not allowed, or out of credit: ends the whole run
    ├── UnavailableError        could not be reached or kept refusing, after the retries
    └── UnreadableReplyError    it answered with something that is not a transcript

ClosedPipeError stands beside the tree: it is no failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class ClosedPipeError(BaseException):
    """Whoever read our output has stopped reading: there is nobody left to work for.

    Like Ctrl-C it passes through everything that mends, reports or counts failures, which `Exception` would not.
    """


class AnyscribeError(Exception):
    """Any failure that is not a defect of this program.

    Args:
        message: What happened, as one line.
        hint: What the user can do about it, as one line; empty where there is nothing to say.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """One line: what happened, then what to do."""
        return f"{self.message}: {self.hint}" if self.hint else self.message


class UsageError(AnyscribeError):
    """Something is asked for that cannot be; nothing was sent or transcribed."""


class FieldError(UsageError):
    """A form field holds what cannot be, or what this engine does not know.

    Args:
        field: The contract's name for the field, without ``[]``.
        value: What it holds; empty where it is missing.
        reason: What is wrong with that.
        hint: What to do about it; None names the legal values.
        legal: The values that can be, where they can be listed.
    """

    def __init__(
        self, field: str, value: str, reason: str, *, hint: str | None = None, legal: Sequence[str] = ()
    ) -> None:
        super().__init__(reason, hint=f"there is {', '.join(legal)}" if hint is None and legal else hint or "")
        self.field = field
        self.value = value
        self.legal = tuple(legal)
        self.name_field(field)

    def name_field(self, name: str) -> None:
        """Call the field by the name that it has where its user met it, such as ``--model``.

        Args:
            name: That name.
        """
        self.message = f"{name} {self.value}".rstrip() + f": {self.args[0]}"


class AudioError(AnyscribeError):
    """The input cannot be read as audio."""


class OutputError(AnyscribeError):
    """The result cannot be written."""


class EngineError(AnyscribeError):
    """The built-in engine cannot do what is asked, or broke while doing it."""


class MissingExtraError(EngineError):
    """A part of the program that is not installed is needed.

    Args:
        message: What happened.
        extra: The extra to install.
    """

    def __init__(self, message: str, *, extra: str) -> None:
        super().__init__(message, hint=f"pip install 'anyscribe[{extra}]'")
        self.extra = extra


class ServerError(AnyscribeError):
    """The server refused, failed or could not be understood.

    Args:
        message: What happened, in the server's own words where it had any.
        hint: What the user can do about it.
        status: The HTTP status; None where no reply came.
        field: The form field that the server complains about; None where it names none.
        request_id: The server's name for the request; None where it gave none.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        field: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.field = field
        self.request_id = request_id

    def __str__(self) -> str:
        """One line: what happened, what to do, and the request's name for the server's keepers."""
        line = super().__str__()
        return f"{line} (request id {self.request_id})" if self.request_id else line


class RequestRefusedError(ServerError):
    """The request is wrong for this server; the same request would be refused again."""


class FormatRefusedError(RequestRefusedError):
    """The server or model does not answer in the format asked for."""


class TooLargeError(RequestRefusedError):
    """The recording is larger or longer than the server takes at once.

    Args:
        message: What happened.
        max_bytes: The largest body of a request that it takes, as far as is known.
        max_ms: The longest sound that it takes, in milliseconds; None where it said nothing of that.
        about: What else is known, as for any `ServerError`.
    """

    def __init__(
        self,
        message: str,
        *,
        max_bytes: int | None = None,
        max_ms: int | None = None,
        **about: Any,  # noqa: ANN401 - as its base has them
    ) -> None:
        super().__init__(message, **about)
        self.max_bytes = max_bytes
        self.max_ms = max_ms


class AccessDeniedError(ServerError):
    """The key is missing, wrong or not allowed, or the account is out of credit; no other request will fare better."""


class UnavailableError(ServerError):
    """The server could not be reached, or kept refusing, after the retries."""


class UnreadableReplyError(ServerError):
    """The server answered, but not with anything that can be read as a transcript."""
