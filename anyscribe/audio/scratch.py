"""Private folders for temporary files: gone when they are done with, and before the process is ended at once."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX: Final = "anyscribe-"

_lock: Final = threading.Lock()
_in_use: Final[set[Path]] = set()


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Keep a folder that only this user can look into, for as long as the context lasts.

    Yields:
        The folder, empty at first; gone with all that is in it when the context ends, however it ends.

    Raises:
        OutputError: There is no folder for temporary files, or nothing can be made in it.
    """
    with _lock:
        try:
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        except OSError as error:
            raise unwritable(error, "no temporary folder can be made") from error
        _in_use.add(folder)
    try:
        yield folder
    finally:
        _remove(folder)


@atexit.register
def remove_scratch_folders() -> None:
    """Remove every folder that is still in use.

    For a process that ends without waiting for its threads: the contexts that those are in do not end then. What they
    still try to write fails.
    """
    with _lock:
        folders = list(_in_use)
    for folder in folders:
        _remove(folder)


def unwritable(error: OSError, what: str) -> OutputError:
    """Say why something temporary cannot be kept.

    Args:
        error: The operating system's refusal.
        what: What cannot be done, as the start of a sentence.
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(f"{what} ({reason})", hint="TMPDIR names another folder for temporary files")


def _remove(folder: Path) -> None:
    """Remove a folder in which another thread may be about to make a file."""
    going = folder.with_name(f"{folder.name}-going")
    try:
        # From here on nobody finds it, so that nothing new comes into it while it is being emptied.
        folder.rename(going)
    except OSError:
        going = folder
    shutil.rmtree(going, ignore_errors=True)
    with _lock:
        _in_use.discard(folder)
