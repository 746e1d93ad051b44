"""Answers to pieces of recordings that are not whole yet, so that a second run need not pay for them again."""

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
"""Who has not come back by then does not come back."""

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
    """Some of a recording's sound.

    Args:
        start_sample: Where in the recording it starts, in samples at `anyscribe.request.PCM_RATE_HZ`.
        samples: How long it is.
        digest: What tells its samples from all others.
    """

    start_sample: int
    samples: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, and what it is the answer to."""

    stretch: Stretch
    answer: Result


class KeptAnswers:
    """The kept answers of all recordings; several processes and threads may use them at once.

    A recording is known here by a digest of all that decides its answers but the sound: which file it is, who was
    asked, and for what. Every call opens the file and closes it again, so that nothing is held that a process could
    leave behind, however it ends.

    Args:
        path: The store's file; it is made, with its folder, if it is not there.
        clock: Gives seconds since 1970.
        patience_s: How long to wait for another process, which never writes longer than an instant.

    Raises:
        StoreError: It cannot be used: no room, no permission, damaged, locked for long, of a newer version; so do all
            methods.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time, patience_s: float = 5.0) -> None:
        self._path = path
        self._clock = clock
        self._patience_s = patience_s
        with self._opened() as connection:
            connection.execute("DELETE FROM kept_answer WHERE kept_s < ?", (int(clock()) - _LONGEST_S,))

    def keep(self, recording: bytes, kept: KeptAnswer) -> None:
        """Keep an answer; when this returns, it is on the disk.

        Args:
            recording: The recording's digest.
            kept: The answer. One that was kept for the same stretch gives way to it.
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
        """Give what is kept of a recording, from its start to its end; stretches may overlap.

        Args:
            recording: Its digest.
        """
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT start_sample, samples, sound, answer, body FROM kept_answer WHERE recording = ?"
                " ORDER BY start_sample, samples DESC",
                (recording,),
            ).fetchall()
        kept = []
        for start_sample, samples, digest, text, body in rows:
            # What cannot be read is as good as not kept.
            with contextlib.suppress(ValueError):
                kept.append(KeptAnswer(Stretch(start_sample, samples, digest), read_answer(text, body)))
        return kept

    def forget(self, recording: bytes) -> None:
        """Delete what is kept of a recording, so that it cannot be found on the disk either.

        Args:
            recording: Its digest.
        """
        with self._opened() as connection:
            connection.execute("DELETE FROM kept_answer WHERE recording = ?", (recording,))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            make_private(self._path)
            connecting = sqlite3.connect(self._path, timeout=self._patience_s, isolation_level=None)
            with contextlib.closing(connecting) as connection:
                # What is deleted is overwritten. The journal is SQLite's usual one: a write-ahead log would hold the
                # words for longer, and needs shared memory, which network file systems do not have.
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
    """Do all of it or nothing, and let nobody else in between."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
