"""File names: which are recordings' names, and what is left of one without its extension. No file is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.audio import MEDIA_EXTENSIONS
from anyscribe.formats import OUTPUT_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OF_SYSTEMS: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
_KNOWN_EXTENSIONS: Final = MEDIA_EXTENSIONS | {known.extension.lower() for known in OUTPUT_FORMATS.values()}


def is_media_name(name: str) -> bool:
    """Return whether a file in a folder is taken for a recording: by its extension, unless it is hidden.

    Args:
        name: The file's name.
    """
    return extension_of(name) in MEDIA_EXTENSIONS and not name.startswith(".")


def is_resource_fork(name: str) -> bool:
    """Return whether a file is like ``._talk.mp3``, in which macOS keeps attributes of ``talk.mp3`` on foreign disks.

    Args:
        name: The file's name.
    """
    return name.startswith("._")


def is_system_name(name: str) -> bool:
    """Return whether a file is one that systems leave in folders and do not show.

    Args:
        name: The file's name.
    """
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def extension_of(name: str) -> str:
    """Return a name's extension in lower case, without its dot; empty if it has none.

    Args:
        name: The file's name.
    """
    return name[_dot_of(name) + 1 :].lower()


def stem_of(name: str) -> str:
    """Return a name without its extension. What follows a dot in ``Talk 1.1`` or ``Mr. Smith`` is none.

    Args:
        name: The file's name.
    """
    return name[: _dot_of(name)] if extension_of(name) in _KNOWN_EXTENSIONS else name


def _dot_of(name: str) -> int:
    """Return where the extension begins, or the end; pathlib says the same, and takes long for many names."""
    dot = name.rfind(".")
    return dot if 0 < dot < len(name) - 1 else len(name)


def strangers(names: Sequence[str]) -> Iterator[str]:
    """Find the files of a folder that are no recordings and do not belong to one, as ``talk.en.srt`` does.

    Args:
        names: The names of its files.
    """
    stems = {stem_of(name) for name in names if is_media_name(name)}
    for name in names:
        starts = (name[:end] for end, character in enumerate(name) if character == ".")
        if not (is_media_name(name) or is_system_name(name) or stems.intersection(starts)):
            yield name
