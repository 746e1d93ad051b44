"""What can go wrong, as one tree. Errors carry data; only the `cli` room turns them into exit codes and flags.

AnyscribeError
├── UsageError              the request is impossible; nothing was sent
│   └── OptionError             because of the value of one option
│       └── FieldError              which is a form field of the contract
├── AudioError              the input cannot be read as audio
├── OutputError             the result cannot be written
│   └── FullDiskError           because the disk is full: ends the whole run
├── BudgetError             it would take the run beyond a limit that the user set: ends the whole run
├── ClusterError            the machines that do the work are lost: ends the whole run
├── EngineError             a built-in engine cannot do this, or failed
│   └── MissingExtraError   an optional part that is needed is not installed
├── ServerError             the server refused, failed or was not understood
│   ├── RequestRefusedError     the request is wrong for this server; a retry cannot help
│   │   ├── FormatRefusedError      the server does not know this response_format
│   │   ├── UnknownModelError       the server has no such model, or no longer: ends the whole run
│   │   └── TooLargeError           the server takes less at once
│   ├── AccessDeniedError       key missing, wrong or not allowed, or out of credit: ends the whole run
│   ├── UnavailableError        not reached, or kept refusing, after the retries
│   └── UnreadableReplyError    the reply is not a transcript
└── DefectError             a bug in anyscribe

ClosedPipeError stands beside the tree: it is not a failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from anyscribe.sentence import Extra, Field, Option, Sentence, Text, plain_name, write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from anyscribe.sentence import Term
    from anyscribe.timespan import Span

    E = TypeVar("E", bound="AnyscribeError")


class ClosedPipeError(BaseException):
    """The reader of our output has closed its end, so there is no work left to do.

    Like Ctrl-C it is a `BaseException`: it must pass through all code that handles, reports or counts failures.
    """


class AnyscribeError(Exception):
    """Any failure. Its text is one line: what happened, then what to do about it.

    Args:
        message: What happened.
        remedy: What the user can do about it; empty if there is nothing to say.
    """

    def __init__(self, message: Text, *, remedy: Text = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.remedy = remedy
        self.place: Span | None = None
        """Where in the recording it happened; None for all of it."""

    def __str__(self) -> str:
        return self.text(plain_name)

    def text(self, name_of: Callable[[Term], str]) -> str:
        """Write the error on one line: the place, what happened, and the remedy.

        Args:
            name_of: Returns what the reader calls a term.
        """
        parts = [self.summary(name_of), write(self.remedy, name_of)]
        return ": ".join(part for part in parts if part)

    def summary(self, name_of: Callable[[Term], str]) -> str:
        """Write the error on one line without the remedy.

        Args:
            name_of: Returns what the reader calls a term.
        """
        message = write(self.message, name_of)
        return message if self.place is None else f"{self.place}: {message}"

    def at(self, place: Span) -> Self:
        """Return the same error with its place in the recording.

        Args:
            place: Where it happened.
        """
        placed = self._copied()
        placed.place = place
        return placed

    def mapped(self, change: Callable[[str], str]) -> Self:
        """Return the same error with all text from outside changed.

        Args:
            change: Takes and returns a string; it redacts a key, for example.
        """
        changed = self._copied()
        changed.message, changed.remedy = _mapped(self.message, change), _mapped(self.remedy, change)
        return changed

    def _copied(self) -> Self:
        copied = _rebuilt(type(self), self.args, self.__dict__)
        copied.__cause__ = self.__cause__
        return copied.with_traceback(self.__traceback__)

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how to copy the error into another process: its class's arguments are not those of `Exception`."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[E], arguments: tuple[Any, ...], state: dict[str, Any]) -> E:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


def _mapped(text: Text, change: Callable[[str], str]) -> Text:
    return text.mapped(change) if isinstance(text, Sentence) else change(text)


class UsageError(AnyscribeError):
    """The request is impossible; nothing was sent or transcribed."""


class OptionError(UsageError):
    """An option has a value that is not allowed.

    Args:
        option: The option's name in Python, or the contract's name for a form field.
        value: The value; empty if it is missing.
        reason: What is wrong with it.
        remedy: What to do about it; None names the legal values.
        legal: The legal values, if they can be listed.
    """

    def __init__(
        self, option: str, value: str, reason: str, *, remedy: Text | None = None, legal: Sequence[str] = ()
    ) -> None:
        if remedy is None:
            remedy = f"use {'one of ' * (len(legal) > 1)}{', '.join(legal)}" if legal else ""
        super().__init__(Sentence("{}: {}", self.term(option, value), reason), remedy=remedy)
        self.option = option
        self.value = value
        self.reason = reason
        self.legal = tuple(legal)

    @staticmethod
    def term(option: str, value: str) -> Term:
        """Return the term for the option in messages.

        Args:
            option: The option's name.
            value: Its value.
        """
        return Option(option, value)


class FieldError(OptionError):
    """A form field has a value that is not allowed, or that this engine does not know; see `OptionError`."""

    @staticmethod
    def term(option: str, value: str) -> Term:
        """Return the term for the field in messages.

        Args:
            option: The field's name.
            value: Its value.
        """
        return Field(option, value)


class AudioError(AnyscribeError):
    """The input cannot be read as audio."""


class OutputError(AnyscribeError):
    """The result cannot be written."""


class FullDiskError(OutputError):
    """The result cannot be written since the disk is full; other results could not be written either."""


class BudgetError(AnyscribeError):
    """A recording would take the run beyond a limit that the user set; nothing was sent."""


class ClusterError(AnyscribeError):
    """The machines that do the work cannot be reached, or no longer."""


class EngineError(AnyscribeError):
    """A built-in engine cannot do what was asked, or failed."""


class ModelUnavailableError(EngineError):
    """A built-in model is not on this machine and cannot be downloaded."""


class AlignerUnavailableError(EngineError):
    """The aligner's model is missing, damaged, or another one than it knows."""


class DiarizerUnavailableError(EngineError):
    """The model that tells voices apart is missing, damaged, or another one than is known."""


class MissingExtraError(EngineError):
    """An optional part of the program that is needed is not installed.

    Args:
        message: What happened.
        extra: The extra to install.
    """

    def __init__(self, message: Text, *, extra: str) -> None:
        super().__init__(message, remedy=Sentence("{}", Extra(extra)))
        self.extra = extra


class ServerError(AnyscribeError):
    """The server refused, failed or could not be understood.

    Args:
        message: What happened, in the server's own words if it had any.
        remedy: What the user can do about it.
        status: The HTTP status; None if there was no reply.
        field: The form field that the server complains about; None if it names none.
        request_id: The server's id of the request; None if it gave none.
    """

    def __init__(
        self,
        message: Text,
        *,
        remedy: Text = "",
        status: int | None = None,
        field: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.field = field
        self.request_id = request_id

    def text(self, name_of: Callable[[Term], str]) -> str:
        """Write the error on one line, with the request's id for the server's operators.

        Args:
            name_of: Returns what the reader calls a term.
        """
        line = super().text(name_of)
        return f"{line} (request id {self.request_id})" if self.request_id else line

    def mapped(self, change: Callable[[str], str]) -> Self:
        """Return the same error with all text from outside changed, the request's id too.

        Args:
            change: Takes and returns a string.
        """
        changed = super().mapped(change)
        changed.request_id = change(self.request_id) if self.request_id else None
        return changed


class RequestRefusedError(ServerError):
    """The request is wrong for this server; the same request would be refused again."""


class FormatRefusedError(RequestRefusedError):
    """The server or model does not answer in the format asked for."""


class UnknownModelError(RequestRefusedError):
    """The server has no such model, or no longer; other requests would fail too."""


class TooLargeError(RequestRefusedError):
    """The recording is larger or longer than the server takes at once.

    Args:
        message: What happened.
        max_bytes: The largest request body that it takes; None if unknown.
        max_ms: The longest audio that it takes, in milliseconds; None if unknown.
        about: The other arguments of `ServerError`.
    """

    def __init__(
        self,
        message: Text,
        *,
        max_bytes: int | None = None,
        max_ms: int | None = None,
        **about: Any,  # noqa: ANN401 - as its base has them
    ) -> None:
        super().__init__(message, **about)
        self.max_bytes = max_bytes
        self.max_ms = max_ms


class AccessDeniedError(ServerError):
    """The key is missing, wrong or not allowed, or the account is out of credit; other requests would fail too."""


class UnavailableError(ServerError):
    """The server could not be reached, or kept refusing, after the retries."""


class UnreadableReplyError(ServerError):
    """The server answered, but the reply is not a transcript."""


class DefectError(AnyscribeError):
    """A bug in anyscribe.

    Args:
        error: The exception that shows it.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"this is a bug in anyscribe ({type(error).__name__}: {error})",
            remedy=Sentence("please report it with the output of {}", Option("traceback")),
        )
        self.__cause__ = error
