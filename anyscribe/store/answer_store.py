"""What the work on a recording needs of the store, wherever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from anyscribe.formats.excerpts import Excerpt
    from anyscribe.request import Granularity, ResponseFormat
    from anyscribe.store.store import Elsewhere, KeptAnswer, Question


class QuestionClaims(Protocol):
    """See `anyscribe.store.claims.Claims`."""

    def held(self, key: bytes, on_wait: Callable[[], None]) -> AbstractContextManager[None]:
        """Hold a claim; wait while somebody else holds it."""


class AnswerStore(Protocol):
    """See `anyscribe.store.Store`; all methods raise a `StoreError` if it cannot be used."""

    @property
    def claims(self) -> QuestionClaims:
        """The questions that are under way."""

    @property
    def has_old_answers(self) -> bool:
        """Whether there is anything that version 1 kept."""

    def digest_of_file(self, path: Path, *, is_remembered: bool = True) -> bytes:
        """Return the digest of a file's content."""

    def digest_of_version(self, address: str, version: str, size: int | None) -> bytes | None:
        """Return the digest of a file in a bucket or another place; None if this version was not read yet."""

    def note_version(self, address: str, version: str, size: int | None, digest: bytes) -> None:
        """Note the digest of a file in a bucket or another place."""

    def answers(
        self, recording: bytes, question: Question, asked: tuple[ResponseFormat, Sequence[Granularity]]
    ) -> list[KeptAnswer]:
        """Return what is kept."""

    def old_answers(self, recording: bytes) -> list[KeptAnswer]:
        """Return what version 1 kept of a recording."""

    def keep(
        self,
        recording: bytes,
        question: Question,
        asked: tuple[ResponseFormat, Sequence[Granularity]],
        kept: KeptAnswer,
        length_ms: int,
    ) -> None:
        """Keep an answer; when this returns, it is on disk."""

    def is_outdated(self, target: Path | Elsewhere, recipe: Callable[[], bytes], *, rendering: str) -> bool:
        """Return whether a file was written here, is unchanged since, and would look different."""

    def note_output(self, target: Path | Elsewhere, body: bytes, recipe: bytes, *, rendering: str) -> None:
        """Note that a file was written."""

    def note_check(
        self, path: Path | str, recording: bytes, found: Sequence[Excerpt], results: Sequence[Path | str]
    ) -> None:
        """Note what the check of a recording found."""

    def note_failure(self, path: Path | str, message: str) -> None:
        """Note that a recording failed."""

    def forget_failure(self, path: Path | str) -> None:
        """Note that a recording succeeded after all."""
