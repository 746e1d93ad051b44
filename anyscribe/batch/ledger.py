"""Which result files are this program's own, so that an outdated one can be replaced and an edited one is kept."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.writing import is_device, is_there

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.batch.sources import Source
    from anyscribe.formats import OutputFormat
    from anyscribe.places import Location, RemoteFile
    from anyscribe.recording.own_fields import OwnFields
    from anyscribe.store import AnswerStore, Elsewhere
    from anyscribe.transcript import Transcript


_READ: Final = 64
"""A result elsewhere is looked at when its recording is begun, and again before it is written."""


class Ledger:
    """Knows what was written, from which recording, for which question, and how it was rendered.

    Args:
        store: Where it is noted; None knows nothing.
        question: Returns a digest of what is asked about a recording of which some things are said alone; None if
            results are not noted, but only what was found and what failed.
        renderings: All that decides how results look, as text; then what else they may be, if they are there.
        is_checked: Whether transcripts are checked, so that it is noted what is found.
    """

    def __init__(
        self,
        store: AnswerStore | None = None,
        question: Callable[[OwnFields | None], bytes] | None = None,
        renderings: Sequence[str] = ("",),
        *,
        is_checked: bool = False,
    ) -> None:
        self._store = store
        self._question = question
        self._renderings = renderings
        self._is_checked = is_checked
        # Made when it is needed: a ledger may travel to another process before.
        self._read: Callable[[RemoteFile], bytes] | None = None

    def with_store(self, store: AnswerStore | None) -> Ledger:
        """Return one that knows the same question and renderings.

        Args:
            store: Where it is noted; None knows nothing.
        """
        return Ledger(store, self._question, self._renderings, is_checked=self._is_checked)

    def is_kept(self, source: Source, output: OutputFormat, target: Location, *, overwrite: bool) -> bool:
        """Return whether a file is there that stays.

        A file stays unless ``overwrite`` is set; or unless this program wrote it for the same question about the same
        recording, nobody changed it since, and it would look different now.

        Args:
            source: The recording.
            output: The format.
            target: The file.
            overwrite: Whether every file may be replaced.
        """
        if overwrite or not is_there(target) or is_device(target):
            return False
        if self._store is None or self._question is None or source.stream:
            return True
        from anyscribe.store import StoreError  # noqa: PLC0415 - loaded with the store

        store = self._store
        with contextlib.suppress(StoreError, OSError):
            result = self._result(target)
            return not all(
                store.is_outdated(result, lambda: self._recipe(store, source), rendering=f"{output} {rendering}")
                for rendering in self._renderings
            )
        return True

    def note(self, source: Source, output: OutputFormat, target: Location, body: bytes) -> None:
        """Note that a result was written.

        Args:
            source: The recording.
            output: The format.
            target: The file.
            body: Its content.
        """
        if self._store is None or self._question is None or source.stream:
            return
        from anyscribe.store import StoreError  # noqa: PLC0415 - as above

        # A result that cannot be noted is kept next time.
        with contextlib.suppress(StoreError, OSError):
            recipe = self._recipe(self._store, source)
            self._store.note_output(self._result(target), body, recipe, rendering=f"{output} {self._renderings[0]}")

    def note_check(self, source: Source, transcript: Transcript, results: Sequence[Location]) -> None:
        """Note what the check of a recording found.

        Args:
            source: The recording.
            transcript: Its transcript, with the findings.
            results: The files of its transcript.
        """
        if self._store is None or source.stream or not self._is_checked:
            return
        from anyscribe.formats.excerpts import excerpts  # noqa: PLC0415 - needed with a store alone
        from anyscribe.store import StoreError  # noqa: PLC0415 - as above

        with contextlib.suppress(StoreError, OSError):
            recording = self._digest(self._store, source.path)
            self._store.note_check(_named(source.path), recording, excerpts(transcript), [*map(_named, results)])

    def note_success(self, source: Source) -> None:
        """Note that a recording did not fail after all.

        Args:
            source: The recording.
        """
        if self._store is None:
            return
        from anyscribe.store import StoreError  # noqa: PLC0415 - as above

        with contextlib.suppress(StoreError):
            self._store.forget_failure(_named(source.path))

    def note_failure(self, source: Source, message: str) -> None:
        """Note that a recording failed.

        Args:
            source: The recording.
            message: Why.
        """
        if self._store is None:
            return
        from anyscribe.store import StoreError  # noqa: PLC0415 - as above

        with contextlib.suppress(StoreError):
            self._store.note_failure(_named(source.path), message)

    def _recipe(self, store: AnswerStore, source: Source) -> bytes:
        return self._digest(store, source.path) + (self._question(source.own) if self._question else b"")

    def _result(self, target: Location) -> Path | Elsewhere:
        """Return what the store calls a result; one that is elsewhere is read only if need be."""
        if isinstance(target, Path):
            return target
        from anyscribe.store import Elsewhere  # noqa: PLC0415 - as above

        if self._read is None:
            self._read = functools.lru_cache(maxsize=_READ)(_read)
        known = target.system.as_known(target)
        version = known.state.version if known is not None else ""
        return Elsewhere(target.identity, version, functools.partial(self._read, target))

    @staticmethod
    def _digest(store: AnswerStore, path: Location) -> bytes:
        if isinstance(path, Path):
            return store.digest_of_file(path)
        digest = store.digest_of_version(path.identity, path.state.version, path.state.size)
        if digest is None:
            raise OSError("it was not read yet")
        return digest


def _read(target: RemoteFile) -> bytes:
    from anyscribe.places.transfers import read_small  # noqa: PLC0415 - few runs need it

    return read_small(target)


def _named(path: Location) -> Path | str:
    """Return what the store calls a file."""
    return path if isinstance(path, Path) else path.identity
