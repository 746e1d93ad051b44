"""Store piped input in a file: its length must be known before it is uploaded, perhaps twice."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, BinaryIO, Final

from anyscribe.errors import AudioError
from anyscribe.scratch import unwritable
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyscribe.scratch import Scratch

_CHUNK_BYTES: Final = 1 << 20


@contextlib.contextmanager
def spool(
    stream: BinaryIO, scratch: Scratch, *, name: str = "stdin", subject: str = "standard input"
) -> Iterator[Path]:
    """Copy a stream to a private temporary file, and keep it while the context lasts.

    Args:
        stream: Bytes of unknown length, such as standard input's.
        scratch: Provides the temporary folder.
        name: The file's name; its extension helps to find out what it holds.
        subject: What errors call the stream.

    Yields:
        The file, readable by this user only; removed when the context ends, also after an exception.

    Raises:
        AudioError: The stream cannot be read.
        OutputError: The temporary folder cannot hold it.
    """
    with scratch.folder() as folder:
        path = folder / name
        try:
            with path.open("xb") as file:
                for chunk in _chunks(stream, subject):
                    file.write(chunk)
        except OSError as error:
            raise unwritable(error, f"{subject} cannot be stored in {folder}") from error
        yield path


def _chunks(stream: BinaryIO, subject: str) -> Iterator[bytes]:
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise AudioError(
            f"{subject} cannot be read ({reason})",
            remedy=Sentence("pipe a recording into {}", Option("standard_input")),
        ) from error
