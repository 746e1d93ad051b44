"""Recordings from elsewhere, copied to this machine for as long as they are worked on."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyscribe.places import RemoteFile
    from anyscribe.scratch import Scratch
    from anyscribe.store import AnswerStore


@contextlib.contextmanager
def fetched(file: RemoteFile, *, scratch: Scratch, store: AnswerStore | None) -> Iterator[Path]:
    """Copy a recording to this machine, and note what its version holds, so that later runs need not read it.

    Args:
        file: The recording.
        scratch: Provides the temporary folder.
        store: Where it is noted; None for nowhere.

    Yields:
        The copy; removed when the context ends.

    Raises:
        AudioError: It cannot be read, or it changed while it was.
        OutputError: The temporary folder cannot hold it.
    """
    from anyscribe.places.transfers import copied  # noqa: PLC0415 - few runs need it

    with copied(file, scratch) as (path, state):
        if store is not None and state.version:
            from anyscribe.store import StoreError  # noqa: PLC0415 - loaded with the store

            with contextlib.suppress(StoreError, OSError):
                digest = store.digest_of_file(path, is_remembered=False)
                store.note_version(file.identity, state.version, state.size, digest)
        yield path
