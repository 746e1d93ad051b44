"""Whole files are read from a place and written to it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from typing import TYPE_CHECKING, Final

from anyscribe.errors import AudioError, MissingExtraError, OutputError
from anyscribe.places.faults import remedy_of
from anyscribe.places.remote_file import FileState
from anyscribe.scratch import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyscribe.places.file_system import FileSystem
    from anyscribe.places.remote_file import RemoteFile
    from anyscribe.scratch import Scratch

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CHUNK_BYTES: Final = 1 << 16
_TRIAL: Final = ".anyscribe-trial"


@contextlib.contextmanager
def copied(file: RemoteFile, scratch: Scratch) -> Iterator[tuple[Path, FileState]]:
    """Copy a file to this machine, and keep the copy while the context lasts.

    Args:
        file: The file.
        scratch: Provides the temporary folder.

    Yields:
        The copy, and what was said about the file; that is the same before and after it was read.

    Raises:
        MissingExtraError: The backend is not installed.
        AudioError: It cannot be read, or it changed while it was.
        OutputError: The temporary folder cannot hold it.
    """
    system = file.system
    with scratch.folder() as folder:
        copy = folder / "recording"
        with system.reading("cannot be read"):
            before = system.look_at(file) if file.state == FileState() else file
            _copy(file, copy, (before and before.state.size) or 0)
            after = system.look_at(file)
        if before is None or after is None or not after.state.may_be(before.state):
            raise AudioError("it changed while it was read", remedy="try again once it is complete")
        size, whole = copy.stat().st_size, after.state.size
        if whole is not None and size != whole:
            raise AudioError(f"{size:,} bytes of it came, and it has {whole:,}", remedy="try again")
        yield copy, before.state


def _copy(file: RemoteFile, copy: Path, size: int) -> None:
    """Copy a file, if there is room for it."""
    full = f"it cannot be stored in {copy.parent}"
    if shutil.disk_usage(copy.parent).free < size:
        raise unwritable(OSError(errno.ENOSPC, ""), full)
    try:
        file.system.opened().get_file(file.system.backend_path(file.path, file.query), str(copy))
    except OSError as error:
        if error.errno in _FULL:
            raise unwritable(error, full) from None
        raise


def read_small(file: RemoteFile) -> bytes:
    """Read a file into memory.

    Args:
        file: The file.

    Raises:
        MissingExtraError: The backend is not installed.
        OSError: It cannot be read.
    """
    system = file.system
    try:
        with system.turn:
            return bytes(system.opened().cat_file(system.backend_path(file.path, file.query)))
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001 - each backend has errors of its own
        raise OSError(errno.EIO, system.reason(error)) from None


def read_page(file: RemoteFile, most_bytes: int) -> bytes:
    """Read what a web server has at an address into memory, with one request.

    Args:
        file: The address.
        most_bytes: How much is read at most.

    Raises:
        MissingExtraError: The backend is not installed.
        AudioError: It cannot be read, or there is more of it.
    """
    system = file.system
    with system.reading("cannot be read"):
        body = bytearray()
        # With a size of its own, the backend does not ask for it first; blocks of no size are one stream.
        page = system.opened().open(system.backend_path(file.path, file.query), block_size=0, size=1)
        with contextlib.closing(page):
            while chunk := page.read(_CHUNK_BYTES):
                body += chunk
                if len(body) > most_bytes:
                    raise AudioError(f"it is longer than {most_bytes:,} bytes", remedy="check the address")
        return bytes(body)


def write_remote(file: RemoteFile, body: bytes, *, overwrite: bool) -> None:
    """Write a file so that it never exists half written under its name.

    Args:
        file: The file.
        body: Its content.
        overwrite: Whether a file that is there is replaced.

    Raises:
        FileExistsError: It is there, and is not to be replaced.
        OutputError: It cannot be written.
    """
    system = file.system
    with _writing(system, file.path):
        if system.is_store:
            answer = _put(system, file, body, overwrite=overwrite)
        else:
            answer = None
            _move_into_place(system, file, body, overwrite=overwrite)
    system.note_written(file, {**(answer if isinstance(answer, dict) else {}), "size": len(body)})


def try_to_use(system: FileSystem, file: RemoteFile | None) -> None:
    """Find out whether a place can be used from this machine.

    Args:
        system: The place.
        file: A file there that is looked at; one that is gone meanwhile is another matter. None if none is known.

    Raises:
        MissingExtraError: The backend is not installed.
        AudioError: It cannot be reached, or the file must not be read.
    """
    with system.reading(f"{file or system} cannot be read"), contextlib.suppress(FileNotFoundError):
        backend = system.opened()
        if file is not None:
            backend.info(system.backend_path(file.path, file.query))


def try_to_write(system: FileSystem, folder: str) -> OutputError | None:
    """Find out whether results could be written; an empty file is written and removed.

    Args:
        system: Where.
        folder: In which folder; what of it is not there is not created.

    Returns:
        Why not; None if they could be.

    Raises:
        MissingExtraError: The backend is not installed.
    """
    if system.is_web:
        return OutputError(f"nothing can be written to {system}", remedy="name a folder or a bucket for the results")
    try:
        with _writing(system, folder):
            backend = system.opened()
            while folder and not system.is_store and not backend.isdir(system.backend_path(folder)):
                folder = folder.rpartition("/")[0]
            trial = system.backend_path(f"{folder}/{_TRIAL}" if folder else _TRIAL)
            backend.pipe_file(trial, b"")
            # Who may write may perhaps not delete; one empty file stays then, however often this is tried.
            with contextlib.suppress(Exception):
                backend.rm_file(trial)
    except OutputError as refusal:
        return refusal
    return None


def _put(system: FileSystem, file: RemoteFile, body: bytes, *, overwrite: bool) -> object:
    """Write an object; return what the store answers, if its backend tells."""
    backend, path = system.opened(), system.backend_path(file.path)
    try:
        return backend.pipe_file(path, body, mode="overwrite" if overwrite else "create")
    except OSError as error:
        # Not every store that speaks S3 knows conditions.
        if overwrite or error.errno != errno.ENOSYS:
            raise
        if backend.exists(path):
            raise FileExistsError(path) from None
        return backend.pipe_file(path, body)


def _move_into_place(system: FileSystem, file: RemoteFile, body: bytes, *, overwrite: bool) -> None:
    backend, path = system.opened(), system.backend_path(file.path)
    part = system.backend_path(file.with_name(f".anyscribe-{os.urandom(8).hex()}.part").path)
    backend.makedirs(system.backend_path(file.folder), exist_ok=True)
    try:
        backend.pipe_file(part, body)
        if not overwrite and backend.exists(path):
            raise FileExistsError(path)  # noqa: TRY301 - the part is removed below
        backend.mv(part, path)
    except BaseException:
        with contextlib.suppress(Exception):
            backend.rm_file(part)
        raise


@contextlib.contextmanager
def _writing(system: FileSystem, path: str) -> Iterator[None]:
    try:
        with system.turn:
            yield
    except (FileExistsError, OutputError, MissingExtraError):
        raise
    except Exception as error:  # noqa: BLE001 - as above
        message = f"cannot write {system}{path} ({system.reason(error)})"
        raise OutputError(message, remedy=remedy_of(error)) from None
