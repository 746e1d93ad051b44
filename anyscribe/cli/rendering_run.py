"""One run of ``anyscribe render``: transcripts are read, changed and written."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import MEDIA_EXTENSIONS
from anyscribe.batch.fetching import fetched
from anyscribe.batch.inputs import STDIN_NAMES, address_in, plain_path, shared_systems
from anyscribe.batch.job_runner import JobSteps, Report, run_jobs
from anyscribe.batch.making import MakerHere
from anyscribe.batch.names import extension_of
from anyscribe.batch.outputs import plan_jobs
from anyscribe.batch.sources import STDIN, Source
from anyscribe.cli.exit_codes import code_of_run
from anyscribe.cli.messages import name_of
from anyscribe.cli.provenance import without_secrets
from anyscribe.cli.stdout import check_stdout, stdout_writer
from anyscribe.cli.summary import Summary
from anyscribe.cli.transcript_reading import TranscriptReader, with_times
from anyscribe.errors import AnyscribeError, UsageError
from anyscribe.events import Notice
from anyscribe.formats import Metadata
from anyscribe.recording.options import SpeakerOptions
from anyscribe.rendering import PlannedOutput, RenderOptions
from anyscribe.result import Result
from anyscribe.sentence import Option, Sentence
from anyscribe.session import open_threads
from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.named_turns import to_named_cues
from anyscribe.subtitles.profile import DEFAULT_PROFILE
from anyscribe.subtitles.second_language import with_second_language
from anyscribe.terminal.capability import can_erase
from anyscribe.terminal.colors import color_choice
from anyscribe.terminal.display import Display, DisplayOptions
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.batch.making import Made
    from anyscribe.batch.outputs import Destination, Job
    from anyscribe.cli.invocation import Invocation
    from anyscribe.cli.kept_answers import AnswerChoice
    from anyscribe.cli.transcript_changes import Changes
    from anyscribe.cli.transcript_reading import FoundTranscript
    from anyscribe.events import Emit
    from anyscribe.formats import OutputFormat, Provenance
    from anyscribe.places import FileSystems
    from anyscribe.recording.own_fields import OwnFields
    from anyscribe.request import Granularity
    from anyscribe.subtitles.profile import CueProfile

_STDIN_NAME: Final = Path("stdin")
_NOTHING: Final = Source(_STDIN_NAME, _STDIN_NAME, stream=STDIN)
"""A page plays no stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingRun:
    """What the user wants, each value read and found to be legal.

    Args:
        inputs: The transcripts, as typed.
        changes: What is changed about them.
        outputs: The formats.
        destination: Where results are written.
        cues: The limits of cues; None for the default ones.
        makes_cues: Whether cues are made anew also of subtitles.
        granularities: Which times ``verbose_json`` holds.
        provenance: What documents tell of how they were made, as far as flags say it; None to tell nothing.
        store: The file with kept answers; None for the usual one.
        choice: Which of several answers about a recording is meant.
        quiet: Whether only errors are shown.
        invocation: What the process gives the run.
    """

    inputs: tuple[str, ...]
    changes: Changes
    outputs: tuple[OutputFormat, ...]
    destination: Destination
    cues: CueProfile | None
    makes_cues: bool
    granularities: tuple[Granularity, ...]
    provenance: Provenance | None
    store: Path | None
    choice: AnswerChoice
    quiet: bool
    invocation: Invocation

    def keeps_cues(self, found: FoundTranscript) -> bool:
        """Return whether the segments of a transcript are cues that stay as they are.

        Args:
            found: The transcript.
        """
        return found.is_subtitles and not self.makes_cues and bool(found.transcript.segments)

    def run(self) -> int:
        """Write the documents.

        Returns:
            The exit code; each failure has been shown.

        Raises:
            UsageError: What is wanted is impossible; nothing was read.
            OutputError: Results cannot go to standard output.
        """
        second = self.changes.second
        if second is not None and len(self.inputs) > 1:
            message = Sentence("{} goes with one transcript", Option("translate_with"))
            raise UsageError(message, remedy="give them one by one")
        if sum(name in STDIN_NAMES for name in (*self.inputs, second)) > 1:
            raise UsageError("standard input cannot be read twice", remedy="name a file")
        systems: list[FileSystems] = []
        sources = [source for name in self.inputs for source in _sources(name, systems)]
        translation = None if second is None else _source(second, systems)
        is_single = len(self.inputs) == len(sources) == 1
        jobs = plan_jobs(sources, self.outputs, self.destination, single=is_single)
        invocation = self.invocation
        check_stdout(jobs, invocation.stdout)
        options = DisplayOptions(
            quiet=self.quiet,
            verbosity=invocation.verbosity,
            is_colored=color_choice(invocation.environ),
            can_erase=can_erase(invocation.environ),
            name_of=name_of,
        )
        output = StandardOutput(invocation.stdout)
        began_s = time.monotonic()
        with contextlib.ExitStack() as stack:
            display = Display(invocation.stderr, options, jobs=jobs)
            stack.callback(display.close)
            reader = TranscriptReader(invocation.stdin, invocation.open_scratch, self.store, self.choice)
            executor = stack.enter_context(open_threads(1))
            steps = JobSteps(
                _Maker(self, reader, translation), stdout_writer(display, output, has_headings=len(jobs) > 1)
            )
            report = Report()
            run_jobs(jobs, steps, executor=executor, emit=display.emit, report=report)
            display.close()
            Summary(report, len(jobs), None, time.monotonic() - began_s).show(display)
            return code_of_run(report)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the documents of transcripts.

    Args:
        run: What the user wants.
        reader: Reads transcripts.
        translation: The transcript in a second language; None for none.
    """

    run: RenderingRun
    reader: TranscriptReader
    translation: Source | None

    def make(self, job: Job, emit: Emit) -> Made:
        """See `anyscribe.batch.making.Maker.make`."""
        run = self.run
        found = self.reader.read(job.source)
        second = None if self.translation is None else self._second(self.translation)
        told = run.provenance
        if told is not None:
            told = replace(told, model=found.model, server=without_secrets(found.server))
        options = RenderOptions(
            run.cues,
            run.granularities,
            Metadata(provenance=told),
            keeps_cues=run.keeps_cues(found) or second is not None,
            has_paragraphs=True,
            embeds_sound=run.destination.embeds_sound,
        )
        maker = MakerHere(
            _Reading(run, found, second),
            tuple(PlannedOutput(output) for output in run.outputs),
            options,
            # What is transcribed is here already.
            spooled={job.source: _at_once(Path(job.source.path.name))},
            fetch=partial(fetched, scratch=run.invocation.open_scratch(), store=None),
            played=_recording_of(job.source),
        )
        return maker.make(job, emit)

    def _second(self, translation: Source) -> FoundTranscript:
        """Read the second language, of which `--language` says nothing."""
        choice = replace(self.reader.choice, language=None)
        try:
            return replace(self.reader, choice=choice).read(translation)
        except AnyscribeError as error:
            raise UsageError(Sentence("{}: {}", translation.shown, error.message), remedy=error.remedy) from error


@dataclass(frozen=True, slots=True)
class _Reading:
    """Stands in for a transcriber: the transcript is there.

    Args:
        run: What the user wants.
        found: The transcript.
        second: The one in a second language; None for none.
    """

    run: RenderingRun
    found: FoundTranscript
    second: FoundTranscript | None

    def for_recording(self, own: OwnFields | None) -> _Reading:  # noqa: ARG002 - no transcript has fields of its own
        """Return this."""
        return self

    def transcribe(
        self,
        path: Path,  # noqa: ARG002 - it was read
        emit: Emit,
        *,
        name: str | None = None,  # noqa: ARG002 - likewise
        before: Callable[[], None] | None = None,
    ) -> Result:
        """Return the transcript with all changes."""
        if before is not None:
            before()
        for notice in self.found.notices:
            emit(Notice(notice, of_recording=True))
        if self.second is not None:
            for notice in self.second.notices:
                emit(Notice(Sentence("in the second language, {}", notice), of_recording=True))
        run = self.run
        transcript = self.found.transcript
        if any(output.is_timed for output in run.outputs):
            in_words = any(output.needs_words for output in run.outputs)
            transcript = with_times(self.found, emit, in_words=in_words)
        transcript = run.changes.made_to(transcript, emit)
        if self.second is None:
            return Result(transcript)
        moved_alike = replace(run.changes, speakers=SpeakerOptions()).made_to(self.second.transcript, emit)
        profile = self.run.cues or DEFAULT_PROFILE
        # Each language has a part of the lines.
        each = replace(profile, max_lines=max(1, profile.max_lines // 2))
        makes = to_named_cues if any(output.names_speakers for output in run.outputs) else to_cues
        first = transcript if run.keeps_cues(self.found) else makes(transcript, each)
        second = moved_alike if run.keeps_cues(self.second) else to_cues(moved_alike, profile)
        return Result(with_second_language(first, second, profile))


def _sources(name: str, systems: list[FileSystems]) -> list[Source]:
    """Return what was named; a pattern in an address, which no shell expands, stands for all that it matches."""
    address = address_in(plain_path(name))
    if address is None:
        return [_source(name, systems)]
    from anyscribe.batch.remote_inputs import find_remote, is_remote_glob  # noqa: PLC0415 - few runs need it

    if not is_remote_glob(address):
        return [_source(name, systems)]
    return list(find_remote(address, shared_systems(systems), recursive=False, pass_over=lambda _: None))


def _source(name: str, systems: list[FileSystems]) -> Source:
    """Return what was named: standard input, a file, or an address."""
    if name in STDIN_NAMES:
        return Source(_STDIN_NAME, _STDIN_NAME, stream=STDIN, label="standard input")
    name = plain_path(name)
    address = address_in(name)
    if address is None:
        path = Path(name)
        return Source(path, Path(path.name))
    from anyscribe.places import check_address  # noqa: PLC0415 - few runs need it

    check_address(address)
    file = shared_systems(systems).file(address)
    return Source(file, Path(file.name))


def _recording_of(source: Source) -> Source:
    """Return the recording that a page plays: one beside the transcript with its name; a stream if there is none."""
    path = source.path
    if not isinstance(path, Path):
        return source if extension_of(path.name) in MEDIA_EXTENSIONS else _NOTHING
    if not source.stream:
        names = (path.name, *(f"{source.title}.{extension}" for extension in sorted(MEDIA_EXTENSIONS)))
        for beside in map(path.with_name, names):
            if extension_of(beside.name) in MEDIA_EXTENSIONS and beside.is_file():
                return Source(beside, Path(beside.name))
    return _NOTHING


def _at_once(path: Path) -> Future[Path]:
    future: Future[Path] = Future()
    future.set_result(path)
    return future
