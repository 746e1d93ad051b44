"""Private folders for temporary files: gone when they are no longer needed, and before the process ends abruptly."""

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
    """Makes temporary folders, and removes those that are left when it is closed; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_use: set[Path] = set()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Keep a folder that only this user can look into, for as long as the context lasts.

        Yields:
            The folder, empty at first; it is removed with everything in it when the context ends, however it ends.

        Raises:
            OutputError: There is no folder for temporary files, or nothing can be created in it.
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

        For a process that ends without waiting for its threads: the contexts that they are in do not end then. What
        they still try to write fails.
        """
        with self._lock:
            folders = list(self._in_use)
        for folder in folders:
            self._remove(folder)

    def _remove(self, folder: Path) -> None:
        """Remove a folder in which another thread may be about to create a file."""
        going = folder.with_name(f"{folder.name}-going")
        try:
            # After this nothing can be created in it, so that nothing new appears while it is emptied.
            folder.rename(going)
        except OSError:
            going = folder
        shutil.rmtree(going, ignore_errors=True)
        with self._lock:
            self._in_use.discard(folder)


def unwritable(error: OSError, what: str) -> OutputError:
    """Say why something temporary cannot be written.

    Args:
        error: The operating system's error.
        what: What cannot be done, as the start of a sentence.
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(f"{what} ({reason})", remedy="set TMPDIR to another folder for temporary files")
