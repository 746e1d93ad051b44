"""A bucket, a web server or a host: what is there, with one listing for a folder."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.errors import AudioError, MissingExtraError, OutputError
from anyscribe.places.addresses import EXTRAS
from anyscribe.places.backends import is_lost, open_backend, state_of
from anyscribe.places.faults import reason_of, remedy_of
from anyscribe.places.listing import listed
from anyscribe.places.remote_file import FileState, RemoteFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.places.addresses import Address

_PAGE: Final = "text/html"
_STORES: Final = frozenset({"s3", "gs", "az", "memory"})


class FileSystem:
    """One bucket, container, web server or host; safe to use from any thread. It is connected when it is needed.

    What was listed is remembered, so that a question about a file that may be there costs no request.

    Args:
        address: Any address in it.
    """

    def __init__(self, address: Address) -> None:
        self._protocol = address.protocol
        self._host = address.host
        self._login = address.login
        self.address: Final = replace(address, path="", query="")
        """Its own address; a login in it is never shown."""

        self.is_web: Final = address.is_web
        self.is_store: Final = address.protocol in _STORES
        """Whether a file appears complete or not at all, and there are no folders."""

        self._lock = threading.RLock()
        self.turn: Final = self._lock if address.protocol == "sftp" else contextlib.nullcontext()
        """Held while the backend is used: threads cannot share a connection of paramiko's."""

        self._backend: Any = None
        # The folders that were listed, with a slash at their end, and whether what is below them was listed too.
        self._listed: dict[str, bool] = {}
        self._states: dict[str, FileState] = {}

    def __str__(self) -> str:
        return f"{self._protocol}://{self._host}/"

    def __reduce__(self) -> tuple[type[FileSystem], tuple[Address]]:
        """Travel to another process as an address: what the backend has found, such as credentials, stays here."""
        return FileSystem, (self.address,)

    def files_below(self, folder: str, *, is_deep: bool) -> list[RemoteFile]:
        """List a folder, with one listing.

        Args:
            folder: Its path, without a slash at its end; empty for all.
            is_deep: Whether what is in its subfolders is listed too.

        Returns:
            Its files; none if there is no such folder.

        Raises:
            MissingExtraError: The backend is not installed.
            AudioError: It cannot be listed.
        """
        start = _start_of(folder)
        with self._lock:
            self._list(folder, is_deep=is_deep)
            return [
                RemoteFile(self, path, state=state)
                for path, state in self._states.items()
                if path.startswith(start) and (is_deep or "/" not in path[len(start) :])
            ]

    def look_at(self, file: RemoteFile) -> RemoteFile | None:
        """Ask what is at a path.

        Args:
            file: The path.

        Returns:
            The file as it is now; None if there is a folder.

        Raises:
            MissingExtraError: The backend is not installed.
            AudioError: Nothing is there, or nothing is said about it.
        """
        with self.reading("cannot be read"):
            info = self.opened().info(self.backend_path(file.path, file.query))
            is_folder = info["type"] == "directory" or info.get("mimetype") == _PAGE
            return None if is_folder else RemoteFile(self, file.path, file.query, state_of(info))

    def find_results(self, folder: str, *, is_deep: bool = True) -> None:
        """Find out which results are there.

        Args:
            folder: The folder for results.
            is_deep: Whether what is in its subfolders is listed too.

        Raises:
            MissingExtraError: The backend is not installed.
            OutputError: It cannot be listed.
        """
        if self.is_web:
            return
        try:
            with self._lock:
                self._list(folder.rstrip("/"), is_deep=is_deep)
        except AudioError as error:
            raise OutputError(f"{self}{folder}: {error.message}", remedy=error.remedy) from None

    def holds(self, file: RemoteFile) -> bool:
        """Return whether a file is there, by a listing of its folder; none is made twice.

        Args:
            file: The file.

        Raises:
            OutputError: The folder cannot be listed.
        """
        with self._lock:
            self.find_results(file.folder, is_deep=False)
            return file.path in self._states

    def as_known(self, file: RemoteFile) -> RemoteFile | None:
        """Return a file as a listing, or the answer to its writing, has described it; None if that was never done.

        Args:
            file: The file.
        """
        state = self._states.get(file.path)
        return None if state is None else RemoteFile(self, file.path, state=state)

    def rely_on(self, files: Iterable[RemoteFile]) -> None:
        """Take others' word for which results are there, instead of listing anything.

        Args:
            files: Files as `as_known` has returned them elsewhere; what was never told is not there.
        """
        with self._lock:
            self._listed[""] = True
            self._states.update((file.path, file.state) for file in files)

    def note_written(self, file: RemoteFile, info: dict[str, Any]) -> None:
        """Note that a file is there now.

        Args:
            file: The file.
            info: What the backend says about it.
        """
        with self._lock:
            self._states[file.path] = state_of(info)

    def opened(self) -> Any:  # noqa: ANN401 - the backends have no types
        """Return the backend; it is connected anew if its connection has ended.

        Raises:
            MissingExtraError: It is not installed.
            Exception: Any; the host cannot be reached, or refuses.
        """
        with self._lock:
            if self._backend is None or is_lost(self._backend):
                try:
                    self._backend = open_backend(self._protocol, self._host, self._login)
                except ImportError:
                    message = f"what reads and writes {self._protocol}:// is not installed"
                    raise MissingExtraError(message, extra=EXTRAS[self._protocol]) from None
            return self._backend

    def backend_path(self, path: str, query: str = "") -> str:
        """Return what the backend calls a path.

        Args:
            path: The path.
            query: What its address has after a question mark.
        """
        if self.is_web:
            login = f"{self._login}@" if self._login else ""
            return f"{self._protocol}://{login}{self._host}/{path}{f'?{query}' if query else ''}"
        if self._protocol == "sftp":
            return f"/{path}"
        start = f"/{self._host}" if self._protocol == "memory" else self._host
        return f"{start}/{path}" if path else start

    def reason(self, error: Exception) -> str:
        """Say what went wrong, without secrets.

        Args:
            error: What the backend raised.
        """
        return reason_of(error, self._login)

    @contextlib.contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Translate the backend's errors; their own texts, which may hold secrets, are not shown with them.

        Args:
            what: What could not be done.

        Raises:
            AudioError: Anything went wrong.
        """
        try:
            with self.turn:
                yield
        except (AudioError, OutputError, MissingExtraError):
            raise
        except Exception as error:  # noqa: BLE001 - each backend has errors of its own
            raise AudioError(f"{what} ({self.reason(error)})", remedy=remedy_of(error)) from None

    def _list(self, folder: str, *, is_deep: bool) -> None:
        """Remember what is in a folder, unless that is known already; to be called under the lock."""
        start = _start_of(folder)
        is_known = start in self._listed and not is_deep
        if is_known or any(deep and start.startswith(known) for known, deep in self._listed.items()):
            return
        with self.reading("the folder cannot be listed"):
            self._states.update(listed(self, self._protocol, folder, is_deep=is_deep))
        self._listed[start] = is_deep


def _start_of(folder: str) -> str:
    return f"{folder}/" if folder else ""
