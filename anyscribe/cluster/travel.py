"""A job as it travels to a worker, and what comes back: paths are absolute, addresses belong to a side's own run."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from anyscribe.batch.outputs import with_language
from anyscribe.errors import AnyscribeError
from anyscribe.languages import all_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.batch.making import Made
    from anyscribe.batch.outputs import Job
    from anyscribe.places import FileSystems, Location, RemoteFile
    from anyscribe.store import Store


@dataclass(frozen=True, slots=True)
class Assignment:
    """A recording that a worker is given.

    Args:
        job: The job.
        there: Its results that are in places already, as the coordinator's listing has them.
        digest: Its file, the file's status, and the digest of its content, if the coordinator knows it.
    """

    job: Job
    there: tuple[RemoteFile, ...] = ()
    digest: tuple[Path, os.stat_result, bytes] | None = None


def sent_away(job: Job, store: Store | None) -> Assignment:
    """Return a job as it travels: a worker has a current folder of its own, and lists no folder for results.

    Args:
        job: The job, as the user named it.
        store: Knows digests; None knows none.
    """
    targets = {output: None if target is None else _absolute(target) for output, target in job.targets.items()}
    source = replace(job.source, path=_absolute(job.source.path))
    digest = None if store is None or not isinstance(source.path, Path) else _digest(source.path, store)
    return Assignment(replace(job, source=source, targets=targets, kept=()), tuple(_there(job)), digest)


def received(assignment: Assignment, systems: FileSystems) -> Job:
    """Return a job as it is worked on here.

    Args:
        assignment: What has travelled.
        systems: The file systems of the run, on this side.
    """

    def own(location: Location) -> Location:
        return location if isinstance(location, Path) else systems.same(location)

    job = assignment.job
    targets = {output: None if target is None else own(target) for output, target in job.targets.items()}
    there = [systems.same(file) for file in assignment.there]
    for target in targets.values():
        if target is not None and not isinstance(target, Path):
            target.system.rely_on(file for file in there if file.system is target.system)
    return replace(job, source=replace(job.source, path=own(job.source.path)), targets=targets)


def brought_back(made: Made, job: Job) -> Made:
    """Return what was made with the names that the user knows.

    Args:
        made: What a worker has made.
        job: The job, as the user named it.
    """
    targets = [target for target in job.targets.values() if target is not None]
    folders = {_absolute(target).parent: target.parent for target in targets if isinstance(target, Path)}
    systems = {target.system.address: target.system for target in targets if not isinstance(target, Path)}

    def known(made: Location) -> Location:
        if isinstance(made, Path):
            return folders.get(made.parent, made.parent) / made.name
        return replace(made, system=systems.get(made.system.address, made.system))

    return replace(made, written=tuple(map(known, made.written)), kept=tuple(map(known, made.kept)))


def _digest(path: Path, store: Store) -> tuple[Path, os.stat_result, bytes] | None:
    # The worker reads the file anyway, and asks again.
    with contextlib.suppress(OSError, AnyscribeError):
        status = path.stat()
        digest = store.known_digest(path, status)
        return None if digest is None else (path, status, digest)
    return None


def _there(job: Job) -> Iterator[RemoteFile]:
    """Find the results of a job that are in places already, whatever language their names may have."""
    for target in job.targets.values():
        if target is None or isinstance(target, Path):
            continue
        codes = all_codes() if job.is_language_added else ()
        for name in (target, *(with_language(target, code) for code in codes)):
            if not isinstance(name, Path) and (found := target.system.as_known(name)) is not None:
                yield found


@overload
def _absolute(path: Path) -> Path: ...
@overload
def _absolute(path: RemoteFile) -> RemoteFile: ...
def _absolute(path: Location) -> Location:
    return Path(os.path.abspath(path)) if isinstance(path, Path) else path  # noqa: PTH100 - links stay
