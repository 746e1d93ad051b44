"""Paths of files, as users write them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from anyscribe.places import RemoteFile

if TYPE_CHECKING:
    from anyscribe.places import Location

_FILE_ADDRESS: Final = re.compile(r"file://(?:localhost)?(?=/)", re.IGNORECASE)


def identity_of(path: Location | str) -> str:
    """Name a file so that two names of one file are equal.

    Args:
        path: The file.
    """
    return path.identity if isinstance(path, RemoteFile) else os.path.realpath(path)


def path_of(given: str) -> str:
    """Return the path that a ``file:`` address stands for; anything else is returned as it is.

    Args:
        given: What the user wrote.
    """
    if not _FILE_ADDRESS.match(given) or os.path.lexists(given):
        return given
    from urllib.parse import urlsplit  # noqa: PLC0415 - rarely needed
    from urllib.request import url2pathname  # noqa: PLC0415 - likewise

    return url2pathname(urlsplit(given).path)
