"""What a run has in common, as a worker sees it: the store, the pace, the stop and the budget are elsewhere."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from anyscribe.engines.remote.pace import Pace, Turn
from anyscribe.recording.budget import Budget
from anyscribe.stopping import Stop
from anyscribe.store import Elsewhere, digest_of_content

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from pathlib import Path

    from anyscribe.cluster.channel import WorkerChannel
    from anyscribe.request import Granularity, ResponseFormat
    from anyscribe.store import KeptAnswer, Question

    Asked = tuple[ResponseFormat, Sequence[Granularity]]

_STATED: Final = "x-ratelimit-"
_DIGESTS: Final = 64
"""So many files' digests are remembered: the one of a recording is needed again when its results are written."""


class UnreadError(OSError):
    """The coordinator wants to know what is in a result, which only the worker can read."""


class StoreElsewhere:
    """The coordinator's store as an `anyscribe.store.AnswerStore`; recordings are read here.

    Args:
        line: The way to it.
        has_old_answers: Whether it has answers of an old form.
    """

    def __init__(self, line: WorkerChannel, *, has_old_answers: bool) -> None:
        self._line = line
        self.has_old_answers: Final = has_old_answers
        self.claims: Final = ClaimsElsewhere(line)
        self._digests: dict[Hashable, bytes] = {}
        self._versions: dict[Hashable, bytes] = {}

    def digest_of_file(self, path: Path, *, is_remembered: bool = True) -> bytes:
        """Return the digest of a file's content; it is read only if it is new, or has changed."""
        status = path.stat()
        state = path, status.st_size, status.st_mtime_ns, status.st_ino
        digest = self._digests.get(state)
        if digest is None and is_remembered:
            digest = self._line.call("known_digest", path, status)
        if digest is None:
            read_ns = time.time_ns()
            digest = digest_of_content(path)
            if is_remembered:
                self._line.note("note_digest", path, status, read_ns, digest)
        _remember(self._digests, state, digest)
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
        """Return what is kept."""
        kept: list[KeptAnswer] = self._line.call("answers", recording, question, asked)
        return kept

    def old_answers(self, recording: bytes) -> list[KeptAnswer]:
        """Return what version 1 kept of a recording."""
        kept: list[KeptAnswer] = self._line.call("old_answers", recording)
        return kept

    def keep(self, recording: bytes, question: Question, asked: Asked, kept: KeptAnswer, length_ms: int) -> None:
        """Keep an answer; when this returns, it is on the coordinator's disk."""
        self._line.call("keep", recording, question, asked, kept, length_ms)

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
    """

    def __init__(self, line: WorkerChannel) -> None:
        self._line = line

    @contextlib.contextmanager
    def held(self, key: bytes, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold a claim; wait while somebody else holds it."""
        number = self._line.next_number()
        while not self._line.call("claim", number, key):
            on_wait()
        try:
            yield
        finally:
            self._line.note("leave", number)


class PaceElsewhere(Pace):
    """The coordinator's pace: each request is allowed by it.

    Args:
        line: The way to it.
    """

    def __init__(self, line: WorkerChannel) -> None:
        super().__init__(1)
        self._line = line

    @property
    def is_shut(self) -> bool:
        """Whether a request would wait for its turn now; that is known only when its turn comes."""
        return True

    @contextlib.contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for a request's turn, and count it as under way while the context lasts."""
        number = self._line.next_number()
        self._line.call("take_turn", number)
        try:
            yield TurnElsewhere(self, self._line, number)
        finally:
            self._line.note("leave", number)

    def note_limits(self, headers: Mapping[str, str]) -> None:
        """Note what a server says is left of its limits, and until when."""
        stated = {name: value for name, value in headers.items() if name.lower().startswith(_STATED)}
        if stated:
            self._line.note("note_limits", {name.lower(): value for name, value in stated.items()})


class TurnElsewhere(Turn):
    """A request's turn.

    Args:
        pace: The pace.
        line: The way to the coordinator's.
        number: What the line calls it.
    """

    def __init__(self, pace: Pace, line: WorkerChannel, number: int) -> None:
        super().__init__(pace, 0)
        self._line = line
        self._number = number

    def succeeded(self) -> None:
        """Note that it was answered."""
        self._line.note("succeeded", self._number)

    def refused(self, wait_s: float | None) -> None:
        """Note that it was refused because there are too many."""
        self._line.note("refused", self._number, wait_s)


class StopHere(Stop):
    """Stops a worker's part of a run; the coordinator counts what is under way.

    Args:
        line: The way to it.
    """

    def __init__(self, line: WorkerChannel) -> None:
        super().__init__()
        self._line = line

    @contextlib.contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """Count a request, until its answer is kept."""
        line, number = self._line, self._line.next_number()
        with super().request() as note_sent_here:

            def note_sent() -> None:
                note_sent_here()
                line.note("sent", number)

            line.note("begin_request", number)
            try:
                yield note_sent
            finally:
                line.note("leave", number)


class BudgetElsewhere(Budget):
    """The coordinator's budget.

    Args:
        line: The way to it.
    """

    def __init__(self, line: WorkerChannel) -> None:
        super().__init__()
        self._line = line

    def take(self, asked_ms: int) -> None:
        """Take a part of it, before anything is sent."""
        self._line.call("take", asked_ms)

    def give_back(self, unasked_ms: int) -> None:
        """Give back what was taken and not asked about, because the run is stopping."""
        self._line.note("give_back", unasked_ms)


def _named(target: Path | Elsewhere) -> Path | Elsewhere:
    """Return what the store calls a result, without what reads it: that cannot travel."""
    return replace(target, read=_unread) if isinstance(target, Elsewhere) else target


def _unread() -> bytes:
    raise UnreadError


def _remember(digests: dict[Hashable, bytes], key: Hashable, digest: bytes) -> None:
    if len(digests) >= _DIGESTS:
        digests.clear()
    digests[key] = digest
