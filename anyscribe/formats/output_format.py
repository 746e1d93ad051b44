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

    WORDS = "words"
    """As `SPEECH`, with a time for every word, each as it is written in the text of its segment."""

    READING = "reading"
    """As `WORDS`, each word as it is written in the text of its segment; as it is if no times are known."""

    REQUESTED = "requested"
    """The text with the times requested by ``timestamp_granularities``."""

    CUES = "cues"
    """The text with its times: segments that are subtitle cues."""

    CUE_WORDS = "cue_words"
    """As `CUES`, with a time for every word, each as it is written in the text of its cue."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a document was made; only formats with room for remarks write it.

    Args:
        model: The model that transcribed; empty if it is not known.
        server: The server's address without its secrets, or what transcribed on this machine; empty if not known.
        date: The day on which the document is made, as ISO 8601 writes it; empty for none.
        version: The program's version.
        profile: The name of the subtitle profile; empty for the default one.
    """

    model: str = ""
    server: str = ""
    date: str = ""
    version: str = ""
    profile: str = ""

    def __str__(self) -> str:
        """Write it as a remark of one line: ``anyscribe 1.0, 2026-05-01, model whisper-1, https://…, cues bbc``."""
        by_profile = f"cues {self.profile}" if self.profile else ""
        by_model = f"model {self.model}" if self.model else ""
        parts = [f"anyscribe {self.version}".strip(), self.date, by_model, self.server, by_profile]
        return ", ".join(" ".join(part.split()) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The content of a document besides the transcript.

    Args:
        title: The document's title, usually the recording's name; empty for none.
        provenance: How it was made; None if that is not to be told.
        frame_rate: Frames a second of the picture, for formats that count in frames.
        media: The recording's address, relative to the document, or all of it as a ``data:`` address; empty for none.
    """

    title: str = ""
    provenance: Provenance | None = None
    frame_rate: float = 24.0
    media: str = ""


NO_METADATA: Final = Metadata()


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A format that users can request.

    Args:
        name: Its name on the command line and in Python.
        extension: The extension of its files, without the dot.
        media_type: The media type, with its charset if it is text.
        render: Renders a transcript whose segments match ``content``: as text, or as bytes if it is no text.
        content: The content that it writes.
        wire: The contract's ``response_format`` for the same document; None if servers do not offer it.
        aliases: Other names that people know it by, in lower case.
        packages: What has to be installed to render it, by the names that are imported.
        extra: The extra that brings the packages; empty if there are none.
        is_text: Whether a terminal can show it.
        has_remarks: Whether it has room for remarks, such as how the document was made.
        names_speakers: Whether the name of a speaker stands before the text of a cue.
    """

    name: str
    extension: str
    media_type: str
    render: Callable[[Transcript, Metadata], str | bytes]
    content: Content = Content.TEXT
    wire: ResponseFormat | None = None
    aliases: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    extra: str = ""
    is_text: bool = True
    has_remarks: bool = False
    names_speakers: bool = False

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how to copy a format into another process: there is one of each."""
        return _called, (self.name,)

    @property
    def is_timed(self) -> bool:
        """Whether the format needs times."""
        return self.content is not Content.TEXT

    @property
    def is_subtitles(self) -> bool:
        """Whether the format has cues."""
        return self.content in (Content.CUES, Content.CUE_WORDS)

    @property
    def needs_words(self) -> bool:
        """Whether the format needs a time for every word."""
        return self.content in (Content.WORDS, Content.CUE_WORDS, Content.READING)


def _called(name: str) -> OutputFormat:
    from anyscribe.formats import format_of_record  # noqa: PLC0415 - made of these

    return format_of_record(name)
