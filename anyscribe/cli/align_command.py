"""``anyscribe align``: when each word of a text that one has is said in a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anyscribe.batch.outputs import Destination, choose_formats, location_of, shown_location
from anyscribe.cli import options
from anyscribe.cli.cue_profiles import cues_of, has_given_limits
from anyscribe.cli.parsing import read_formats, read_granularities
from anyscribe.cli.speakers import speakers_of
from anyscribe.config import KnownText, Origin, Setting
from anyscribe.errors import UsageError
from anyscribe.form import read_language
from anyscribe.formats import OUTPUT_FORMATS, formats_of_file
from anyscribe.recording.options import RecordingOptions, SpeakerMode, read_track
from anyscribe.recording.retiming import choose_retiming, has_cues
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from typing import TextIO

    from anyscribe.formats import OutputFormat
    from anyscribe.places import Location
    from anyscribe.transcript import Transcript

_STDIN = "-"


def align(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    recording: Annotated[
        str,
        typer.Argument(
            metavar="RECORDING",
            help="The recording, its address, or - for standard input.",
            autocompletion=options.no_names,
            rich_help_panel=options.INPUT,
        ),
    ],
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="What is said in it: .txt, .md, .srt, .vtt or .json, its address, or - for standard input.",
            autocompletion=options.no_names,
            rich_help_panel=options.INPUT,
        ),
    ],
    track: options.Track = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "-l",
            metavar="CODE",
            help="Language of the text: en, de, ja; names and tags too. Default: detected.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    only_shift: Annotated[
        bool,
        typer.Option(
            "--only-shift",
            help="Move all cues alike: one offset and one speed are found.",
            rich_help_panel=options.SUBTITLES,
        ),
    ] = False,
    cues: options.Cues = None,
    max_line_chars: options.MaxLineChars = None,
    max_lines: options.MaxLines = None,
    min_cue_seconds: options.MinCueSeconds = None,
    max_cue_seconds: options.MaxCueSeconds = None,
    max_cps: options.MaxCps = None,
    frame_rate: options.FrameRate = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"{', '.join(OUTPUT_FORMATS)}. Default: by --output, or that of subtitles given, or srt.",
            autocompletion=lambda: list(OUTPUT_FORMATS),
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    timestamp_granularities: options.TimestampGranularities = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write, or its address; - is standard output, the default.",
            autocompletion=options.no_names,
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing file.", rich_help_panel=options.OUTPUT)
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit 7 if text and recording do not match.", rich_help_panel=options.OUTPUT),
    ] = False,
    speakers: options.Speakers = SpeakerMode.AUTO,
    min_speakers: options.MinSpeakers = None,
    max_speakers: options.MaxSpeakers = None,
    speakers_model: options.SpeakersModel = None,
    speaker_names: options.SpeakerNames = None,
    speakers_file: options.SpeakersFile = None,
    voices: options.Voices = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> int:
    """Find out when each word of a text is said in a recording: subtitles or word times, with no server and no engine.

    The cues of .srt and .vtt keep their text and line breaks and get new times; limits for cues make new ones.
    """
    ctx.obj.verbosity = verbose
    if recording == text == _STDIN:
        raise UsageError("standard input cannot be both the recording and the text", remedy="name a file for one")
    script = _read(text, ctx.obj.stdin)
    makes_cues = has_given_limits(ctx)
    if makes_cues and only_shift:
        message = Sentence("{} keeps the cues, and limits for cues make new ones", Option("only_shift"))
        raise UsageError(message, remedy="leave out one of them")
    keeps_cues = has_cues(script) and not makes_cues
    retiming = None if makes_cues else choose_retiming(script, only_shift=only_shift)
    wanted = _formats(read_formats(formats or []), output, text, keeps_cues=has_cues(script))
    recording_options = RecordingOptions(
        track=read_track(track),
        align=True,
        is_checked=True,
        keeps_cues=keeps_cues,
        adjust=retiming,
        speakers=speakers_of(ctx, (SpeakerMode.AUTO, SpeakerMode.LOCAL, SpeakerMode.NO)),
        cues=cues_of(ctx),
    )
    request = TranscriptionRequest(
        response_format=ResponseFormat.JSON,
        language=read_language(language),
        timestamp_granularities=read_granularities(timestamp_granularities or []),
    )
    # What does the work takes time to load; --help and wrong flags do not need it.
    from anyscribe.alignment.registry import Aligners  # noqa: PLC0415
    from anyscribe.batch.input_set import InputSet  # noqa: PLC0415
    from anyscribe.cli.transcription import TranscriptionRun  # noqa: PLC0415
    from anyscribe.recording.budget import Limits  # noqa: PLC0415
    from anyscribe.session import Network  # noqa: PLC0415

    Aligners().require()
    return TranscriptionRun(
        place=KnownText(script),
        request=request,
        options=recording_options,
        network=Network(),
        inputs=InputSet(typed=(recording,)),
        outputs=wanted,
        destination=Destination(output or _STDIN, overwrite=overwrite),
        jobs=None,
        grace_s=0,
        limits=Limits(),
        is_dry=False,
        store=False,
        quiet=quiet,
        strict=strict,
        invocation=ctx.obj,
    ).run()


def _formats(
    named: tuple[OutputFormat, ...], output: str | None, text: str, *, keeps_cues: bool
) -> tuple[OutputFormat, ...]:
    """Choose the format: as named, by the file to write, as the subtitles that were given, or SubRip."""
    if len(named) > 1:
        raise UsageError(Sentence("{} takes one format here", Option("format")), remedy="ask for one of them")
    if not named and not formats_of_file(location_of(output or "").name):
        given = formats_of_file(location_of(text).name) if keeps_cues else ()
        is_subtitles = bool(given) and given[0].is_subtitles
        return given[:1] if is_subtitles else (OUTPUT_FORMATS["srt"],)
    return choose_formats(Setting(named, Origin.GIVEN), Setting(output, Origin.GIVEN))


def _read(name: str, stdin: TextIO | None) -> Transcript:
    """Read the text."""
    from anyscribe.formats.documents import read_document  # noqa: PLC0415 - not needed for --help
    from anyscribe.formats.encodings import decode_text  # noqa: PLC0415 - likewise

    shown = "standard input" if name == _STDIN else shown_location(name)
    location = location_of(name)
    try:
        content = (b"" if stdin is None else stdin.buffer.read()) if name == _STDIN else _content(location)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read ({error.strerror})", remedy="name a file with the text") from error
    try:
        return read_document(decode_text(content).text, location.suffix)
    except UsageError as error:
        raise UsageError(Sentence("{}: {}", shown, error.message), remedy=error.remedy) from error


def _content(location: Location) -> bytes:
    if isinstance(location, Path):
        return location.read_bytes()
    from anyscribe.places.transfers import read_small  # noqa: PLC0415 - few runs need it

    return read_small(location)
