"""``anyscribe render``: a transcript that one has in any format; nothing is transcribed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Final

import typer

from anyscribe.batch.outputs import Suffix
from anyscribe.cli import options
from anyscribe.cli.cue_profiles import cues_of, has_given_limits
from anyscribe.cli.output_formats import outputs_of
from anyscribe.cli.parsing import read_granularities, read_time
from anyscribe.cli.precedence import destination_of
from anyscribe.cli.provenance import told_provenance
from anyscribe.cli.settings import setting_of
from anyscribe.cli.speakers import names_of
from anyscribe.errors import UsageError
from anyscribe.form import read_language
from anyscribe.formats import KARAOKE
from anyscribe.formats.frames import exact_rate
from anyscribe.recording.options import SpeakerMode, SpeakerOptions
from anyscribe.sentence import Field, Option, Sentence
from anyscribe.timespan import to_ms

_LONGEST_S: Final = 1e7


def render(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    transcripts: Annotated[
        list[str],
        typer.Argument(
            metavar="TRANSCRIPT...",
            help=".json of many programs, subtitles, .ctm, or recordings transcribed here; addresses too; - for stdin.",
            autocompletion=options.no_names,
            rich_help_panel=options.INPUT,
        ),
    ],
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="Leave out what is before: 90, 1:30.", rich_help_panel=options.INPUT
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="Leave out what is after.", rich_help_panel=options.INPUT),
    ] = None,
    offset: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Move all times; less than 0 is earlier.", rich_help_panel=options.INPUT),
    ] = 0,
    from_fps: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            min=1,
            max=1_000,
            help="Frame rate that the times are right for; they are stretched to --frame-rate.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    translate_with: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Transcript in a second language, which subtitles show below the first.",
            autocompletion=options.no_names,
            rich_help_panel=options.SUBTITLES,
        ),
    ] = None,
    formats: options.Formats = None,
    timestamp_granularities: options.TimestampGranularities = None,
    timestamps: options.Timestamps = False,
    provenance: options.Provenance = True,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write, or folder (out/); - is standard output.",
            autocompletion=options.no_names,
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    output_dir: Annotated[
        str | None,
        typer.Option(
            "--output-dir",
            "-d",
            metavar="DIR",
            help="Folder for results, instead of beside each transcript.",
            autocompletion=options.no_names,
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    suffix: Annotated[
        Suffix,
        typer.Option(
            case_sensitive=False,
            help="talk.srt (replace), talk.json.srt (full), or talk.en.srt (lang).",
            rich_help_panel=options.OUTPUT,
        ),
    ] = Suffix.REPLACE,
    overwrite: options.Overwrite = False,
    embed: options.Embed = False,
    karaoke: options.Karaoke = False,
    cues: options.Cues = None,
    max_line_chars: options.MaxLineChars = None,
    max_lines: options.MaxLines = None,
    min_cue_seconds: options.MinCueSeconds = None,
    max_cue_seconds: options.MaxCueSeconds = None,
    max_cps: options.MaxCps = None,
    frame_rate: options.FrameRate = None,
    speaker_names: options.SpeakerNames = None,
    speakers_file: options.SpeakersFile = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="File that keeps what was paid for. Default: in your data folder.",
            autocompletion=options.no_names,
            rich_help_panel=options.GENERAL,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="Of several answers kept about a recording: that of this model.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="That of this server.", rich_help_panel=options.INPUT)
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "-l",
            metavar="CODE",
            help="That in this language; also the language of a file that does not say it.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    translate: Annotated[
        bool | None,
        typer.Option(
            "--translate/--no-translate", help="The translation, or what was said.", rich_help_panel=options.INPUT
        ),
    ] = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> int:
    """Write transcripts that you have in any format: .json of many programs, subtitles, or answers that were kept.

    Cues of subtitles stay as they are; limits for cues make new ones. Nothing is sent.
    """
    ctx.obj.verbosity = verbose
    destination = destination_of(ctx, suffix, None)
    outputs = outputs_of(ctx, setting_of(ctx, "output", destination.output))
    shown_alone = [known for known in outputs if not known.is_subtitles or known is KARAOKE]
    if translate_with is not None and shown_alone:
        message = Sentence("{} is for subtitles, not {}", Option("translate_with"), str(shown_alone[0]))
        raise UsageError(message, remedy=Sentence("such as {}", Field("response_format", "srt")))
    start_ms, end_ms = read_time("from", start) or 0, read_time("to", end)
    if end_ms is not None and end_ms <= start_ms:
        message = Sentence("nothing is between {} and {}", Option("from", start or "0"), Option("to", end or "0"))
        raise UsageError(message, remedy="give a later end")
    from anyscribe.cli.kept_answers import AnswerChoice  # noqa: PLC0415 - loads SQLite
    from anyscribe.cli.rendering_run import RenderingRun  # noqa: PLC0415 - wrong flags do not need it
    from anyscribe.cli.transcript_changes import Changes  # noqa: PLC0415 - likewise

    return RenderingRun(
        inputs=tuple(transcripts),
        changes=Changes(
            start_ms=start_ms,
            end_ms=end_ms,
            speed=_speed(from_fps, frame_rate),
            offset_ms=_offset_ms(offset),
            speakers=SpeakerOptions(SpeakerMode.AUTO, names=names_of(ctx)),
            second=translate_with,
        ),
        outputs=outputs,
        destination=destination,
        cues=cues_of(ctx),
        makes_cues=has_given_limits(ctx, besides="frame_rate"),
        granularities=read_granularities(timestamp_granularities or []),
        provenance=told_provenance(ctx),
        store=Path(store) if store else None,
        choice=AnswerChoice(model, base_url, read_language(language), translate),
        quiet=quiet,
        invocation=ctx.obj,
    ).run()


def _speed(from_fps: float | None, frame_rate: float | None) -> Fraction:
    if from_fps is None:
        return Fraction(1)
    if frame_rate is None:
        message = Sentence("{} needs the other frame rate", Option("from_fps"))
        raise UsageError(message, remedy=Sentence("{} says it", Option("frame_rate", "23.976")))
    return exact_rate(from_fps) / exact_rate(frame_rate)


def _offset_ms(seconds: float) -> int:
    if not abs(seconds) <= _LONGEST_S:
        raise UsageError(Sentence("{} is too much", Option("offset", f"{seconds:g}")), remedy="give seconds")
    return to_ms(seconds)
