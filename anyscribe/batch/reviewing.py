"""What is known of the recordings of a batch, for a review: from the store, and from results in a folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from anyscribe.batch.media_links import path_link
from anyscribe.batch.names import is_media_name
from anyscribe.completeness import find_problems
from anyscribe.formats.encodings import decode_text
from anyscribe.formats.excerpts import excerpts, from_members
from anyscribe.formats.page.review import Reviewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.store import CheckedFile, Store

_GENERATOR: Final = '<meta name="generator" content="anyscribe'
_HEAD_BYTES: Final = 2_000
_DATA: Final = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a recording from one source.

    Args:
        when_s: When it was found out, in seconds since 1970.
        stem: Its results' path without the extension, by which others of its results are found.
        recording: Its file; None if it is not on this machine.
        page: Its page; None if there is none.
        reviewed: The rest.
    """

    when_s: float
    stem: Path
    recording: Path | None
    page: Path | None
    reviewed: Reviewed


def is_review(path: Path) -> bool:
    """Return whether a file is a review's page, which another one may replace.

    Args:
        path: The file.
    """
    return f"{_GENERATOR} review" in _head(path)


def review(folder: Path | None, store: Store | None, beside: Path) -> list[Reviewed]:
    """Gather what is known.

    Args:
        folder: Where recordings or results are; None for all that the store knows.
        store: What paid runs noted; None for nothing.
        beside: The folder that the page will be in.

    Returns:
        The recordings; empty if nothing is known of any.

    Raises:
        StoreError: The store cannot be read.
    """
    known: dict[Path | str, _Known] = {}
    found = [] if store is None else [*_of_store(store, folder)]
    if folder is not None:
        found += _of_pages(folder)
    for one in sorted(found, key=lambda one: one.when_s):
        key = one.recording or one.reviewed.name
        known[key] = _newer(one, known[key]) if key in known else one
    if folder is not None:
        stems = {one.stem for one in known.values()}
        known.update((one.stem, one) for one in _of_transcripts(folder) if one.stem not in stems)
    return [_linked(one, beside) for one in known.values()]


def _newer(one: _Known, older: _Known) -> _Known:
    """Return what is known last of a recording, with what was noted of it before."""
    notes = tuple(dict.fromkeys((*older.reviewed.notes, *one.reviewed.notes)))
    return replace(one, page=one.page or older.page, reviewed=replace(one.reviewed, notes=notes))


def _linked(known: _Known, beside: Path) -> Reviewed:
    page = path_link(known.page, beside) if known.page is not None and known.page.is_file() else ""
    notes, media = known.reviewed.notes, ""
    if known.recording is not None and known.recording.is_file():
        media = path_link(known.recording, beside)
    elif known.recording is not None:
        notes = (*notes, "the recording is not where it was")
    return replace(known.reviewed, media=media, page=page, notes=notes)


def _of_store(store: Store, folder: Path | None) -> Iterator[_Known]:
    """Yield what the store knows of recordings that are, or have results, in a folder."""
    within = None if folder is None else folder.absolute()
    for checked in store.checks():
        results = [Path(result) for result in checked.results if "://" not in result]
        recording = None if "://" in checked.path else _where(store, checked)
        places = [*results, *([] if recording is None else [recording])]
        if within is not None and not any(place.is_relative_to(within) for place in places):
            continue
        notes = tuple(
            f"{result.name} was changed since it was written" for result in results if _is_edited(store, result)
        )
        if recording is not None and recording.is_file() and _is_another(store, recording, checked.digest):
            notes = (*notes, "the recording has changed since it was transcribed")
        page = next((result for result in results if result.suffix == ".html"), None)
        stem = results[0].with_suffix("") if results else Path(checked.path).with_suffix("")
        name = checked.path if recording is None else _shown(recording, within)
        # It was noted after the results were written, in whole seconds.
        yield _Known(checked.checked_s + 1, stem, recording, page, Reviewed(name, checked.excerpts, notes=notes))


def _where(store: Store, checked: CheckedFile) -> Path:
    """Return where a recording is now: where it was, or where the same content was seen."""
    path = Path(checked.path)
    if path.exists():
        return path
    return next((other for other in store.paths_of(checked.digest) if other.is_file()), path)


def _is_edited(store: Store, result: Path) -> bool:
    with contextlib.suppress(OSError):
        return store.is_edited(result)
    return False


def _is_another(store: Store, recording: Path, digest: bytes) -> bool:
    with contextlib.suppress(OSError):
        return store.digest_of_file(recording) != digest
    return False


def _of_pages(folder: Path) -> Iterator[_Known]:
    """Yield what the pages of transcripts in a folder hold."""
    for page in sorted(folder.absolute().rglob("*.html")):
        head = _head(page)
        if _GENERATOR not in head or f"{_GENERATOR} review" in head:
            continue
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data: dict[str, Any] = json.loads(_DATA.findall(page.read_text(encoding="utf-8"))[-1])
            found = tuple(map(from_members, data["findings"]))
            # Not resolved: the store does not follow links either.
            recording = Path(os.path.abspath(page.parent / unquote(data["media"]))) if data["media"] else None  # noqa: PTH100
            name = data["title"] if recording is None else _shown(recording, folder.absolute())
            yield _Known(page.stat().st_mtime, page.with_suffix(""), recording, page, Reviewed(name, found))


def _of_transcripts(folder: Path) -> Iterator[_Known]:
    """Yield what can be told of JSON transcripts in a folder without their sound."""
    from anyscribe.formats.documents import read_transcript  # noqa: PLC0415 - loads msgspec

    for path in sorted(folder.absolute().rglob("*.json")):
        with contextlib.suppress(OSError, ValueError):
            document = read_transcript(decode_text(path.read_bytes()).text)
            if document is None or not (document.transcript.segments or document.transcript.words):
                continue
            transcript = document.transcript
            findings = find_problems(transcript, None, duration_ms=None)
            stem = path.with_suffix("")
            beside = sorted(stem.parent.glob(f"{escape(stem.name)}.*"))
            recording = next((other for other in beside if is_media_name(other.name)), None)
            name = _shown(recording or path, folder.absolute())
            found = excerpts(replace(transcript, findings=findings))
            reviewed = Reviewed(name, found, notes=("it was checked without its sound, so holes are not seen",))
            yield _Known(path.stat().st_mtime, stem, recording, None, reviewed)


def _shown(path: Path, folder: Path | None) -> str:
    if folder is not None and path.is_relative_to(folder):
        return str(path.relative_to(folder))
    return str(path)


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
