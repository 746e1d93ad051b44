"""Store a request's recording in a private file while it is needed; refuse uploads that are too long or too slow."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.errors import OutputError
from anyscribe.server.failures import ClientGoneError, Failure, RefusedError, StorageFullError
from anyscribe.server.form_reader import FormReader

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from starlette.types import Receive

_WRITE_BYTES: Final = 1 << 20
_IDLE_S: Final = 30.0
"""The maximum time without data during an upload."""

_SLOWEST_BYTES_A_SECOND: Final = 500
"""The minimum average rate: a client that sends single bytes would hold a place that others wait for."""

_MOST_DIGITS: Final = 20
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class ReceivedForm:
    """A completely received form.

    Args:
        path: The file with the recording.
        filename: The client's name for the recording; any text, not a path on this machine.
        fields: The other fields, as (name, value), in their order.
    """

    path: Path
    filename: str
    fields: tuple[tuple[str, str], ...]


class Uploads:
    """Receives forms, each into a separate folder that only this user can access.

    Args:
        max_bytes: The maximum size of a body.
        idle_s: The maximum time without data during an upload, in seconds.
    """

    def __init__(self, max_bytes: int, *, idle_s: float = _IDLE_S) -> None:
        self._max_bytes = max_bytes
        self._idle_s = idle_s
        self._folders: set[tempfile.TemporaryDirectory[str]] = set()

    def check_length(self, stated: str | None) -> None:
        """Refuse a body that is too long before any of it is read.

        Args:
            stated: The request's Content-Length; None if it has none.

        Raises:
            RefusedError: The body is longer than allowed.
        """
        if stated is not None and (len(stated) > _MOST_DIGITS or int(stated) > self._max_bytes):
            raise self._too_long()

    async def keep(self, receive: Receive, boundary: bytes, held: contextlib.ExitStack) -> ReceivedForm:
        """Receive a form and store its recording.

        Args:
            receive: The ASGI receive function.
            boundary: The boundary between the form's parts.
            held: The recording is deleted when this is closed.

        Returns:
            The form.

        Raises:
            RefusedError: The form is malformed, or the upload is too long or too slow.
            FieldError: The form holds no recording, or two.
            ClientGoneError: The client disconnected before the form was complete.
            OutputError: The recording cannot be stored.
        """
        path = held.enter_context(self._folder()) / "recording"
        reader = FormReader(boundary)
        with _translated_faults():
            await self._write(receive, reader, path)
        reader.finish()
        return ReceivedForm(path, reader.filename, tuple(reader.fields))

    def close(self) -> None:
        """Remove the remaining folders, whose requests will not clean up."""
        for folder in list(self._folders):
            folder.cleanup()

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        with _translated_faults():
            folder = tempfile.TemporaryDirectory(prefix="anyscribe-", ignore_cleanup_errors=True)
        self._folders.add(folder)
        try:
            yield Path(folder.name)
        finally:
            folder.cleanup()
            self._folders.discard(folder)

    async def _write(self, receive: Receive, reader: FormReader, path: Path) -> None:
        received_bytes = 0
        with path.open("xb") as file:
            async with contextlib.aclosing(_body(receive, self._idle_s)) as body:
                async for data in body:
                    received_bytes += len(data)
                    if received_bytes > self._max_bytes:
                        raise self._too_long()
                    reader.feed(data)
                    if reader.waiting_bytes >= _WRITE_BYTES:
                        # In another thread: a slow disk must not block the other requests.
                        await asyncio.to_thread(file.write, reader.take())
            await asyncio.to_thread(file.write, reader.take())

    def _too_long(self) -> RefusedError:
        message = f"the request is longer than the {self._max_bytes:,} bytes that this server takes"
        return RefusedError(Failure(413, f"{message}; compress or divide the recording", code="request_too_large"))


async def _body(receive: Receive, idle_s: float) -> AsyncGenerator[bytes]:
    """Yield a request's body as it arrives; raise if it arrives too slowly or the client disconnects."""
    clock = asyncio.get_running_loop().time
    began_s = clock()
    received_bytes = 0
    more = True
    while more:
        due_s = began_s + idle_s + received_bytes / _SLOWEST_BYTES_A_SECOND
        try:
            async with asyncio.timeout_at(min(due_s, clock() + idle_s)):
                message = await receive()
        except TimeoutError:
            raise RefusedError(Failure(408, "the upload is too slow; send it again")) from None
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        more = message.get("more_body", False)
        data = message.get("body", b"")
        received_bytes += len(data)
        yield data


@contextlib.contextmanager
def _translated_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = StorageFullError if error.errno in _FULL else OutputError
        message = f"an upload cannot be stored ({error.strerror})"
        raise kind(message, remedy="set TMPDIR to another folder for temporary files") from error
