"""From the lines of a list to recordings: each line names one, and no place is asked about it."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from anyscribe.batch.inputs import STDIN_NAMES, address_in, is_folder, plain_path, shared_systems, single_source
from anyscribe.batch.sources import STDIN, Source
from anyscribe.errors import AudioError, UsageError
from anyscribe.sentence import Field, Sentence

if TYPE_CHECKING:
    from anyscribe.batch.recording_list import ListedRecording
    from anyscribe.places import FileSystems


def listed_source(listed: ListedRecording, systems: list[FileSystems]) -> Source:
    """Return a recording of a list; its folders are mirrored.

    Args:
        listed: Its line.
        systems: The file systems of the list; empty until there is one.

    Raises:
        UsageError: It cannot be meant.
    """
    given = plain_path(listed.given)
    if given in STDIN_NAMES:
        message = f"line {listed.line:,}: standard input is no line of a list"
        raise UsageError(message, remedy=Sentence("give {} as {}", STDIN, Field("file")))
    address = address_in(given)
    if address is None:
        return _local(given, listed)
    from anyscribe.places import check_address  # noqa: PLC0415 - few runs need it

    check_address(address)
    file = shared_systems(systems).file(address)
    relative = _mirrored(PurePosixPath(unquote(file.folder) if address.is_web else file.folder, file.name))
    return Source(
        file,
        relative,
        error=None if file.name else _a_folder(),
        own=listed.own,
        output=listed.output,
        line=listed.line,
    )


def _local(given: str, listed: ListedRecording) -> Source:
    path = Path(given)
    relative = _mirrored(path)
    try:
        is_file = stat.S_ISREG(os.stat(given).st_mode)  # noqa: PTH116 - there may be many
    except OSError:
        is_file = False
    if is_file:
        return Source(path, relative, own=listed.own, output=listed.output, line=listed.line)
    source = single_source(given)
    error = _a_folder() if is_folder(given) else source.error
    return replace(source, relative=relative, error=error, own=listed.own, output=listed.output, line=listed.line)


def _mirrored(path: PurePath) -> Path:
    """Return the path below a folder of results: as it is written, without what would lead out of the folder."""
    parts = path.parts[1:] if path.anchor else path.parts
    if os.pardir in parts:
        parts = parts[len(parts) - parts[::-1].index(os.pardir) :]
    return path if parts is path.parts and isinstance(path, Path) else Path(*parts)


def _a_folder() -> AudioError:
    return AudioError("it is a folder", remedy=Sentence("list its recordings, or give it as {}", Field("file")))
