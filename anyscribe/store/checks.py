"""What the check of each recording found, for `anyscribe review`; in a table that older programs need not know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.formats.excerpts import from_members, to_members

if TYPE_CHECKING:
    from anyscribe.formats.excerpts import Excerpt
    from anyscribe.store.database import Database

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS finding"
    " (path TEXT PRIMARY KEY, recording BLOB NOT NULL, body TEXT NOT NULL, checked_s INTEGER NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A recording whose transcript was checked.

    Args:
        path: Its file, or its address.
        digest: The digest of its content.
        excerpts: What was found; empty if nothing was.
        results: The files that were written for it, and those that were there already.
        checked_s: When, in seconds since 1970.
    """

    path: str
    digest: bytes
    excerpts: tuple[Excerpt, ...]
    results: tuple[str, ...]
    checked_s: int


def note(database: Database, checked: CheckedFile) -> None:
    """Note what was found; it replaces what was found before.

    Args:
        database: The store's file.
        checked: What was found.
    """
    body = json.dumps({"findings": [*map(to_members, checked.excerpts)], "results": checked.results})
    with database.writing() as connection:
        connection.execute(_TABLE)
        row = (checked.path, checked.digest, body, checked.checked_s)
        connection.execute("INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?)", row)


def read(database: Database) -> list[CheckedFile]:
    """Return what was found in all recordings, by path; a row that cannot be read is passed over.

    Args:
        database: The store's file.
    """
    if not _has_table(database):
        return []
    rows = database.read("SELECT path, recording, body, checked_s FROM finding ORDER BY path")
    return [checked for row in rows if (checked := _read(*row)) is not None]


def forget(database: Database) -> None:
    """Delete what was found in recordings of which no answer is kept any more.

    Args:
        database: The store's file.
    """
    if _has_table(database):
        with database.writing() as connection:
            connection.execute(
                "DELETE FROM finding WHERE recording NOT IN"
                " (SELECT SUBSTR(answer.recording, 1, LENGTH(finding.recording)) FROM answer)"
            )


def _has_table(database: Database) -> bool:
    return bool(database.read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'finding'"))


def _read(path: str, digest: bytes, body: str, checked_s: int) -> CheckedFile | None:
    try:
        members = json.loads(body)
        found = tuple(map(from_members, members["findings"]))
        return CheckedFile(path, digest, found, tuple(map(str, members["results"])), checked_s)
    except (ValueError, KeyError, TypeError):
        return None
