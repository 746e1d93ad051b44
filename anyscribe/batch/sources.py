"""A recording that was named, and what is said where nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.names import stem_of
from anyscribe.errors import AudioError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from anyscribe.places import Location
    from anyscribe.recording.own_fields import OwnFields

STDIN: Final = "-"
ANY_DEPTH: Final = "**"
"""The part of a pattern that stands for any number of folders."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One recording to be transcribed.

    Args:
        path: Its file; for a stream without a name a placeholder in the current folder, such as ``stdin``, that names
            its sidecars.
        relative: The path below the input's root, which an output folder mirrors.
        stream: Where it is read from if that can be done only once: ``-`` for standard input, or the path of a pipe;
            empty for a file.
        label: What messages call it; empty for its path.
        error: Why no such recording; None if there is one.
        name: The name of its file, where that in its path says nothing; empty for that in its path.
        own: What is said about it alone; None for nothing.
        output: The file, folder or address for its result, as the user wrote it; empty for where all go.
        line: The line of the list that names it; 0 if none does.
    """

    path: Location
    relative: Path
    stream: str = ""
    label: str = ""
    error: AudioError | None = None
    name: str = ""
    own: OwnFields | None = None
    output: str = ""
    line: int = 0

    @property
    def shown(self) -> str:
        """Its name in messages."""
        return self.label or str(self.path)

    @property
    def is_stdin(self) -> bool:
        """Whether it comes through standard input."""
        return self.stream == STDIN

    @property
    def filename(self) -> str:
        """The name of its file; empty for a stream without a name."""
        return self.name or (self.path.name if not self.stream or Path(self.stream) == self.path else "")

    @property
    def title(self) -> str:
        """Its name without the extension; empty for a stream without a name."""
        return stem_of(self.filename)


def no_recordings(*, recursive: bool) -> AudioError:
    """Return the error for a folder without recordings.

    Args:
        recursive: Whether its subfolders were searched too.
    """
    by_extension = "recordings are found by their file extension"
    deeper = Sentence("{}; {} searches subfolders too", by_extension, Option("recursive"))
    return AudioError("no recordings in this folder", remedy=by_extension if recursive else deeper)


def no_match() -> AudioError:
    """Return the error for a pattern without recordings."""
    return AudioError("no recording matches", remedy="check the pattern")
