"""The store's file: its tables, who may read it, and what happens if it is damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from anyscribe.store.place import NewerStoreError, StoreError, make_private, old_path, store_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_VERSION: Final = 2
"""Version 1 was another file, which kept the answers to pieces until the results were written."""

_TABLES: Final = (
    """
    CREATE TABLE question (digest BLOB PRIMARY KEY, server TEXT NOT NULL, model TEXT NOT NULL, form TEXT NOT NULL)
    """,
    """
    CREATE TABLE answer (
        recording BLOB NOT NULL,
        question BLOB NOT NULL,
        start_sample INTEGER NOT NULL,
        samples INTEGER NOT NULL,
        asked TEXT NOT NULL,
        sound BLOB NOT NULL,
        answer TEXT NOT NULL,
        body BLOB NOT NULL,
        length_ms INTEGER NOT NULL,
        kept_s INTEGER NOT NULL,
        PRIMARY KEY (recording, question, start_sample, samples, asked)
    )
    """,
    """
    CREATE TABLE file (
        path TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        read_ns INTEGER NOT NULL,
        digest BLOB NOT NULL
    )
    """,
    "CREATE INDEX file_digest ON file (digest)",
    """
    CREATE TABLE output (
        path TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        digest BLOB NOT NULL,
        recipe BLOB NOT NULL,
        rendering BLOB NOT NULL
    )
    """,
    "CREATE TABLE failure (path TEXT PRIMARY KEY, message TEXT NOT NULL, failed_s INTEGER NOT NULL)",
    """
    CREATE TABLE old_answer (
        recording BLOB NOT NULL,
        start_sample INTEGER NOT NULL,
        samples INTEGER NOT NULL,
        sound BLOB NOT NULL,
        answer TEXT NOT NULL,
        body BLOB NOT NULL,
        kept_s INTEGER NOT NULL,
        PRIMARY KEY (recording, start_sample, samples)
    )
    """,
)

_MAGIC: Final = b"SQLite format 3\0"
_EXTENSION: Final = ".sqlite"
_DAMAGES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Database:
    """The store's file; threads of one process share a connection, processes share the file.

    A damaged file is renamed, never deleted, and a new one begun. A file that never was a store is left alone.

    Args:
        path: The file; it is created, with its folder, if it does not exist.
        tell: Takes a line for the user.
        patience_s: How long to wait for another process, in seconds; its writes take only an instant.

    Raises:
        NewerStoreError: It was written by a newer version of anyscribe.
        StoreError: It cannot be used: no store, no space, no permission, locked for too long. All methods raise it too.
    """

    def __init__(self, path: Path, tell: Callable[[str], None], *, patience_s: float = 10.0) -> None:
        self.path = path
        self._patience_s = patience_s
        self._lock = threading.Lock()
        with self._translated():
            if _is_foreign(path):
                raise StoreError(f"{path} is no store")
            try:
                self._connection = self._opened()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                aside = _set_aside(path)
                tell(f"the store was damaged and is set aside as {aside}; a new one is begun")
                self._connection = self._opened()

    def read(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a query.

        Args:
            query: It, in SQL.
            values: What its question marks stand for.
        """
        with self._translated(), self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def writing(self, *, is_dear: bool = False) -> Iterator[sqlite3.Connection]:
        """Write in one transaction.

        Args:
            is_dear: Whether it has to survive a loss of power as soon as this ends; otherwise only the process's end.

        Yields:
            What executes statements.
        """
        with self._translated():
            with self._lock, _transaction(self._connection):
                yield self._connection
            if is_dear:
                self._flush()

    def shrink(self) -> None:
        """Give back the room of what was deleted."""
        with self._translated(), self._lock:
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _flush(self) -> None:
        """Have the system write the log to disk.

        SQLite could do it as a part of the transaction. So it is safe from the process's death a few milliseconds
        earlier, and other threads need not wait.
        """
        try:
            file = os.open(f"{self.path}-wal", os.O_RDWR)
        except FileNotFoundError:
            # Some file systems know no such log; there SQLite has written all of it.
            return
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def _opened(self) -> sqlite3.Connection:
        make_private(self.path)
        connection = sqlite3.connect(self.path, timeout=self._patience_s, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            # What is pruned is overwritten.
            connection.execute("PRAGMA secure_delete = ON")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise NewerStoreError(f"{self.path} was written by a newer version of anyscribe")  # noqa: TRY301 - closed below
            if version < _VERSION:
                self._create(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        with _transaction(connection):
            # Another process may have been quicker.
            if connection.execute("PRAGMA user_version").fetchone() == (_VERSION,):
                return
            for table in _TABLES:
                connection.execute(table)
            old = _taken_over(connection, self.path)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        if old is not None:
            old.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the body in a transaction that locks out other writers; roll it back on an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGES


def _is_foreign(path: Path) -> bool:
    """Return whether a file is something else, such as a recording; a damaged store has at least a store's name."""
    if path.suffix == _EXTENSION or not path.is_file():
        return False
    with path.open("rb") as file:
        begin = file.read(len(_MAGIC))
    return bool(begin) and begin != _MAGIC


def _set_aside(path: Path) -> Path:
    """Rename a damaged store, with its log."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    path.replace(aside)
    for end in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).replace(aside.with_name(aside.name + end))
    return aside


def _taken_over(connection: sqlite3.Connection, path: Path) -> Path | None:
    """Copy what version 1 kept to the usual store; return its file, or None if there is none."""
    old = old_path()
    if old is None or path != store_path() or not old.is_file():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{old.as_uri()}?mode=ro", uri=True)) as other:
            rows = other.execute(
                "SELECT recording, start_sample, samples, sound, answer, body, kept_s FROM kept_answer"
            ).fetchall()
    except sqlite3.Error:
        return None
    connection.executemany("INSERT OR REPLACE INTO old_answer VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return old
