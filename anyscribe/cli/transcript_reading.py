"""Transcripts that one has: files of many programs, standard input, and answers that are kept about a recording."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import MEDIA_EXTENSIONS, probe
from anyscribe.batch.names import extension_of
from anyscribe.errors import MissingExtraError, UsageError
from anyscribe.events import Notice
from anyscribe.formats import verbose_json
from anyscribe.formats.dialects import KNOWN
from anyscribe.formats.documents import read_transcript
from anyscribe.formats.encodings import decode_text
from anyscribe.languages import language_code
from anyscribe.sentence import Extra, Option, Sentence

if TYPE_CHECKING:
    from typing import TextIO

    from anyscribe.batch.sources import Source
    from anyscribe.events import Emit
    from anyscribe.timespan import Span
    from anyscribe.transcript import Transcript

_SLACK_MS: Final = 1_000
"""Pieces of a recording may end so much earlier than it."""


@dataclass(frozen=True, slots=True)
class FoundTranscript:
    """A transcript that was read.

    Args:
        transcript: What was said.
        is_subtitles: Whether its segments are the cues of subtitles.
        model: The model that transcribed; empty if it is not known.
        server: The server's address, without secrets; empty if it is not known.
        recording: The recording, if it is at hand.
        notice: What the user should know; empty if nothing.
    """

    transcript: Transcript
    is_subtitles: bool = False
    model: str = ""
    server: str = ""
    recording: Path | None = None
    notice: str = ""


class TranscriptReader:
    """Reads transcripts.

    Args:
        stdin: Standard input; None if it is closed.
        store: The file with kept answers; None for the usual one.
    """

    def __init__(self, stdin: TextIO | None, store: Path | None) -> None:
        self._stdin = stdin
        self._store = store

    def read(self, source: Source) -> FoundTranscript:
        """Read a transcript.

        Args:
            source: Its file, standard input, or a recording that was transcribed.

        Raises:
            UsageError: There is none, or it cannot be read.
        """
        path = Path(str(source.path))
        if not source.is_stdin and extension_of(path.name) in MEDIA_EXTENSIONS:
            return self._kept(path)
        content = self._content(path, is_stdin=source.is_stdin)
        decoded = decode_text(content)
        try:
            found = read_transcript(decoded.text, "" if source.is_stdin else path.suffix)
        except ValueError as error:
            raise UsageError(f"the transcript cannot be read: {error}", remedy="mend it, or get it again") from error
        if found is None:
            remedy = f"give subtitles (.srt, .vtt, .ass, .ttml), .ctm, or JSON of {KNOWN}"
            raise UsageError("it is no transcript with times in a known form", remedy=remedy)
        remarks = list(found.remarks)
        if not decoded.encoding.startswith("utf"):
            remarks.append(f"it is not UTF-8: it was read as {decoded.encoding}, so look at its letters")
        return FoundTranscript(found.transcript, is_subtitles=found.has_cues, notice="; ".join(remarks))

    def _content(self, path: Path, *, is_stdin: bool) -> bytes:
        if is_stdin:
            if self._stdin is None or self._stdin.isatty():
                state = "closed" if self._stdin is None else "a terminal"
                remedy = Sentence("pipe a transcript into {}", Option("standard_input"))
                raise UsageError(f"standard input (-) is {state}", remedy=remedy)
            return self._stdin.buffer.read()
        try:
            return path.read_bytes()
        except OSError as error:
            raise UsageError(f"it cannot be read ({error.strerror})", remedy="name a transcript") from error

    def _kept(self, path: Path) -> FoundTranscript:
        """Read what the store has about a recording."""
        from anyscribe.recording.kept import kept_transcript  # noqa: PLC0415 - loads SQLite
        from anyscribe.store import Store, StoreError, store_path  # noqa: PLC0415 - as above

        notices: list[str] = []
        try:
            where = self._store or store_path()
            if not where.exists():
                raise _nothing_kept()
            with contextlib.closing(Store(where, notices.append)) as store:
                kept = kept_transcript(store, path)
        except StoreError as error:
            remedy = Sentence("{} names another one", Option("store", "PATH"))
            raise UsageError(f"the store cannot be used ({error})", remedy=remedy) from error
        except OSError as error:
            raise UsageError(f"it cannot be read ({error.strerror})", remedy="name a recording") from error
        if kept is None:
            raise _nothing_kept()
        duration_ms = probe(path).duration_ms
        transcript = kept.transcript
        if transcript.duration_ms is None or kept.spans:
            transcript = replace(transcript, duration_ms=duration_ms or transcript.duration_ms)
        notices += _missing(kept.spans, duration_ms)
        return FoundTranscript(
            transcript, model=kept.model, server=kept.server, recording=path, notice="; ".join(notices)
        )


def with_times(found: FoundTranscript, emit: Emit, *, in_words: bool) -> Transcript:
    """Return a transcript; if it has no times, and its recording is at hand, its words are timed here.

    Args:
        found: What was read.
        emit: Takes events.
        in_words: Whether a time for every word is needed, or for anything.
    """
    transcript = found.transcript
    is_timed = transcript.words if in_words else transcript.words or transcript.segments
    if found.recording is None or is_timed or not transcript.text.strip():
        return transcript
    from anyscribe.api import align  # noqa: PLC0415 - few transcripts need it

    language = language_code(transcript.language) if transcript.language else None
    try:
        timed = align(found.recording, verbose_json.render(transcript), language=language, on_event=emit)
    except MissingExtraError:
        message = Sentence("its words can be timed with {}; now they are estimated", Extra("local"))
        emit(Notice(message, of_recording=True))
        return transcript
    return replace(timed, language=transcript.language, extra=transcript.extra)


def _missing(spans: tuple[Span, ...], duration_ms: int | None) -> list[str]:
    """Say which parts of a recording were not answered."""
    if not spans or duration_ms is None:
        return []
    is_whole = len(spans) == 1 and spans[0].start_ms == 0 and duration_ms - spans[0].end_ms <= _SLACK_MS
    return [] if is_whole else [f"only {', '.join(map(str, spans))} of it was transcribed"]


def _nothing_kept() -> UsageError:
    return UsageError("no answer about this recording is kept", remedy="transcribe it, or name a transcript")
