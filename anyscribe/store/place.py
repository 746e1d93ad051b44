"""Where the store lies, and that nobody else can look into it."""

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
    """The store cannot be used; the message is one line with its path. It stops no work and leaves no core room."""


def store_path() -> Path:
    """Say where the store lies: where the system keeps what programs remember, which `XDG_STATE_HOME` can move.

    Raises:
        StoreError: There is no such place: no home folder, or it is named by a path that is not absolute.
    """
    try:
        path = platformdirs.user_state_path(_NAME, appauthor=False) / _FILE
    except RuntimeError as error:
        raise StoreError(str(error)) from error
    if not path.is_absolute():
        # What older versions of the library make of ~ where there is no home folder, and of a variable that is wrong.
        raise StoreError(f"{path}: not an absolute path")
    return path


def make_private(path: Path) -> None:
    """Make sure that a file is there, in a folder of its own, and that both are this user's alone.

    Args:
        path: The file. The folder that it is in is made if it is not there, and those above it.

    Raises:
        OSError: It cannot be made, or not be made private.
    """
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    # What SQLite itself makes has the mode that the umask leaves; its journal has that of the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, _FILE_MODE))
    for made, mode in ((path.parent, _FOLDER_MODE), (path, _FILE_MODE)):
        if os.name == "posix" and stat.S_IMODE(made.stat().st_mode) & ~mode:
            made.chmod(mode)
