"""The places of a run, each once, however many of its recordings and results are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.places.file_system import FileSystem
from anyscribe.places.remote_file import RemoteFile

if TYPE_CHECKING:
    from anyscribe.places.addresses import Address


class FileSystems:
    """The file systems of a run, each once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], FileSystem] = {}

    def file(self, address: Address) -> RemoteFile:
        """Return the file at an address; nothing is asked for.

        Args:
            address: The address.
        """
        return RemoteFile(self._at(address), address.path, address.query)

    def same(self, file: RemoteFile) -> RemoteFile:
        """Return a file that has come from another process in the file system that this one has for it.

        Args:
            file: The file.
        """
        return replace(file, system=self._at(file.system.address))

    def _at(self, address: Address) -> FileSystem:
        key = (address.protocol, address.host, address.login)
        if key not in self._known:
            # Of two threads that do this at once, one comes first.
            self._known.setdefault(key, FileSystem(address))
        return self._known[key]
