"""What an output format is: one file that writes it, and one line in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.request import ResponseFormat
    from anyscribe.transcript import Transcript


class Content(Enum):
    """What a format writes, and therefore what a transcript's segments must be before it is written."""

    TEXT = "text"
    """The text alone."""

    SPEECH = "speech"
    """The text with its times: segments as they were spoken, and all words that are known."""

    REQUESTED = "requested"
    """The text with the times that the request's ``timestamp_granularities`` ask for."""

    CUES = "cues"
    """The text with its times: segments that are subtitle cues."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says besides the transcript.

    Args:
        title: The document's title, usually the recording's name; empty for none.
    """

    title: str = ""


NO_METADATA: Final = Metadata()


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A format that users can ask for.

    Args:
        name: Its name on the command line and in Python.
        extension: The extension of its files, without the dot.
        media_type: The media type, with its charset if it is text.
        render: Writes a transcript whose segments are as ``content`` says.
        content: What it writes.
        wire: The contract's ``response_format`` with the same document; None if no server can be asked for it.
    """

    name: str
    extension: str
    media_type: str
    render: Callable[[Transcript, Metadata], str]
    content: Content = Content.TEXT
    wire: ResponseFormat | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def is_timed(self) -> bool:
        """Whether it needs times."""
        return self.content is not Content.TEXT
