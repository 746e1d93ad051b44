"""Private temporary folders: removed when they are no longer needed, and before the process ends abruptly."""

from __future__ import annotations

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


class Scratch:
    """Creates temporary folders, and removes the remaining ones when it is closed; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_use: set[Path] = set()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Create a folder that only this user can access, and keep it while the context lasts.

        Yields:
            The folder, empty at first; it is removed with its content when the context ends, also after an exception.

        Raises:
            OutputError: The system has no folder for temporary files, or nothing can be created in it.
        """
        with self._lock:
            try:
                folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
            except OSError as error:
                raise unwritable(error, "no temporary folder can be created") from error
            self._in_use.add(folder)
        try:
            yield folder
        finally:
            self._remove(folder)

    def close(self) -> None:
        """Remove every folder that is still in use.

        This is for a process that ends without waiting for its threads, since their contexts do not end then. Their
        later writes fail.
        """
        with self._lock:
            folders = list(self._in_use)
        for folder in folders:
            self._remove(folder)

    def _remove(self, folder: Path) -> None:
        """Remove a folder in which another thread may be about to create a file."""
        going = folder.with_name(f"{folder.name}-going")
        try:
            # After this, nothing can be created in it under its old name while it is emptied.
            folder.rename(going)
        except OSError:
            going = folder
        shutil.rmtree(going, ignore_errors=True)
        with self._lock:
            self._in_use.discard(folder)


def unwritable(error: OSError, what: str) -> OutputError:
    """Return the error for a temporary file or folder that cannot be written.

    Args:
        error: The operating system's error.
        what: The operation that failed, as the start of a sentence.
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(f"{what} ({reason})", remedy="set TMPDIR to another folder for temporary files")
