"""The definition of an output format: a module that renders it, and a line in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.request import ResponseFormat
    from anyscribe.transcript import Transcript


class Content(Enum):
    """The content that a format writes, and that the transcript's segments must have when it is rendered."""

    TEXT = "text"
    """The text alone."""

    SPEECH = "speech"
    """The text with its times: segments as spoken, and all known words."""

    REQUESTED = "requested"
    """The text with the times requested by ``timestamp_granularities``."""

    CUES = "cues"
    """The text with its times: segments that are subtitle cues."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The content of a document besides the transcript.

    Args:
        title: The document's title, usually the recording's name; empty for none.
    """

    title: str = ""


NO_METADATA: Final = Metadata()


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A format that users can request.

    Args:
        name: Its name on the command line and in Python.
        extension: The extension of its files, without the dot.
        media_type: The media type, with its charset if it is text.
        render: Renders a transcript whose segments match ``content``.
        content: The content that it writes.
        wire: The contract's ``response_format`` for the same document; None if servers do not offer it.
        aliases: Other names that people know it by, in lower case.
    """

    name: str
    extension: str
    media_type: str
    render: Callable[[Transcript, Metadata], str]
    content: Content = Content.TEXT
    wire: ResponseFormat | None = None
    aliases: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how to copy a format into another process: there is one of each."""
        return _called, (self.name,)

    @property
    def is_timed(self) -> bool:
        """Whether the format needs times."""
        return self.content is not Content.TEXT


def _called(name: str) -> OutputFormat:
    from anyscribe.formats import OUTPUT_FORMATS  # noqa: PLC0415 - made of these

    return OUTPUT_FORMATS[name]
