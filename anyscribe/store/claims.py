"""Questions that are under way: nobody asks one that somebody else is asking, in this process or another.

A claim is a lock on one byte of a file, at a place that the question decides. The system gives it up when the process
ends, however it ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL_S: Final = 0.1
_PLACES: Final = 1 << 62


@cache
def claims_of(path: Path) -> Claims:
    """Return the claims of this process on a file, which is opened once and stays open.

    A process has its locks in common, and loses all of them when any of its threads closes the file.

    Args:
        path: The file whose bytes are locked; it stays empty.

    Raises:
        OSError: The file cannot be opened.
    """
    return Claims(path)


class Claims:
    """The claims of this process; see `claims_of`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._changed = threading.Condition()
        self._held: set[bytes] = set()

    @contextlib.contextmanager
    def held(self, key: bytes, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold a claim; wait while somebody else holds it.

        Args:
            key: What identifies the question.
            on_wait: Called again and again while it has to be waited for; it may raise to give up.
        """
        place = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest()) % _PLACES
        self._enter(key, on_wait)
        try:
            while not _is_locked(self._file, place):
                on_wait()
                time.sleep(_POLL_S)
            try:
                yield
            finally:
                _unlock(self._file, place)
        finally:
            with self._changed:
                self._held.discard(key)
                self._changed.notify_all()

    def _enter(self, key: bytes, on_wait: Callable[[], None]) -> None:
        """Wait for other threads: a process's locks do not keep its own threads apart."""
        with self._changed:
            while key in self._held:
                on_wait()
                self._changed.wait(_POLL_S)
            self._held.add(key)


def _is_locked(file: int, place: int) -> bool:
    """Try to lock a byte; return False if another process has it."""
    try:
        if sys.platform == "win32":
            os.lseek(file, place, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        # A file system without locks: questions may be asked twice there.
        return True
    return True


def _unlock(file: int, place: int) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            os.lseek(file, place, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
        else:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, place)
