"""Keep what came through a pipe, because its length must be known before it is sent, and it may be sent twice."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, BinaryIO, Final

from anyscribe.audio.scratch import scratch_folder, unwritable
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK_BYTES: Final = 1 << 20


@contextlib.contextmanager
def spool(stream: BinaryIO) -> Iterator[Path]:
    """Copy a stream to a private temporary file for as long as the context lasts.

    Args:
        stream: Bytes of unknown length, such as standard input's.

    Yields:
        The file, readable by this user only; gone when the context ends, however it ends.

    Raises:
        AudioError: The stream cannot be read.
        OutputError: The temporary folder cannot hold it.
    """
    with scratch_folder() as folder:
        path = folder / "stdin"
        try:
            with path.open("xb") as file:
                for chunk in _chunks(stream):
                    file.write(chunk)
        except OSError as error:
            raise unwritable(error, f"standard input cannot be kept in {folder}") from error
        yield path


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise AudioError(
            f"standard input cannot be read ({_reason(error)})", hint="pipe a recording in: anyscribe - < FILE"
        ) from error


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
