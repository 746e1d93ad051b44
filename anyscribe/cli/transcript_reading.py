"""Transcripts that one has: files of many programs, standard input, and answers that are kept about a recording."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import MEDIA_EXTENSIONS
from anyscribe.batch.names import extension_of
from anyscribe.cli.kept_answers import AnswerChoice, find_answer, on_this_machine
from anyscribe.errors import MissingExtraError, UsageError
from anyscribe.events import Notice
from anyscribe.formats import verbose_json
from anyscribe.formats.dialects import KNOWN
from anyscribe.formats.documents import read_transcript
from anyscribe.formats.encodings import decode_text
from anyscribe.languages import all_codes, language_code
from anyscribe.sentence import Extra, Option, Sentence, Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TextIO

    from anyscribe.batch.sources import Source
    from anyscribe.events import Emit
    from anyscribe.scratch import Scratch
    from anyscribe.transcript import Transcript

_CODE: Final = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
"""Of two letters, since many words of three are names of some language."""


@dataclass(frozen=True, slots=True)
class FoundTranscript:
    """A transcript that was read.

    Args:
        transcript: What was said.
        is_subtitles: Whether its segments are the cues of subtitles.
        model: The model that transcribed; empty if it is not known.
        server: The server's address, without secrets; empty if it is not known.
        recording: Has the recording on this machine for as long as its context lasts; None if it is not at hand.
        notices: What the user should know.
    """

    transcript: Transcript
    is_subtitles: bool = False
    model: str = ""
    server: str = ""
    recording: Callable[[], AbstractContextManager[Path]] | None = None
    notices: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class TranscriptReader:
    """Reads transcripts.

    Args:
        stdin: Standard input; None if it is closed.
        open_scratch: Returns where temporary files are kept.
        store: The file with kept answers; None for the usual one.
        choice: Which of several answers about a recording is meant; its language is also that of a transcript that says
            none.
    """

    stdin: TextIO | None
    open_scratch: Callable[[], Scratch]
    store: Path | None = None
    choice: AnswerChoice = field(default_factory=AnswerChoice)

    def read(self, source: Source) -> FoundTranscript:
        """Read a transcript.

        Args:
            source: Its file or address, standard input, or a recording that was transcribed.

        Raises:
            UsageError: There is none, or it cannot be read.
        """
        if not source.is_stdin and extension_of(source.path.name) in MEDIA_EXTENSIONS:
            return self._kept(source)
        named = self.choice.language or _named_language(source)
        decoded = decode_text(self._content(source), language_code(named) if named else None)
        try:
            found = read_transcript(decoded.text, "" if source.is_stdin else source.path.suffix)
        except ValueError as error:
            raise UsageError(f"the transcript cannot be read: {error}", remedy="mend it, or get it again") from error
        if found is None:
            from anyscribe.formats.json_documents import damage  # noqa: PLC0415 - loads msgspec

            if why := damage(decoded.text):
                raise UsageError(f"it is broken JSON ({why})", remedy="get it again, it may have been cut off")
            remedy = f"give subtitles (.srt, .vtt, .ass, .ttml, .sbv, .lrc), .tsv, .ctm, or JSON of {KNOWN}"
            raise UsageError("it is no transcript with times in a known form", remedy=remedy)
        notices: list[Text] = list(found.remarks)
        if not decoded.encoding.startswith("utf"):
            doubt = "" if decoded.is_sure else "perhaps wrongly "
            notices.append(f"it is not UTF-8: it was {doubt}read as {decoded.encoding}, so look at its letters")
        transcript = found.transcript
        language = self.choice.language or transcript.language or named
        transcript = replace(transcript, language=language)
        return FoundTranscript(transcript, is_subtitles=found.has_cues, notices=tuple(notices))

    def _content(self, source: Source) -> bytes:
        if source.is_stdin:
            if self.stdin is None or self.stdin.isatty():
                state = "closed" if self.stdin is None else "a terminal"
                remedy = Sentence("pipe a transcript into {}", Option("standard_input"))
                raise UsageError(f"standard input (-) is {state}", remedy=remedy)
            return self.stdin.buffer.read()
        try:
            if isinstance(source.path, Path):
                return source.path.read_bytes()
            from anyscribe.places.transfers import read_small  # noqa: PLC0415 - few runs need it

            return read_small(source.path)
        except OSError as error:
            raise UsageError(f"it cannot be read ({error.strerror})", remedy="name a transcript") from error

    def _kept(self, source: Source) -> FoundTranscript:
        """Read what the store has about a recording."""
        scratch = self.open_scratch()
        found = find_answer(source.path, self.store, self.choice, scratch)
        return FoundTranscript(
            found.transcript,
            model=found.model,
            server=found.server,
            recording=partial(on_this_machine, source.path, scratch),
            notices=found.notices,
        )


def _named_language(source: Source) -> str | None:
    """Return the language that the name of a file ends with, as in ``talk.en.srt``; None if there is none."""
    stem = source.path.name.removesuffix(source.path.suffix)
    _, dot, code = stem.rpartition(".")
    language = language_code(code) if dot and _CODE.fullmatch(code) else None
    return language if language in all_codes() else None


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
        with found.recording() as recording:
            timed = align(recording, verbose_json.render(transcript), language=language, on_event=emit)
    except MissingExtraError:
        message = Sentence("its words can be timed with {}; now they are estimated", Extra("local"))
        emit(Notice(message, of_recording=True))
        return transcript
    return replace(timed, language=transcript.language, extra=transcript.extra)
