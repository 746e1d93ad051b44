"""Keep what came through a pipe, because its length must be known before it is sent, and it may be sent twice."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def spool(stream: BinaryIO) -> Iterator[Path]:
    """Copy a stream to a private temporary file for as long as the context lasts.

    Args:
        stream: Bytes of unknown length, such as standard input's.

    Yields:
        The file, readable by this user only; gone when the context ends, however it ends.

    Raises:
        AudioError: The stream cannot be read, or the temporary folder cannot hold it.
    """
    with tempfile.TemporaryDirectory(prefix="anyscribe-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "stdin"
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise AudioError(
                f"cannot be kept in {folder} ({reason})", hint="TMPDIR names another folder for temporary files"
            ) from error
        yield path
