"""Keep answers to pieces of unfinished recordings, so that a second run need not pay for them again."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.store.place import StoreError, make_private
from anyscribe.store.written_answers import read_answer, write_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anyscribe.result import Result

_VERSION: Final = 1
_LONGEST_S: Final = 30 * 24 * 3600
"""The age at which answers are deleted: a second run is unlikely after that."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS kept_answer (
    recording BLOB NOT NULL,
    start_sample INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    sound BLOB NOT NULL,
    answer TEXT NOT NULL,
    body BLOB NOT NULL,
    kept_s INTEGER NOT NULL,
    PRIMARY KEY (recording, start_sample, samples)
)
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a recording's audio.

    Args:
        start_sample: Its start in the recording, in samples at `anyscribe.request.PCM_RATE_HZ`.
        samples: Its length, in samples.
        digest: A digest of its samples.
    """

    start_sample: int
    samples: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer and the audio that it belongs to."""

    stretch: Stretch
    answer: Result


class KeptAnswers:
    """The kept answers of all recordings; several processes and threads may use them at once.

    A recording is identified by a digest of everything but the audio that determines its answers: the file, the server
    and the request. Every call opens the file and closes it again, so that a process leaves nothing open or locked,
    however it ends.

    Args:
        path: The store's file; it is created, with its folder, if it does not exist.
        clock: Returns seconds since 1970.
        patience_s: How long to wait for another process, in seconds; its writes take only an instant.

    Raises:
        StoreError: The store cannot be used: no space, no permission, damaged, locked for too long, or written by a
            newer version. All methods raise it too.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time, patience_s: float = 5.0) -> None:
        self._path = path
        self._clock = clock
        self._patience_s = patience_s
        with self._opened() as connection:
            connection.execute("DELETE FROM kept_answer WHERE kept_s < ?", (int(clock()) - _LONGEST_S,))

    def keep(self, recording: bytes, kept: KeptAnswer) -> None:
        """Keep an answer; when this returns, it is on disk.

        Args:
            recording: The recording's digest.
            kept: The answer. It replaces an earlier one for the same stretch.
        """
        stretch, answer = kept.stretch, kept.answer
        try:
            text = write_answer(answer)
            body = b"" if answer.rendering is None else answer.rendering.body
        except ValueError as error:
            raise StoreError(f"{self._path}: {error}") from error
        row = (recording, stretch.start_sample, stretch.samples, stretch.digest, text, body, int(self._clock()))
        with self._opened() as connection:
            connection.execute("INSERT OR REPLACE INTO kept_answer VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def of(self, recording: bytes) -> list[KeptAnswer]:
        """Return the kept answers of a recording, ordered by start; stretches may overlap.

        Args:
            recording: The recording's digest.
        """
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT start_sample, samples, sound, answer, body FROM kept_answer WHERE recording = ?"
                " ORDER BY start_sample, samples DESC",
                (recording,),
            ).fetchall()
        kept = []
        for start_sample, samples, digest, text, body in rows:
            # An unreadable answer is treated as not kept.
            with contextlib.suppress(ValueError):
                kept.append(KeptAnswer(Stretch(start_sample, samples, digest), read_answer(text, body)))
        return kept

    def forget(self, recording: bytes) -> None:
        """Delete the kept answers of a recording, and overwrite them on disk.

        Args:
            recording: The recording's digest.
        """
        with self._opened() as connection:
            connection.execute("DELETE FROM kept_answer WHERE recording = ?", (recording,))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            make_private(self._path)
            connecting = sqlite3.connect(self._path, timeout=self._patience_s, isolation_level=None)
            with contextlib.closing(connecting) as connection:
                # Deleted data is overwritten. The journal mode is SQLite's default: a write-ahead log would hold the
                # words for longer, and needs shared memory, which network file systems do not provide.
                connection.execute("PRAGMA secure_delete = ON")
                self._prepare(connection)
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror or error}") from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise StoreError(f"{self._path}: written by a newer version of anyscribe")
        if version < _VERSION:
            with _transaction(connection):
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_VERSION}")


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
