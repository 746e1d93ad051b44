"""Private temporary folders: removed when they are no longer needed, however the process ends.

    TMPDIR/anyscribe-0123456789abcdef/lock      locked for as long as the process lives
    TMPDIR/anyscribe-0123456789abcdef/files/    what the folder is for

A process that is killed leaves its folder behind. The operating system releases the lock then, so that a later run can
tell a folder that is left over from one that is in use, also one of another container. No process id is looked at.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r"anyscribe-[0-9a-f]{16}")
_LOCK: Final = "lock"
_NEW_LOCK: Final = "lock.new"
_FILES: Final = "files"
_GOING: Final = "going"


@dataclass(slots=True, eq=False)
class _Home:
    """A temporary folder of this process.

    Args:
        path: The folder.
        lock: The descriptor of its lock; None if it is not held.
    """

    path: Path
    lock: int | None = None

    def create(self) -> Path:
        """Create the folder, so that only this user can access it; return the part of it that is for use."""
        self.path.mkdir(mode=0o700)
        # The file gets its name when it is locked: one of that name that is not locked is left over.
        is_windows = sys.platform == "win32"
        new = self.path / (_LOCK if is_windows else _NEW_LOCK)
        self.lock = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        if not is_windows and _can_lock(self.lock):
            new.rename(self.path / _LOCK)
        files = self.path / _FILES
        files.mkdir(mode=0o700)
        return files

    def empty(self) -> None:
        """Remove the files; safe if another thread is doing the same, or was stopped in the middle of it."""
        going = self.path / _GOING
        # After this, no other thread can create anything in it while it is emptied.
        with contextlib.suppress(OSError):
            (self.path / _FILES).rename(going)
        # A folder with open files cannot be renamed on Windows.
        for place in (going, self.path / _FILES):
            shutil.rmtree(place, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder itself, which is empty; to be called once."""
        if self.lock is not None:
            os.close(self.lock)
        for name in (_NEW_LOCK, _LOCK):
            with contextlib.suppress(OSError):
                (self.path / name).unlink()
        with contextlib.suppress(OSError):
            self.path.rmdir()


class Scratch:
    """Creates temporary folders, and removes the remaining ones when it is closed; thread-safe."""

    def __init__(self) -> None:
        # Reentrant: a signal handler may close it while this thread is creating a folder.
        self._lock = threading.RLock()
        self._in_use: set[_Home] = set()
        self._is_closed = False
        # The search for the system's folder leaves a file behind if it is stopped in a thread that nobody waits for.
        with contextlib.suppress(OSError):
            tempfile.gettempdir()

    def holds(self, path: Path) -> bool:
        """Return whether a file is in one of the folders.

        Args:
            path: The file.
        """
        with self._lock:
            return any(path.is_relative_to(home.path) for home in self._in_use)

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Create a folder that only this user can access, and keep it while the context lasts.

        Yields:
            The folder, empty at first; it is removed with its content when the context ends, also after an exception.

        Raises:
            OutputError: The system has no folder for temporary files, or nothing can be created in it; or `close` was
                called.
        """
        with self._lock:
            if self._is_closed:
                raise OutputError("no temporary folder can be created (the program is ending)")
            try:
                home = _Home(Path(tempfile.gettempdir()) / f"anyscribe-{secrets.token_hex(8)}")
                # Known before it exists: if this is interrupted, `close` removes it.
                self._in_use.add(home)
                files = home.create()
            except OSError as error:
                raise unwritable(error, "no temporary folder can be created") from error
        try:
            yield files
        finally:
            self._remove(home)

    def close(self) -> None:
        """Remove every folder that is still in use, and create no more.

        This is for a process that ends without waiting for its threads, since their contexts do not end then. Their
        later writes fail.
        """
        with self._lock:
            self._is_closed = True
            homes = list(self._in_use)
        for home in homes:
            self._remove(home)

    def _remove(self, home: _Home) -> None:
        home.empty()
        with self._lock:
            if home in self._in_use:
                self._in_use.remove(home)
                home.remove()


def sweep() -> None:
    """Remove the temporary folders of processes that were killed; those in use and those of other users are kept."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(tempfile.gettempdir()):
            if _NAME.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    _remove_left_over(Path(entry.path))


def unwritable(error: OSError, what: str) -> OutputError:
    """Return the error for a temporary file or folder that cannot be written.

    Args:
        error: The operating system's error.
        what: The operation that failed, as the start of a sentence.
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(f"{what} ({reason})", remedy="set TMPDIR to another folder for temporary files")


def _remove_left_over(path: Path) -> None:
    found = path.lstat()
    # A link is not followed, and another user's folder is not touched, not even by root.
    if not stat.S_ISDIR(found.st_mode) or (sys.platform != "win32" and found.st_uid != os.geteuid()):
        return
    lock = path / _LOCK
    if sys.platform == "win32":
        # Fails if the file is open.
        lock.unlink()
        shutil.rmtree(path, ignore_errors=True)
        return
    descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    try:
        if _can_lock(descriptor):
            # The lock goes last: if this is stopped in the middle, the next run continues.
            for name in (_FILES, _GOING):
                shutil.rmtree(path / name, ignore_errors=True)
            lock.unlink()
            path.rmdir()
    finally:
        os.close(descriptor)


def _can_lock(descriptor: int) -> bool:
    """Lock a file for this process; return whether nothing else holds it, and the file system has locks."""
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
