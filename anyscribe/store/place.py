"""Locate the store, and make it accessible to this user only."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

import platformdirs

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = "anyscribe"
_FILE: Final = "store.sqlite"
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


class StoreError(Exception):
    """The store cannot be used; the message is one line with its path. The core catches it and continues without."""


def store_path() -> Path:
    """Return the path of the store, in the system's folder for program state; `XDG_STATE_HOME` can change it.

    Raises:
        StoreError: The folder cannot be determined: there is no home folder, or its path is not absolute.
    """
    try:
        path = platformdirs.user_state_path(_NAME, appauthor=False) / _FILE
    except RuntimeError as error:
        raise StoreError(str(error)) from error
    if not path.is_absolute():
        # Older versions of the library return such a path if there is no home folder, or if the variable is invalid.
        raise StoreError(f"{path}: not an absolute path")
    return path


def make_private(path: Path) -> None:
    """Create a file and its folder if needed, and restrict both to this user.

    Args:
        path: The file, in a folder used for nothing else. The folder and those above it are created if missing.

    Raises:
        OSError: The file or its folder cannot be created or made private.
    """
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    # A file created by SQLite has the mode that the umask leaves; its journal has the mode of the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, _FILE_MODE))
    for made, mode in ((path.parent, _FOLDER_MODE), (path, _FILE_MODE)):
        if os.name == "posix" and stat.S_IMODE(made.stat().st_mode) & ~mode:
            made.chmod(mode)
