"""From one recording to its files: transcribe it, render the result, write what is wanted of it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from anyscribe.batch.job_events import JobEvent, JobStarted, JobTranscribed
from anyscribe.batch.ledger import Ledger
from anyscribe.batch.outputs import present, with_language
from anyscribe.batch.writing import AppearedError, is_there, write_whole
from anyscribe.events import Notice
from anyscribe.formats import Content
from anyscribe.languages import language_code
from anyscribe.rendering import render_outputs
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    from anyscribe.batch.outputs import Job
    from anyscribe.batch.sources import Source
    from anyscribe.events import Emit, Event
    from anyscribe.formats import OutputFormat
    from anyscribe.places import Location, RemoteFile
    from anyscribe.recording.own_fields import OwnFields
    from anyscribe.rendering import PlannedOutput, RenderOptions
    from anyscribe.result import Result


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a recording.

    Args:
        stdout: Its document for standard output; None if none is wanted.
        written: The files that were written.
        kept: The files that were there and stay.
        sound_ms: How long the recording is, as far as that is known, in milliseconds.
    """

    stdout: bytes | None = None
    written: tuple[Location, ...] = ()
    kept: tuple[Location, ...] = ()
    sound_ms: int = 0


class Maker(Protocol):
    """Makes the results of recordings, in this process or elsewhere; called from several threads at once."""

    def make(self, job: Job, emit: Emit) -> Made:
        """Make and write the results of one recording.

        Args:
            job: The recording, and where its results are written.
            emit: Takes `JobStarted`, then `JobEvent`, then `JobTranscribed`.

        Returns:
            What was made. A file that appeared meanwhile stays, and that is no failure.

        Raises:
            AnyscribeError: There is no result.
            StoppedError: The run is stopping.
        """


class Transcribes(Protocol):
    """What a maker needs of a transcriber."""

    def for_recording(self, own: OwnFields | None) -> Transcribes:
        """See `anyscribe.recording.transcriber.Transcriber.for_recording`."""

    def transcribe(
        self, path: Path, emit: Emit, *, name: str | None = None, before: Callable[[], None] | None = None
    ) -> Result:
        """See `anyscribe.recording.transcriber.Transcriber.transcribe`."""


class _AllThereError(Exception):
    """All results of a recording have appeared meanwhile."""


@dataclass(frozen=True, slots=True)
class MakerHere:
    """Makes the results in this process.

    Args:
        transcriber: Transcribes.
        outputs: The documents to make of each result.
        render_options: How they are made; the title is the recording's name, if it has one.
        ledger: Knows which files are the program's own.
        spooled: The files that streams are copied to; a job waits until its own is complete.
        fetch: Copies a recording from elsewhere to this machine, for as long as its context lasts.
        played: What pages play if that is not the source of their job; a stream stands for nothing.
    """

    transcriber: Transcribes
    outputs: Sequence[PlannedOutput]
    render_options: RenderOptions
    ledger: Ledger = field(default_factory=Ledger)
    spooled: Mapping[Source, Future[Path]] = field(default_factory=dict)
    fetch: Callable[[RemoteFile], AbstractContextManager[Path]] | None = None
    played: Source | None = None

    def make(self, job: Job, emit: Emit) -> Made:
        """See `Maker.make`."""
        emit(JobStarted(job))

        def emit_inner(event: Event) -> None:
            emit(JobEvent(job, event))

        def check() -> None:
            if not self._is_wanted(job):
                raise _AllThereError

        try:
            check()
            result = self.transcribe(job.source, emit_inner, check)
        except _AllThereError:
            return Made(kept=tuple(_present(job, target) for target in job.targets.values() if target is not None))
        documents = self.render(result, job, emit_inner)
        # Here too: what is written then may have to wait for others.
        emit(JobTranscribed(job, result.findings))
        made = self._written(job, documents, _language_to_add(job, result, emit_inner))
        self.ledger.note_check(job.source, result.transcript, (*job.kept, *made.written, *made.kept))
        return replace(made, sound_ms=result.transcript.duration_ms or 0)

    def transcribe(self, source: Source, emit: Emit, check: Callable[[], None]) -> Result:
        """Transcribe a recording; ``check`` is called once it is known that nobody else is doing so."""
        transcriber = self.transcriber.for_recording(source.own)
        with self._local(source) as path:
            return transcriber.transcribe(path, emit, name=source.filename, before=check)

    def _local(self, source: Source) -> AbstractContextManager[Path]:
        """Return a recording's file on this machine."""
        if source in self.spooled:
            return contextlib.nullcontext(self.spooled[source].result())
        if isinstance(source.path, Path):
            return contextlib.nullcontext(source.path)
        assert self.fetch is not None  # noqa: S101 - whoever finds recordings elsewhere knows how to fetch them
        return self.fetch(source.path)

    def render(self, result: Result, job: Job, emit: Emit) -> Mapping[OutputFormat, bytes]:
        """Render a result in the formats of its job."""
        wanted = (output for output in self.outputs if output.format in job.targets)
        metadata = replace(self.render_options.metadata, title=job.source.title, media=self._media(job, emit))
        if metadata.provenance is not None:
            today = datetime.now().astimezone().date().isoformat()
            metadata = replace(metadata, provenance=replace(metadata.provenance, date=today))
        return render_outputs(result, wanted, replace(self.render_options, metadata=metadata), emit)

    def _media(self, job: Job, emit: Emit) -> str:
        """Return how the page of a recording names it; empty without a page."""
        pages = [target for output, target in job.targets.items() if output.content is Content.READING]
        if not pages:
            return ""
        from anyscribe.batch.media_links import embedded, media_link  # noqa: PLC0415 - few runs make pages

        source = self.played or job.source
        if self.played is not None and self.played.stream:
            return ""
        sound = embedded(source, self._local, emit) if self.render_options.embeds_sound else ""
        return sound or media_link(source, pages[0])

    def _is_wanted(self, job: Job) -> bool:
        """Return whether a file is not there, or may be replaced."""
        return any(
            target is None
            or not self.ledger.is_kept(job.source, output, _present(job, target), overwrite=job.overwrite)
            for output, target in job.targets.items()
        )

    def _written(self, job: Job, documents: Mapping[OutputFormat, bytes], language: str | None) -> Made:
        """Write a recording's results; a file that appeared meanwhile stays, and that is no failure."""
        written: list[Location] = []
        kept: list[Location] = []
        for output, planned in job.targets.items():
            if planned is None:
                continue
            target = with_language(planned, language) if language else planned
            body = documents[output]
            replaces = job.overwrite or is_there(target)
            if self.ledger.is_kept(job.source, output, target, overwrite=job.overwrite):
                kept.append(target)
                continue
            try:
                write_whole(target, body, overwrite=replaces)
            except AppearedError:
                kept.append(target)
                continue
            self.ledger.note(job.source, output, target, body)
            written.append(target)
        shown = job.stdout_format
        return Made(None if shown is None else documents[shown], tuple(written), tuple(kept))


def _present(job: Job, target: Location) -> Location:
    return present(target, in_any_language=job.is_language_added)


def _language_to_add(job: Job, result: Result, emit: Emit) -> str | None:
    """Return the code of a result's language if it is wanted in the names of files."""
    if not job.is_language_added:
        return None
    transcript = result.transcript
    language = language_code(transcript.language) if transcript.language else None
    if language is None:
        from anyscribe.alignment.ctc.detection import language_of  # noqa: PLC0415 - seldom needed

        language = language_of(transcript.text)
    if language is None:
        message = Sentence(
            "its language is not known, and not in the name of its file; {} names it", Option("language")
        )
        emit(Notice(message, of_recording=True))
    return language
