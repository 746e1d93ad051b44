"""How a page names its recording: by its address relative to the page, or all of it inside the page."""

from __future__ import annotations

import base64
import mimetypes
import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from anyscribe.errors import AnyscribeError
from anyscribe.events import Notice

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from anyscribe.batch.sources import Source
    from anyscribe.events import Emit
    from anyscribe.places import Location

MOST_EMBEDDED_BYTES: Final = 16 << 20
"""A page with a larger recording inside would open slowly, and be too much for many mail servers."""


def media_link(source: Source, page: Location | None) -> str:
    """Return a recording's address relative to a page, with forward slashes and percent signs as addresses have them.

    Args:
        source: The recording.
        page: The page; None for standard output, which is taken for a file in the current folder.

    Returns:
        The address; empty if there is none: the recording was a stream, or is in another place than the page.
    """
    recording = source.path
    if source.stream:
        return ""
    if isinstance(recording, Path):
        if page is not None and not isinstance(page, Path):
            return ""
        return path_link(recording, Path() if page is None else page.parent)
    if page is None or isinstance(page, Path) or recording.system is not page.system or recording.query:
        return ""
    return quote(posixpath.relpath(f"/{recording.path}", f"/{page.folder}"))


def path_link(path: Path, folder: Path) -> str:
    """Return a file's address relative to a folder; empty if it is on another drive.

    Args:
        path: The file.
        folder: The folder of the page.
    """
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:
        return ""
    return quote(os.fsencode(relative.replace(os.sep, "/")))


def embedded(source: Source, opened: Callable[[Source], AbstractContextManager[Path]], emit: Emit) -> str:
    """Return a recording as a ``data:`` address.

    Args:
        source: The recording.
        opened: Has its file on this machine for as long as the context lasts.
        emit: Takes a notice if it is too large or cannot be read any more; then the page goes without.

    Returns:
        The address; empty if it is too large.
    """
    try:
        with opened(source) as path:
            size = path.stat().st_size
            if size <= MOST_EMBEDDED_BYTES:
                kind = mimetypes.guess_type(source.filename)[0] or "application/octet-stream"
                return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    except (OSError, AnyscribeError) as error:
        emit(Notice(f"its sound cannot be put into the page ({error}); the page plays the file", of_recording=True))
        return ""
    limit = f"{MOST_EMBEDDED_BYTES >> 20} MiB"
    message = f"its sound has {size / (1 << 20):.0f} MiB, and a page holds {limit} at most; the page plays the file"
    emit(Notice(message, of_recording=True))
    return ""
