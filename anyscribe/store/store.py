"""What has been paid for and written: answers, the digests of files, results, and failures."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.request import Granularity, ResponseFormat
from anyscribe.store import checks
from anyscribe.store.checks import CheckedFile
from anyscribe.store.claims import claims_of
from anyscribe.store.database import Database
from anyscribe.store.encoding import read_answer, write_answer
from anyscribe.store.place import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anyscribe.formats.excerpts import Excerpt
    from anyscribe.result import Result

_READ_BYTES: Final = 1 << 20
_DIGEST_BYTES: Final = 32
_SETTLED_NS: Final = 2_000_000_000
"""A file that changed so lately may change again without getting another time."""

_OLD_S: Final = 30 * 24 * 3600
"""Version 1 promised that what it kept is deleted after so long."""

_RICHEST: Final = (
    ResponseFormat.VERBOSE_JSON,
    ResponseFormat.DIARIZED_JSON,
    ResponseFormat.SRT,
    ResponseFormat.VTT,
    ResponseFormat.JSON,
    ResponseFormat.TEXT,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a recording's audio.

    Args:
        start_sample: Its start in the recording, in samples at `anyscribe.request.PCM_RATE_HZ`.
        samples: Its length, in samples; 0 for the whole file as it is.
        digest: A digest of its samples; empty for the whole file.
    """

    start_sample: int
    samples: int
    digest: bytes


WHOLE: Final = Stretch(0, 0, b"")
"""The whole file, as it was sent."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer and the audio that it belongs to."""

    stretch: Stretch
    answer: Result


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that decides what is said in an answer, except the audio.

    Args:
        server: The address that is asked.
        model: The model; empty for the server's default.
        form: The form fields, as text, without those that only decide the answer's form.
    """

    server: str
    model: str
    form: str

    @property
    def digest(self) -> bytes:
        """What identifies it."""
        return digest_of(self.server, self.model, self.form)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of a recording for a question, for lists.

    Args:
        recording: Its digest.
        question: The question.
        paths: Where the recording was seen.
        answers: How many answers there are.
        length_ms: How much audio they are about, in milliseconds.
        size_bytes: How much room they take.
        kept_s: When the last one came, in seconds since 1970.
    """

    recording: bytes
    question: Question
    paths: tuple[str, ...]
    answers: int
    length_ms: int
    size_bytes: int
    kept_s: int


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A recording that failed, why, and when, in seconds since 1970."""

    path: str
    message: str
    failed_s: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A result that is not on this machine.

    Args:
        address: Its address, without secrets.
        version: What changes whenever its content does; empty if it has nothing of the kind.
        read: Returns its content; raises OSError if it cannot be read.
    """

    address: str
    version: str
    read: Callable[[], bytes]


class Store:
    """The store; safe to use from any thread, and by several processes at once.

    Args:
        path: Its file.
        tell: Takes a line for the user.
        clock: Returns seconds since 1970.

    Raises:
        StoreError: It cannot be used; see `anyscribe.store.database.Database`. All methods raise it too.
    """

    def __init__(self, path: Path, tell: Callable[[str], None], *, clock: Callable[[], float] = time.time) -> None:
        self._database = Database(path, tell)
        self._clock = clock
        with self._database.writing() as connection:
            connection.execute("DELETE FROM old_answer WHERE kept_s < ?", (int(clock()) - _OLD_S,))
        self.has_old_answers: Final = bool(self._database.read("SELECT 1 FROM old_answer LIMIT 1"))
        """Whether there is anything that version 1 kept."""

        self._failed = {path for (path,) in self._database.read("SELECT path FROM failure")}
        try:
            self.claims: Final = claims_of(path.absolute().with_name(path.name + ".lock"))
        except OSError as error:
            raise StoreError(f"{path}.lock: {error.strerror}") from error

    @property
    def path(self) -> Path:
        """Its file."""
        return self._database.path

    def close(self) -> None:
        """Close its file."""
        self._database.close()

    # Answers

    def keep(
        self,
        recording: bytes,
        question: Question,
        asked: tuple[ResponseFormat, Sequence[Granularity]],
        kept: KeptAnswer,
        length_ms: int,
    ) -> None:
        """Keep an answer; when this returns, it is on disk.

        Args:
            recording: The digest of the recording.
            question: What was asked.
            asked: In which form it was asked.
            kept: The answer. It replaces an earlier one in the same form.
            length_ms: The length of its audio, in milliseconds.
        """
        try:
            text = write_answer(kept.answer)
        except ValueError as error:
            raise StoreError(f"{self.path}: {error}") from error
        body = b"" if kept.answer.rendering is None else kept.answer.rendering.body
        stretch = kept.stretch
        with self._database.writing(is_dear=True) as connection:
            connection.execute(
                "INSERT OR IGNORE INTO question VALUES (?, ?, ?, ?)",
                (question.digest, question.server, question.model, question.form),
            )
            connection.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    recording,
                    question.digest,
                    stretch.start_sample,
                    stretch.samples,
                    _asked(*asked),
                    stretch.digest,
                    text,
                    body,
                    length_ms,
                    int(self._clock()),
                ),
            )

    def answers(
        self, recording: bytes, question: Question, asked: tuple[ResponseFormat, Sequence[Granularity]]
    ) -> list[KeptAnswer]:
        """Return what is kept, ordered by start; stretches may overlap.

        Args:
            recording: The digest of the recording.
            question: What is asked.
            asked: In which form. An answer in this form is preferred, then the one that holds most; if speakers are
                asked for, another one counts only if it names them.
        """
        rows = self._database.read(
            "SELECT start_sample, samples, sound, answer, body, asked FROM answer"
            " WHERE recording = ? AND question = ? ORDER BY start_sample, samples DESC",
            (recording, question.digest),
        )
        best: dict[tuple[int, int], tuple[int, KeptAnswer]] = {}
        exact = _asked(*asked)
        for start_sample, samples, sound, text, body, form in rows:
            rank = -1 if form == exact else _RICHEST.index(ResponseFormat(form.partition(" ")[0]))
            known = best.get((start_sample, samples))
            if known is not None and known[0] <= rank:
                continue
            # An unreadable answer is treated as not kept.
            with contextlib.suppress(ValueError):
                kept = KeptAnswer(Stretch(start_sample, samples, sound), read_answer(text, body))
                if rank >= 0 and asked[0] is ResponseFormat.DIARIZED_JSON and not kept.answer.transcript.speakers:
                    continue
                best[start_sample, samples] = rank, kept
        return [kept for _, kept in best.values()]

    def has_answers(self, key: bytes) -> bool:
        """Return whether anything is kept for a question.

        Args:
            key: The digest of a recording, and that of the question.
        """
        row = (key[:-_DIGEST_BYTES], key[-_DIGEST_BYTES:])
        return bool(self._database.read("SELECT 1 FROM answer WHERE recording = ? AND question = ? LIMIT 1", row))

    def old_answers(self, recording: bytes) -> list[KeptAnswer]:
        """Return what version 1 kept of a recording, ordered by start.

        Args:
            recording: Its digest, as version 1 made it.
        """
        rows = self._database.read(
            "SELECT start_sample, samples, sound, answer, body FROM old_answer WHERE recording = ?"
            " ORDER BY start_sample, samples DESC",
            (recording,),
        )
        kept = []
        for start_sample, samples, sound, text, body in rows:
            with contextlib.suppress(ValueError):
                kept.append(KeptAnswer(Stretch(start_sample, samples, sound), read_answer(text, body)))
        return kept

    def entries(self) -> list[Entry]:
        """Return what is kept, the last first."""
        paths: dict[bytes, list[str]] = {}
        for path, digest in self._database.read("SELECT path, digest FROM file ORDER BY path"):
            paths.setdefault(digest, []).append(path)
        rows = self._database.read(
            "SELECT recording, server, model, form, COUNT(*), SUM(length_ms), SUM(LENGTH(answer) + LENGTH(body)),"
            " MAX(kept_s) FROM answer JOIN question ON question.digest = answer.question"
            " GROUP BY recording, question ORDER BY MAX(kept_s) DESC, MAX(answer.rowid) DESC"
        )
        return [
            Entry(recording, Question(server, model, form), tuple(paths.get(recording[:_DIGEST_BYTES], ())), *numbers)
            for recording, server, model, form, *numbers in rows
        ]

    def answers_of(self, entry: Entry) -> list[KeptAnswer]:
        """Return the answers of an entry, each stretch once, ordered by start.

        Args:
            entry: The entry.
        """
        return self.answers(entry.recording, entry.question, (ResponseFormat.VERBOSE_JSON, ()))

    def prune(self, entries: Sequence[Entry]) -> None:
        """Delete answers for good, and what is known of the files they are about.

        Args:
            entries: What to delete.
        """
        with self._database.writing() as connection:
            for entry in entries:
                key = (entry.recording, entry.question.digest)
                connection.execute("DELETE FROM answer WHERE recording = ? AND question = ?", key)
            connection.execute("DELETE FROM question WHERE digest NOT IN (SELECT question FROM answer)")
            connection.execute(
                "DELETE FROM file WHERE digest NOT IN (SELECT SUBSTR(recording, 1, ?) FROM answer)", (_DIGEST_BYTES,)
            )
        checks.forget(self._database)
        self._database.shrink()

    # Servers

    def is_first_today(self, server: str) -> bool:
        """Return whether this is called for the first time today about a server, by any process.

        Args:
            server: Its address.
        """
        today = datetime.fromtimestamp(self._clock(), UTC).date().isoformat()
        with self._database.writing() as connection:
            # Tables that older programs need not know, and that hold a day only.
            connection.execute("CREATE TABLE IF NOT EXISTS looked (server TEXT PRIMARY KEY, day TEXT NOT NULL)")
            connection.execute("CREATE TABLE IF NOT EXISTS untold (server TEXT, model TEXT, notice TEXT NOT NULL)")
            connection.execute("DELETE FROM looked WHERE day <> ?", (today,))
            connection.execute("DELETE FROM untold WHERE server NOT IN (SELECT server FROM looked)")
            row = (server, today)
            return connection.execute("INSERT OR IGNORE INTO looked VALUES (?, ?)", row).rowcount == 1

    def note_untold(self, server: str, notices: Mapping[str, str]) -> None:
        """Keep what is to be told today about a server's models.

        Args:
            server: Its address.
            notices: A line for each model that there is one about.
        """
        with self._database.writing() as connection:
            rows = [(server, model, notice) for model, notice in notices.items()]
            connection.executemany("INSERT INTO untold VALUES (?, ?, ?)", rows)

    def take_untold(self, server: str, model: str) -> str:
        """Return what is to be told about a model, once; empty if it is nothing.

        Args:
            server: The server's address.
            model: The model.
        """
        with self._database.writing() as connection:
            query = "DELETE FROM untold WHERE server = ? AND model = ? RETURNING notice"
            rows = connection.execute(query, (server, model)).fetchall()
        return str(rows[0][0]) if rows else ""

    # Files

    def digest_of_file(self, path: Path, *, is_remembered: bool = True) -> bytes:
        """Return the digest of a file's content; it is read only if it is new, or has changed.

        Args:
            path: The file.
            is_remembered: Whether it will be there again.

        Raises:
            OSError: It cannot be read.
        """
        status = path.stat()
        known = self.known_digest(path, status)
        if known is not None:
            return known
        read_ns = time.time_ns()
        digest = digest_of_content(path)
        if is_remembered:
            self.note_digest(path, status, read_ns, digest)
        return digest

    def note_digest(self, path: Path, status: os.stat_result, read_ns: int, digest: bytes) -> None:
        """Note the digest of a file's content.

        Args:
            path: The file.
            status: Its status before it was read.
            read_ns: When it was read, in nanoseconds since 1970.
            digest: The digest.
        """
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)",
                (_name(path), status.st_size, status.st_mtime_ns, status.st_ino, read_ns, digest),
            )

    def known_digest(self, path: Path, status: os.stat_result) -> bytes | None:
        """Return the digest of a file that has not changed since it was read; None if it is not known.

        Args:
            path: The file.
            status: Its status now.
        """
        rows = self._database.read(
            "SELECT digest FROM file WHERE path = ? AND size = ? AND modified_ns = ? AND inode = ? AND read_ns - ? > ?",
            (
                _name(path),
                status.st_size,
                status.st_mtime_ns,
                status.st_ino,
                status.st_mtime_ns,
                _SETTLED_NS,
            ),
        )
        return rows[0][0] if rows else None

    def digest_of_version(self, address: str, version: str, size: int | None) -> bytes | None:
        """Return the digest of a file in a bucket or another place; None if this version of it was not read yet.

        Args:
            address: Its address, without secrets.
            version: What changes whenever its content does, such as an ETag; empty if it has nothing of the kind.
            size: Its size in bytes; None if it is not known.
        """
        if not version:
            return None
        rows = self._database.read(
            "SELECT digest FROM file WHERE path = ? AND size = ? AND modified_ns = 0 AND inode = ?",
            (_name(address), size or 0, _number_of(version)),
        )
        return rows[0][0] if rows else None

    def note_version(self, address: str, version: str, size: int | None, digest: bytes) -> None:
        """Note the digest of a file in a bucket or another place.

        Args:
            address: As `digest_of_version`.
            version: Likewise; not empty.
            size: Likewise.
            digest: The digest of its content.
        """
        with self._database.writing() as connection:
            row = (_name(address), size or 0, 0, _number_of(version), time.time_ns(), digest)
            connection.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)", row)

    # Results

    def is_outdated(self, target: Path | Elsewhere, recipe: Callable[[], bytes], *, rendering: str) -> bool:
        """Return whether a file was written here from the same answer, is unchanged since, and would look different.

        Args:
            target: The file.
            recipe: Returns a digest of the recording and the question.
            rendering: All that decides how it looks.

        Raises:
            OSError: It or the recording cannot be read.
        """
        rows = self._database.read(
            "SELECT size, modified_ns, digest, recipe, rendering FROM output WHERE path = ?", (_name(target),)
        )
        if not rows:
            return False
        size, modified_ns, digest, known_recipe, known_rendering = rows[0]
        if known_rendering == digest_of(rendering) or known_recipe != recipe():
            return False
        if isinstance(target, Elsewhere):
            is_same = bool(target.version) and modified_ns == _number_of(target.version)
            return is_same or bool(digest_of_body(target.read()) == digest)
        status = target.stat()
        if status.st_size != size:
            return False
        if status.st_mtime_ns == modified_ns:
            return True
        return bool(digest_of_body(target.read_bytes()) == digest)

    def note_output(self, target: Path | Elsewhere, body: bytes, recipe: bytes, *, rendering: str) -> None:
        """Note that a file was written.

        Args:
            target: The file.
            body: Its content.
            recipe: A digest of the recording and the question.
            rendering: All that decides how it looks.

        Raises:
            OSError: It is not there.
        """
        if isinstance(target, Elsewhere):
            modified_ns = _number_of(target.version) if target.version else 0
        else:
            modified_ns = target.stat().st_mtime_ns
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO output VALUES (?, ?, ?, ?, ?, ?)",
                (_name(target), len(body), modified_ns, digest_of_body(body), recipe, digest_of(rendering)),
            )

    # Findings

    def note_check(
        self, path: Path | str, recording: bytes, found: Sequence[Excerpt], results: Sequence[Path | str]
    ) -> None:
        """Note what the check of a recording found.

        Args:
            path: Its file, or its address.
            recording: The digest of its content.
            found: What was found; empty if nothing was.
            results: The files of its transcript.
        """
        names = tuple(map(_name, results))
        checks.note(self._database, CheckedFile(_name(path), recording, tuple(found), names, int(self._clock())))

    def checks(self) -> list[CheckedFile]:
        """Return the recordings that were checked, by path."""
        return checks.read(self._database)

    def is_edited(self, target: Path) -> bool:
        """Return whether a file was written here and has another content now.

        Args:
            target: The file.

        Raises:
            OSError: It cannot be read.
        """
        rows = self._database.read("SELECT digest FROM output WHERE path = ?", (_name(target),))
        return bool(rows) and digest_of_body(target.read_bytes()) != rows[0][0]

    def paths_of(self, recording: bytes) -> list[Path]:
        """Return where a recording was seen.

        Args:
            recording: The digest of its content.
        """
        return [Path(path) for (path,) in self._database.read("SELECT path FROM file WHERE digest = ?", (recording,))]

    # Failures

    def note_failure(self, path: Path | str, message: str) -> None:
        """Note that a recording failed.

        Args:
            path: Its file, or its address.
            message: Why.
        """
        self._failed.add(_name(path))
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO failure VALUES (?, ?, ?)", (_name(path), message, int(self._clock()))
            )

    def forget_failure(self, path: Path | str) -> None:
        """Note that a recording succeeded after all.

        Args:
            path: Its file, or its address.
        """
        if _name(path) in self._failed:
            with self._database.writing() as connection:
                connection.execute("DELETE FROM failure WHERE path = ?", (_name(path),))

    def failures(self) -> list[FailedFile]:
        """Return the recordings that failed and have not succeeded since, the last one first."""
        rows = self._database.read("SELECT path, message, failed_s FROM failure ORDER BY failed_s DESC, path")
        return [FailedFile(*row) for row in rows]


def digest_of_content(path: Path) -> bytes:
    """Return the digest of a file's content.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read.
    """
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            hashed.update(chunk)
    return hashed.digest()


def digest_of(*parts: str) -> bytes:
    """Return a digest of some texts.

    Args:
        parts: The texts; where one ends counts.
    """
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hashed.update(len(encoded).to_bytes(8))
        hashed.update(encoded)
    return hashed.digest()


def digest_of_body(body: bytes) -> bytes:
    """Return a digest of a file's content.

    Args:
        body: The content.
    """
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()


def _name(path: Path | Elsewhere | str) -> str:
    """Name a file, unless it has an address; bytes that are not text become escapes."""
    path = path.address if isinstance(path, Elsewhere) else path
    name = os.path.abspath(path) if isinstance(path, Path) else path  # noqa: PTH100 - links stay
    return name.encode("utf-8", "backslashreplace").decode()


def _number_of(version: str) -> int:
    """Return a number for a version; what a file of this machine has is the number of its inode."""
    return int.from_bytes(hashlib.blake2b(version.encode("utf-8", "backslashreplace"), digest_size=8).digest()) >> 1


def _asked(response_format: ResponseFormat, granularities: Sequence[Granularity]) -> str:
    return " ".join([response_format.value, *sorted(granularities)])
