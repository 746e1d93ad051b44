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
    """The store cannot be used; the message is one line with its path."""


class NewerStoreError(StoreError):
    """The store was written by a newer version of the program."""


def store_path() -> Path:
    """Return the usual path of the store, in the system's folder for a user's data; `XDG_DATA_HOME` can change it.

    Raises:
        StoreError: The folder cannot be determined: there is no home folder, or its path is not absolute.
    """
    try:
        path = platformdirs.user_data_path(_NAME, appauthor=False) / _FILE
    except RuntimeError as error:
        raise StoreError(str(error)) from error
    if not path.is_absolute():
        # Older versions of the library return such a path if there is no home folder, or if the variable is invalid.
        raise StoreError(f"{path}: not an absolute path")
    return path


def old_path() -> Path | None:
    """Return where version 1 kept answers; None if that cannot be determined."""
    try:
        return platformdirs.user_state_path(_NAME, appauthor=False) / _FILE
    except RuntimeError:
        return None


def make_private(path: Path) -> None:
    """Create a file and its folder if needed, and restrict both to this user.

    Args:
        path: The file. The folder and those above it are created if missing; one that exists keeps its mode unless it
            is the program's own.

    Raises:
        OSError: The file or its folder cannot be created or made private.
    """
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    # A file created by SQLite has the mode that the umask leaves; its log has the mode of the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, _FILE_MODE))
    made = [(path, _FILE_MODE)]
    if path.parent.name == _NAME:
        made.append((path.parent, _FOLDER_MODE))
    for one, mode in made:
        if os.name == "posix" and stat.S_IMODE(one.stat().st_mode) & ~mode:
            one.chmod(mode)
