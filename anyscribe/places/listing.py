"""What is in a folder, as each backend lists it."""

from __future__ import annotations

import contextlib
import html
from typing import TYPE_CHECKING, Any

from anyscribe.places.backends import state_of
from anyscribe.places.remote_file import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.places.file_system import FileSystem


def listed(system: FileSystem, protocol: str, folder: str, *, is_deep: bool) -> Iterator[tuple[str, FileState]]:
    """List a folder.

    Args:
        system: Where it is.
        protocol: How that is reached.
        folder: Its path, without a slash at its end; empty for all.
        is_deep: Whether what is in its subfolders is listed too.

    Yields:
        The path of each file, and what is said about it; files of other folders may be among them.

    Raises:
        MissingExtraError: The backend is not installed.
        Exception: Any; it cannot be listed.
    """
    infos = _infos_below(system, protocol, folder) if is_deep else _infos_in(system, folder)
    if not infos and protocol == "az":
        # adlfs says the same of a container that is not there and of an empty folder.
        with contextlib.suppress(PermissionError):
            system.opened().info(system.backend_path(""))
    start = system.backend_path("x")[:-1]
    for info in infos:
        name, kind = info["name"], info.get("type", "directory")
        if system.is_web:
            name = html.unescape(name.partition("#")[0])
            if not name.startswith(start) or "?" in name:
                # A query may be a secret, and pages have such links to sort them.
                continue
        if kind != "directory" and not name.endswith("/"):
            # A link's own size and time are not those of what it leads to.
            yield name[len(start) :], FileState() if kind == "link" else state_of(info)


def _infos_below(system: FileSystem, protocol: str, folder: str) -> list[dict[str, Any]]:
    backend, path = system.opened(), system.backend_path(folder)
    if protocol in ("s3", "gs"):
        # Given the folder as its path, s3fs also asks for an object of its name, which takes another permission.
        found = backend.find(system.backend_path(""), prefix=f"{folder}/" if folder else "", detail=True)
    else:
        found = backend.find(f"{path}/" if system.is_web and folder else path, detail=True)
    if not isinstance(found, dict):
        # adlfs found a blob with the name of the folder, and nothing else. This lists what begins with it.
        found = backend.find(system.backend_path(""), prefix=folder, detail=True)
    return [*found.values()]


def _infos_in(system: FileSystem, folder: str) -> list[dict[str, Any]]:
    path = system.backend_path(folder)
    try:
        return list(system.opened().ls(f"{path}/" if system.is_web and folder else path, detail=True))
    except FileNotFoundError as error:
        if system.is_web or "bucket" in system.reason(error):
            raise
        return []
