"""Which of the answers that are kept about a recording is meant."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import probe
from anyscribe.cli.provenance import without_secrets
from anyscribe.errors import AudioError, UsageError
from anyscribe.languages import language_code
from anyscribe.recording.kept import KeptTranscript, kept_transcripts
from anyscribe.sentence import Option, Sentence, Text
from anyscribe.store import Store, StoreError, store_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.places import Location
    from anyscribe.scratch import Scratch
    from anyscribe.timespan import Span
    from anyscribe.transcript import Transcript

_SLACK_MS: Final = 1_000
"""Pieces of a recording may end so much earlier than it."""


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """What is said about the answer that is wanted; None says nothing.

    Args:
        model: The model that was asked for.
        server: Its server's address.
        language: The language that was named or heard.
        is_translated: Whether it is a translation.
    """

    model: str | None = None
    server: str | None = None
    language: str | None = None
    is_translated: bool | None = None

    def allows(self, kept: KeptTranscript) -> bool:
        """Return whether an answer may be the one that is wanted.

        Args:
            kept: The answer.
        """
        wanted = language_code(self.language) or self.language if self.language else None
        return (
            self.model in (None, kept.model)
            and (self.server is None or _place(self.server) == _place(kept.server))
            and wanted in (None, kept.language)
            and self.is_translated in (None, kept.is_translated)
        )


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """An answer that was found.

    Args:
        transcript: What was said.
        model: The model; empty for the server's own choice.
        server: The server's address.
        notices: What the user should know.
    """

    transcript: Transcript
    model: str
    server: str
    notices: tuple[Text, ...]


def find_answer(recording: Location, where: Path | None, choice: AnswerChoice, scratch: Scratch) -> FoundAnswer:
    """Find what is kept about a recording: of several answers that are allowed the last one.

    Args:
        recording: Its file or address.
        where: The file of the store; None for the usual one.
        choice: What is said about the answer.
        scratch: Provides a folder for a recording from elsewhere.

    Raises:
        UsageError: There is none, or the recording or the store cannot be read.
    """
    notices: list[str] = []
    try:
        where = where or store_path()
        if not where.exists():
            raise _nothing_kept()
        with contextlib.closing(Store(where, notices.append)) as store:
            digest, duration_ms = _looked_at(recording, store, scratch)
            all_kept = kept_transcripts(store, digest)
    except StoreError as error:
        remedy = Sentence("{} names another one", Option("store", "PATH"))
        raise UsageError(f"the store cannot be used ({error})", remedy=remedy) from error
    except OSError as error:
        raise UsageError(f"it cannot be read ({error.strerror})", remedy="name a recording") from error
    if not all_kept:
        raise _nothing_kept()
    allowed = [kept for kept in all_kept if choice.allows(kept)]
    if not allowed:
        raise UsageError("no such answer about it is kept", remedy=f"there are: {_listed(all_kept)}")
    kept = allowed[0]
    told: list[Text] = [*notices, *_missing(kept.spans, duration_ms)]
    if len(allowed) > 1:
        told.append(
            Sentence(
                "this is the last answer about it, {}; also kept: {} ({}, {} and {} choose)",
                _named(kept),
                _listed(allowed[1:]),
                Option("model"),
                Option("base_url"),
                Option("language"),
            )
        )
    transcript = kept.transcript
    if transcript.duration_ms is None or kept.spans:
        transcript = replace(transcript, duration_ms=duration_ms or transcript.duration_ms)
    return FoundAnswer(transcript, kept.model, kept.server, tuple(told))


@contextlib.contextmanager
def on_this_machine(recording: Location, scratch: Scratch) -> Iterator[Path]:
    """Have a recording on this machine for as long as the context lasts.

    Args:
        recording: Its file or address.
        scratch: Provides a folder for a copy.
    """
    if isinstance(recording, Path):
        yield recording
        return
    from anyscribe.batch.fetching import fetched  # noqa: PLC0415 - few runs need it

    with fetched(recording, scratch=scratch, store=None) as path:
        yield path


def _looked_at(recording: Location, store: Store, scratch: Scratch) -> tuple[bytes, int | None]:
    """Return the digest of a recording, and its length in milliseconds if that is known without copying it."""
    if isinstance(recording, Path):
        return store.digest_of_file(recording), probe(recording).duration_ms
    found = recording.system.look_at(recording)
    if found is None:
        raise AudioError("there is no such file", remedy="check the address")
    state = found.state
    known = store.digest_of_version(found.identity, state.version, state.size) if state.version else None
    if known is not None:
        return known, None
    from anyscribe.batch.fetching import fetched  # noqa: PLC0415 - few runs need it

    with fetched(found, scratch=scratch, store=store) as path:
        return store.digest_of_file(path, is_remembered=False), probe(path).duration_ms


def _listed(all_kept: Sequence[KeptTranscript]) -> str:
    return ", ".join(dict.fromkeys(map(_named, all_kept)))


def _named(kept: KeptTranscript) -> str:
    """Name an answer by what may tell it from others."""
    kind = "translation, " if kept.is_translated else ""
    return f"{kept.model or 'the usual model'} at {_place(kept.server)} ({kind}{kept.language or 'any language'})"


def _place(server: str) -> str:
    return without_secrets(server).rstrip("/")


def _missing(spans: tuple[Span, ...], duration_ms: int | None) -> list[str]:
    """Say which parts of a recording were not answered."""
    if not spans or duration_ms is None:
        return []
    is_whole = len(spans) == 1 and spans[0].start_ms == 0 and duration_ms - spans[0].end_ms <= _SLACK_MS
    return [] if is_whole else [f"only {', '.join(map(str, spans))} of it was transcribed"]


def _nothing_kept() -> UsageError:
    return UsageError("no answer about this recording is kept", remedy="transcribe it, or name a transcript")
