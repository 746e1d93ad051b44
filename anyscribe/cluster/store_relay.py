"""The coordinator's store and claims, as a worker sees them: recordings are read here, answers are kept there."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from anyscribe.store import Elsewhere, digest_of_content

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from pathlib import Path

    from anyscribe.cluster.channel import WorkerChannel
    from anyscribe.cluster.relays import PaceElsewhere
    from anyscribe.formats.excerpts import Excerpt
    from anyscribe.request import Granularity, ResponseFormat
    from anyscribe.store import KeptAnswer, Question

    Asked = tuple[ResponseFormat, Sequence[Granularity]]

_DIGESTS: Final = 64
"""So many files' digests are remembered: the one of a recording is needed again when its results are written."""


class UnreadError(OSError):
    """The coordinator wants to know what is in a result, which only the worker can read."""


class StoreElsewhere:
    """The coordinator's store as an `anyscribe.store.AnswerStore`; recordings are read here.

    Args:
        line: The way to it.
        pace: Gets the turns at the server that come with claims; None if nothing is sent to a server.
        has_old_answers: Whether it has answers of an old form.
    """

    def __init__(self, line: WorkerChannel, pace: PaceElsewhere | None, *, has_old_answers: bool) -> None:
        self._line = line
        self.has_old_answers: Final = has_old_answers
        self.claims: Final = ClaimsElsewhere(line, pace)
        self._digests: dict[Hashable, bytes] = {}
        self._versions: dict[Hashable, bytes] = {}

    def believe(self, path: Path, status: os.stat_result, digest: bytes) -> None:
        """Take the coordinator's word for what is in a file.

        Args:
            path: The file.
            status: Its status there.
            digest: The digest of its content.
        """
        _remember(self._digests, _state(path, status), digest)

    def digest_of_file(self, path: Path, *, is_remembered: bool = True) -> bytes:
        """Return the digest of a file's content; it is read only if it is new, or has changed."""
        status = path.stat()
        digest = self._digests.get(_state(path, status))
        if digest is None:
            read_ns = time.time_ns()
            digest = digest_of_content(path)
            if is_remembered:
                self._line.note("note_digest", path, status, read_ns, digest)
            _remember(self._digests, _state(path, status), digest)
        return digest

    def digest_of_version(self, address: str, version: str, size: int | None) -> bytes | None:
        """Return the digest of a file in a bucket or another place; None if this version of it was not read yet."""
        known = self._versions.get((address, version, size))
        return known or self._line.call("digest_of_version", address, version, size)

    def note_version(self, address: str, version: str, size: int | None, digest: bytes) -> None:
        """Note the digest of a file in a bucket or another place."""
        _remember(self._versions, (address, version, size), digest)
        self._line.note("note_version", address, version, size, digest)

    def answers(self, recording: bytes, question: Question, asked: Asked) -> list[KeptAnswer]:
        """Return what is kept; nothing is asked if the claim was answered with that there is nothing."""
        if recording + question.digest in self.claims.unanswered:
            return []
        kept: list[KeptAnswer] = self._line.call("answers", recording, question, asked)
        return kept

    def old_answers(self, recording: bytes) -> list[KeptAnswer]:
        """Return what version 1 kept of a recording."""
        kept: list[KeptAnswer] = self._line.call("old_answers", recording)
        return kept

    def keep(self, recording: bytes, question: Question, asked: Asked, kept: KeptAnswer, length_ms: int) -> None:
        """Keep an answer; before the recording counts as done, it is on the coordinator's disk."""
        self.claims.unanswered.discard(recording + question.digest)
        self._line.note("keep", recording, question, asked, kept, length_ms, is_urgent=True)

    def is_outdated(self, target: Path | Elsewhere, recipe: Callable[[], bytes], *, rendering: str) -> bool:
        """Return whether a file was written by this program, is unchanged since, and would look different."""
        try:
            return bool(self._line.call("is_outdated", _named(target), recipe(), rendering))
        except UnreadError:
            assert isinstance(target, Elsewhere)  # noqa: S101 - others are read there
            read = replace(target, read=partial(bytes, target.read()))
            return bool(self._line.call("is_outdated", read, recipe(), rendering))

    def note_output(self, target: Path | Elsewhere, body: bytes, recipe: bytes, *, rendering: str) -> None:
        """Note that a file was written."""
        self._line.note("note_output", _named(target), body, recipe, rendering)

    def note_check(
        self, path: Path | str, recording: bytes, found: Sequence[Excerpt], results: Sequence[Path | str]
    ) -> None:
        """Note what the check of a recording found."""
        self._line.note("note_check", path, recording, found, results)

    def note_failure(self, path: Path | str, message: str) -> None:
        """Note that a recording failed."""
        self._line.note("note_failure", path, message)

    def forget_failure(self, path: Path | str) -> None:
        """Note that a recording succeeded after all."""
        self._line.note("forget_failure", path)


class ClaimsElsewhere:
    """The coordinator's claims.

    Args:
        line: The way to them.
        pace: Gets the turns that come with them; None if none shall come.
    """

    def __init__(self, line: WorkerChannel, pace: PaceElsewhere | None) -> None:
        self._line = line
        self._pace = pace
        self.unanswered: Final[set[bytes]] = set()
        """The claims that are held here, and whose questions have no answer."""

    @contextlib.contextmanager
    def held(self, key: bytes, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold a claim; wait while somebody else holds it."""
        number = self._line.next_number()
        turn = None if self._pace is None else self._line.next_number()
        while (claimed := self._line.call("claim", number, key, turn)) is None:
            on_wait()
        is_answered, has_turn = claimed
        if not is_answered:
            self.unanswered.add(key)
        with contextlib.ExitStack() as stack:
            stack.callback(self._line.note, "leave", number)
            stack.callback(self.unanswered.discard, key)
            if has_turn and self._pace is not None and turn is not None:
                self._pace.lend(turn)
                stack.callback(self._pace.give_back, turn)
            yield


def _named(target: Path | Elsewhere) -> Path | Elsewhere:
    """Return what the store calls a result, without what reads it: that cannot travel."""
    return replace(target, read=_unread) if isinstance(target, Elsewhere) else target


def _unread() -> bytes:
    raise UnreadError


def _state(path: Path, status: os.stat_result) -> Hashable:
    return path, status.st_size, status.st_mtime_ns


def _remember(digests: dict[Hashable, bytes], key: Hashable, digest: bytes) -> None:
    if len(digests) >= _DIGESTS:
        digests.clear()
    digests[key] = digest
