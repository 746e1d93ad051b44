"""Store a request's recording in a private file while it is needed; refuse uploads that are too long or too slow."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.errors import OutputError
from anyscribe.server.failures import ClientGoneError, Failure, RefusedError, StorageFullError
from anyscribe.server.form_reader import FormReader

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from starlette.types import Receive

    from anyscribe.scratch import Scratch
    from anyscribe.server.server_settings import ServerSettings

_WRITE_BYTES: Final = 1 << 20
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
        settings: The limits of uploads.
        scratch: Holds the recordings.
    """

    def __init__(self, settings: ServerSettings, scratch: Scratch) -> None:
        self._max_bytes = settings.max_upload_bytes
        self._grace_s = settings.upload_grace_s
        self._least_rate = settings.least_upload_rate
        self._scratch = scratch

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
        reader = FormReader(boundary)
        with _translated_faults():
            path = held.enter_context(self._scratch.folder()) / "recording"
            await self._write(receive, reader, path)
        reader.finish()
        return ReceivedForm(path, reader.filename, tuple(reader.fields))

    def close(self) -> None:
        """Remove the remaining recordings, whose requests will not clean up."""
        self._scratch.close()

    async def _write(self, receive: Receive, reader: FormReader, path: Path) -> None:
        received_bytes = 0
        with path.open("xb") as file:
            async with contextlib.aclosing(self._body(receive)) as body:
                async for data in body:
                    received_bytes += len(data)
                    if received_bytes > self._max_bytes:
                        raise self._too_long()
                    reader.feed(data)
                    if reader.waiting_bytes >= _WRITE_BYTES:
                        # In another thread: a slow disk must not block the other requests.
                        await asyncio.to_thread(file.write, reader.take())
            await asyncio.to_thread(file.write, reader.take())

    async def _body(self, receive: Receive) -> AsyncGenerator[bytes]:
        """Yield a request's body as it arrives; raise if it arrives too slowly or the client disconnects.

        Each byte extends the time that is left, up to the grace time: neither a pause nor a slow start is fatal, but an
        upload that drips ends, whatever it sent before.
        """
        clock = asyncio.get_running_loop().time
        left_s = self._grace_s
        more = True
        while more:
            # The time that storing takes does not count: only the client's own.
            began_s = clock()
            try:
                async with asyncio.timeout(left_s):
                    message = await receive()
            except TimeoutError:
                raise RefusedError(self._too_slow()) from None
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            more = message.get("more_body", False)
            data = message.get("body", b"")
            left_s += len(data) / self._least_rate - (clock() - began_s)
            left_s = min(left_s, self._grace_s)
            yield data

    def _too_slow(self) -> Failure:
        rate = f"at least {self._least_rate:,.0f} bytes per second"
        return Failure(408, f"the upload is too slow: this server takes {rate}; send it again", code="request_timeout")

    def _too_long(self) -> RefusedError:
        message = f"the request is longer than the {self._max_bytes:,} bytes that this server takes"
        return RefusedError(Failure(413, f"{message}; compress or divide the recording", code="request_too_large"))


@contextlib.contextmanager
def _translated_faults() -> Iterator[None]:
    try:
        yield
    except (OSError, OutputError) as error:
        fault = error if isinstance(error, OSError) else error.__cause__
        is_full = isinstance(fault, OSError) and fault.errno in _FULL
        reason = fault.strerror if isinstance(fault, OSError) else fault
        message = f"an upload cannot be stored ({reason})"
        remedy = "set TMPDIR to another folder for temporary files"
        raise (StorageFullError if is_full else OutputError)(message, remedy=remedy) from error
