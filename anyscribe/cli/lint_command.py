"""``anyscribe lint``: whether subtitles keep to a publisher's rules, and what can be mended."""

from __future__ import annotations

from typing import Annotated

import typer

from anyscribe.cli import options
from anyscribe.cli.cue_profiles import profile_of
from anyscribe.cli.parsing import read_list
from anyscribe.errors import OptionError, UsageError
from anyscribe.form import read_language
from anyscribe.recording.options import read_track
from anyscribe.sentence import Option, Sentence


def lint(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBS... [RECORDING]...",
            help="Subtitles (.srt, .vtt, .ass, .ttml) or folders of them; recordings check those of the same name.",
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
            help="Language of the text. Default: as the file or its name says (film.de.srt), or detected.",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    cues: options.Cues = None,
    max_line_chars: options.MaxLineChars = None,
    max_lines: options.MaxLines = None,
    min_cue_seconds: options.MinCueSeconds = None,
    max_cue_seconds: options.MaxCueSeconds = None,
    max_cps: options.MaxCps = None,
    frame_rate: options.FrameRate = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULES", help="Only these rules, as speed,overlap. Default: all.", rich_help_panel=options.SUBTITLES
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="RULES", help="Not these rules.", rich_help_panel=options.SUBTITLES),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Mend the files as far as no word has to change.", rich_help_panel=options.OUTPUT),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write one JSON object.", rich_help_panel=options.OUTPUT)
    ] = False,
    github: Annotated[
        bool, typer.Option("--github", help="Write annotations for GitHub Actions.", rich_help_panel=options.OUTPUT)
    ] = False,
    statistics: Annotated[
        bool,
        typer.Option("--statistics", help="Count the findings of each rule.", rich_help_panel=options.OUTPUT),
    ] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> int:
    """Judge subtitles of anybody by a publisher's rules, and mend what needs no other words.

    With a recording, cues are also compared with the voice and with the cuts of the picture. Several recordings are
    paired with the subtitles whose names begin with theirs; a single one goes with a single file of any name. Exits 8
    if something is found, or left after --fix.
    """
    ctx.obj.verbosity = verbose
    if as_json + github + statistics > 1:
        message = Sentence("{}, {} and {} exclude each other", Option("json"), Option("github"), Option("statistics"))
        raise UsageError(message, remedy="choose one")
    code, wanted = read_language(language), _rules(select or [], ignore or [])
    profile = profile_of(ctx)
    from anyscribe.cli.lint_reports import Style  # noqa: PLC0415 - --help needs none of these
    from anyscribe.cli.lint_run import LintRun  # noqa: PLC0415
    from anyscribe.subtitles.profiles import PROFILES  # noqa: PLC0415

    return LintRun(
        profile or PROFILES["anyscribe"],
        has_frame_rate=frame_rate is not None,
        language=code,
        track=read_track(track),
        wanted=wanted,
        fixes=fix,
        style=Style.JSON if as_json else Style.GITHUB if github else Style.COUNTS if statistics else Style.LINES,
        is_quiet=quiet,
        invocation=ctx.obj,
    ).run(inputs)


def _rules(select: list[str], ignore: list[str]) -> frozenset[str]:
    """Return the names of the rules that count."""
    from anyscribe.lint.rules import NAMES  # noqa: PLC0415 - not needed for --help

    chosen = read_list("select", select) or list(NAMES)
    for option, names in (("select", chosen), ("ignore", read_list("ignore", ignore))):
        for name in names:
            if name not in NAMES:
                raise OptionError(option, name, "there is no such rule", remedy=f"one of {', '.join(NAMES)}")
    return frozenset(chosen) - frozenset(read_list("ignore", ignore))
