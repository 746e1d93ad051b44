"""Write results whole or not at all, and find out before anything is sent whether they can be written."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import FullDiskError, OutputError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.places import FileSystem, Location, RemoteFile

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class AppearedError(Exception):
    """A file has appeared at the place of a result, and is kept."""


def is_there(path: Location) -> bool:
    """Return whether a file is there; an address is looked up in a listing.

    Args:
        path: The file.

    Raises:
        OutputError: The folder of the address cannot be listed.
    """
    return os.path.lexists(path) if isinstance(path, Path) else path.system.holds(path)


def is_device(path: Location) -> bool:
    """Return whether a path takes bytes but is not a file: ``/dev/null``, a named pipe.

    Args:
        path: Where a result is to be written; a device is written to and never replaced.
    """
    if not isinstance(path, Path):
        return False
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def find_unwritable(targets: Iterable[Location]) -> dict[Location, OutputError]:
    """Find out before anything is sent which results could not be written.

    Args:
        targets: Files to be written, perhaps in folders that do not exist yet.

    Returns:
        The reason for each that cannot be written. The test leaves nothing behind.
    """
    refusals: dict[Location, OutputError] = {}
    systems: dict[FileSystem, OutputError | None] = {}
    trials: dict[Path, OutputError | None] = {}
    # Of the folders of many files, which are there, and where those that are not would be created.
    folders: dict[str, tuple[bool, Path]] = {}
    for target in targets:
        if not isinstance(target, Path):
            refusal = _remote_trial(target, systems)
        else:
            parent = os.path.dirname(target)  # noqa: PTH120 - there may be many
            if parent not in folders:
                folder = _existing_folder(target)
                folders[parent] = folder == target.parent, folder
            exists, folder = folders[parent]
            if folder not in trials:
                trials[folder] = _trial(folder)
            # In a folder that is yet to be created, there is nothing.
            refusal = (_name_trial(target) if exists else None) or trials[folder]
            if refusal is not None and refusal is trials[folder] and is_device(target):
                refusal = None
        if refusal is not None:
            refusals[target] = refusal
    return refusals


def _remote_trial(target: RemoteFile, known: dict[FileSystem, OutputError | None]) -> OutputError | None:
    """Try each place once: permissions are seldom given for less than a bucket, and a trial is two requests."""
    from anyscribe.places.transfers import try_to_write  # noqa: PLC0415 - few runs need it

    if target.system not in known:
        known[target.system] = try_to_write(target.system, target.folder)
    return known[target.system]


def _existing_folder(target: Path) -> Path:
    """Find the folder that the target will be in, or in which its folders will be created."""
    return next((folder for folder in target.parents if os.path.lexists(folder)), target.parent)


def _trial(folder: Path) -> OutputError | None:
    try:
        # Trying shows what permission bits do not: access lists, read-only file systems.
        import tempfile  # noqa: PLC0415 - not needed to plan results

        with _translated(folder), tempfile.TemporaryFile(dir=folder):
            return None
    except OutputError as refusal:
        return refusal


def _name_trial(target: Path) -> OutputError | None:
    """Find out whether such a name is possible: it may be longer than the input's own."""
    try:
        os.lstat(target)
    except FileNotFoundError:
        pass
    except OSError as error:
        return _refusal_of(target, error)
    return None


def write_whole(target: Location, body: bytes, *, overwrite: bool) -> None:
    """Write a file so that it never exists half written under its name.

    Args:
        target: The file; its folders are created.
        body: Its content.
        overwrite: Whether an existing file is replaced.

    Raises:
        AppearedError: It exists, and is not to be replaced.
        OutputError: It cannot be written; no part of it is left behind.
    """
    if not isinstance(target, Path):
        from anyscribe.places.transfers import write_remote  # noqa: PLC0415 - as above

        try:
            write_remote(target, body, overwrite=overwrite)
        except FileExistsError as error:
            raise AppearedError from error
        return
    with _translated(target):
        if is_device(target):
            target.write_bytes(body)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".anyscribe-{os.urandom(8).hex()}.part")
        try:
            # Not by `tempfile`, whose files are private: a result gets the mode that the user's umask gives.
            with part.open("xb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                _keep_mode(target, part)
                part.replace(target)
            else:
                _give_name(part, target)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise


def _keep_mode(target: Path, part: Path) -> None:
    with contextlib.suppress(OSError):
        part.chmod(target.stat().st_mode & 0o777)


def _give_name(part: Path, target: Path) -> None:
    """Rename, but not over a file that was created meanwhile."""
    try:
        target.hardlink_to(part)
    except FileExistsError as error:
        raise AppearedError from error
    except (OSError, NotImplementedError):
        # Not every file system knows hard links.
        if os.path.lexists(target):
            raise
        part.replace(target)
    else:
        part.unlink()


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refusal_of(path, error) from error


def _refusal_of(path: Path, error: OSError) -> OutputError:
    remedy = Sentence("{} and {} name another place", Option("output"), Option("output_dir"))
    kind = FullDiskError if error.errno in _FULL else OutputError
    return kind(f"cannot write {path} ({error.strerror})", remedy=remedy)
