"""From addresses as typed to recordings: by the rules for folders and globs, over one listing."""

from __future__ import annotations

import fnmatch
import glob
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from anyscribe.batch.names import is_media_name, is_resource_fork, is_system_name, strangers
from anyscribe.batch.sources import ANY_DEPTH, Source, no_match, no_recordings
from anyscribe.errors import AudioError
from anyscribe.places import check_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anyscribe.places import Address, FileSystems, RemoteFile

    PassOver = Callable[[RemoteFile], None]

_WEB_MAGIC: Final = re.compile(r"[*\[]")


def find_remote(address: Address, systems: FileSystems, *, recursive: bool, pass_over: PassOver) -> Iterator[Source]:
    """Find the recordings at an address.

    Args:
        address: A file, a folder, or a pattern.
        systems: The file systems of the run.
        recursive: Whether folders are searched to the bottom.
        pass_over: Called with each file of a folder or glob that is no recording by its extension.

    Yields:
        Recordings in the order that a folder's have; an address at which nothing is, with its error.

    Raises:
        UsageError: The address has no bucket or host, or a password that its backend would not take.
        MissingExtraError: What reads the place is not installed.
    """
    check_address(address)
    named = systems.file(address)
    try:
        if is_remote_glob(address):
            yield from _in_glob(named, address, pass_over)
            return
        found = None if not address.path or address.path.endswith("/") else named.system.look_at(named)
        if found is None or _is_marker(found):
            yield from _in_folder(named, recursive=recursive, pass_over=pass_over)
        else:
            yield Source(found, Path(found.name))
    except AudioError as error:
        yield Source(named, Path(), error=error)


def _is_marker(found: RemoteFile) -> bool:
    """Return whether an object only stands for a folder, as some programs put them into buckets."""
    return found.system.is_store and found.state.size == 0 and not is_media_name(found.name)


def is_remote_glob(address: Address) -> bool:
    """Return whether an address is a pattern; on the web, a question mark begins a query.

    Args:
        address: The address.
    """
    return bool(_WEB_MAGIC.search(address.path) if address.is_web else glob.has_magic(address.path))


def _in_folder(folder: RemoteFile, *, recursive: bool, pass_over: PassOver) -> Iterator[Source]:
    root = folder.path.rstrip("/")
    files = _in_order(folder.system.files_below(root, is_deep=recursive), root)
    files = [(parts, file) for parts, file in files if not any(part.startswith(".") for part in parts[:-1])]
    visible = [(parts, file) for parts, file in files if not is_system_name(parts[-1])]
    found = [_source(file, parts) for parts, file in visible if is_media_name(parts[-1])]
    yield from found or [Source(folder, Path(), error=no_recordings(recursive=recursive))]
    if found:
        _pass_over_strangers(visible, pass_over)


def _in_glob(named: RemoteFile, address: Address, pass_over: PassOver) -> Iterator[Source]:
    pattern = address.path.split("/")
    plain = next(index for index, part in enumerate(pattern) if glob.has_magic(part))
    root, pattern = "/".join(pattern[:plain]), pattern[plain:]
    # A pattern for names in one folder needs no listing of what is below it.
    is_deep = len(pattern) > 1 or pattern[0] == ANY_DEPTH
    files = _in_order(named.system.files_below(root, is_deep=is_deep), root)
    itself = [(parts, file) for parts, file in files if file.path == address.path]
    if itself:
        yield Source(itself[0][1], Path(itself[0][1].name))
        return
    files = [(parts, file) for parts, file in files if _matches(parts, pattern)]
    files = [(parts, file) for parts, file in files if not is_resource_fork(parts[-1])]
    recordings = files
    last = PurePosixPath(pattern[-1])
    if glob.has_magic(last.suffix) or (glob.has_magic(last.name) and not last.suffix):
        recordings = [(parts, file) for parts, file in files if is_media_name(parts[-1])]
        if recordings:
            _pass_over_strangers(files, pass_over)
    for parts, file in recordings:
        yield _source(file, parts)
    if not recordings:
        yield Source(named, Path(), error=no_match())


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Return whether a path matches, as shells do it: hidden names only if the pattern has their dot."""
    if not pattern or not parts:
        return not pattern and not parts
    first, rest = pattern[0], pattern[1:]
    if first == ANY_DEPTH:
        is_deeper = len(parts) > 1 and not parts[0].startswith(".")
        return _matches(parts, rest or ("*",)) or (is_deeper and _matches(parts[1:], pattern))
    if not glob.has_magic(first):
        return parts[0] == first and _matches(parts[1:], rest)
    is_visible = first.startswith(".") or not parts[0].startswith(".")
    return is_visible and fnmatch.fnmatchcase(parts[0], first) and _matches(parts[1:], rest)


def _in_order(files: Sequence[RemoteFile], root: str) -> list[tuple[tuple[str, ...], RemoteFile]]:
    """Return files with their paths below the root, in parts: those of a folder first, then those of its subfolders."""
    start = len(root) + 1 if root else 0

    def rank(parts: Sequence[str]) -> list[tuple[bool, str]]:
        return [*((True, part) for part in parts[:-1]), (False, parts[-1])]

    split = [(tuple(file.path[start:].split("/")), file) for file in files]
    return sorted(split, key=lambda pair: rank(pair[0]))


def _source(file: RemoteFile, parts: Sequence[str]) -> Source:
    if ".." in parts:
        # In a bucket that is a name like any other; in a folder of results it would lead out of it.
        return Source(file, Path(), error=AudioError("a part of its name is ..", remedy="rename it"))
    return Source(file, Path(*parts))


def _pass_over_strangers(files: Sequence[tuple[tuple[str, ...], RemoteFile]], pass_over: PassOver) -> None:
    """Report the files that are no recordings and do not belong to one in the same folder."""
    folders: dict[tuple[str, ...], dict[str, RemoteFile]] = {}
    for parts, file in files:
        folders.setdefault(parts[:-1], {})[parts[-1]] = file
    for names in folders.values():
        for name in strangers([*names]):
            pass_over(names[name])
