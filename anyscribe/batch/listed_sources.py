"""From the lines of a list to recordings: each line names one, and no place is asked about it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING

from anyscribe.batch.inputs import STDIN_NAMES, address_in, is_folder, plain_path, shared_systems, single_source
from anyscribe.batch.sources import STDIN, Source
from anyscribe.errors import AudioError, UsageError
from anyscribe.sentence import Field, Sentence

if TYPE_CHECKING:
    from anyscribe.places import FileSystems


def named_source(given: str, where: str, systems: list[FileSystems]) -> Source:
    """Return a recording that is named by itself in a list; its folders are mirrored, and no place is asked about it.

    Args:
        given: A path or an address.
        where: What messages call the line.
        systems: The file systems of the list; empty until there is one.

    Raises:
        UsageError: It cannot be meant.
    """
    given = plain_path(given)
    if given in STDIN_NAMES:
        remedy = Sentence("give {} as {}", STDIN, Field("file"))
        raise UsageError(f"{where}: standard input is no line of a list", remedy=remedy)
    address = address_in(given)
    if address is None:
        source = single_source(given)
        path = Path(given)
        if is_folder(path):
            source = replace(source, error=_a_folder())
        return replace(source, relative=_mirrored(path))
    from anyscribe.places import check_address  # noqa: PLC0415 - few runs need it

    check_address(address)
    file = shared_systems(systems).file(address)
    name = file.name
    relative = _mirrored(PurePosixPath(file.folder.lstrip("/"), name))
    return Source(file, relative, error=None if name else _a_folder())


def _mirrored(path: PurePath) -> Path:
    """Return the path below a folder of results: as it is written, without what would lead out of the folder."""
    parts = path.parts[1:] if path.anchor else path.parts
    if os.pardir in parts:
        parts = parts[len(parts) - parts[::-1].index(os.pardir) :]
    return path if parts is path.parts and isinstance(path, Path) else Path(*parts)


def _a_folder() -> AudioError:
    return AudioError("it is a folder", remedy=Sentence("list its recordings, or give it as {}", Field("file")))
