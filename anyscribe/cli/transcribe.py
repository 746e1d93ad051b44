"""The main command's flags: one for each form field of the contract, then where it is done and where it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from anyscribe import __version__
from anyscribe.batch.outputs import Destination, Suffix
from anyscribe.cli.settings import Settings
from anyscribe.cli.values import read_fields, read_length, read_limit, read_prompt, read_rate, read_seconds
from anyscribe.config import DEFAULT_BASE_URL, DEFAULT_MODEL, Origin, Setting, Upload
from anyscribe.errors import UsageError
from anyscribe.form import read_language, read_temperature
from anyscribe.request import Granularity, ResponseFormat

T = TypeVar("T")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        typer.echo(f"anyscribe {__version__}")
        raise typer.Exit


def _no_names(incomplete: str) -> list[str]:  # noqa: ARG001 - Typer passes it
    """Leave file names to the shell, which completes them better."""
    return []


def transcribe(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Files, folders, quoted globs ('talks/**/*.mp3'), or - for standard input.",
            autocompletion=_no_names,
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            envvar="ANYSCRIBE_MODEL",
            help=f"Model. Servers: {DEFAULT_MODEL} unless given.",
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "-l",
            metavar="CODE",
            envvar="ANYSCRIBE_LANGUAGE",
            help="Language spoken, in ISO-639-1 (en, de, ja).",
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            envvar="ANYSCRIBE_PROMPT",
            help="Text to guide the model's style; @FILE reads it from a file.",
        ),
    ] = None,
    formats: Annotated[
        list[ResponseFormat] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            envvar="ANYSCRIBE_FORMAT",
            help="text (default), json, verbose_json, srt or vtt; may be repeated.",
        ),
    ] = None,
    temperature: Annotated[
        str | None,
        typer.Option(
            "--temperature",
            "-t",
            metavar="NUMBER",
            envvar="ANYSCRIBE_TEMPERATURE",
            help="Sampling temperature, 0 to 1.",
        ),
    ] = None,
    timestamp_granularities: Annotated[
        list[Granularity] | None,
        typer.Option(
            metavar="WHICH",
            envvar="ANYSCRIBE_TIMESTAMP_GRANULARITIES",
            help="Times in verbose_json: word, segment; may be repeated.",
        ),
    ] = None,
    stream: Annotated[
        bool | None,
        typer.Option("--stream/--no-stream", envvar="ANYSCRIBE_STREAM", help="Show the text as it comes."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT", envvar="ANYSCRIBE_INCLUDE", help="Additional data (logprobs); may be repeated."),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", envvar="ANYSCRIBE_FIELD", help="Any other form field; may be repeated."),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="ANYSCRIBE_BASE_URL", help=f"Server, up to /v1. Default: {DEFAULT_BASE_URL}"
        ),
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", envvar="ANYSCRIBE_LOCAL", help="Transcribe on this machine, with no network.")
    ] = False,
    upload: Annotated[
        Upload,
        typer.Option(envvar="ANYSCRIBE_UPLOAD", help="What is sent where the file itself is too large or unknown."),
    ] = Upload.AUTO,
    max_upload: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            envvar="ANYSCRIBE_MAX_UPLOAD",
            help="Largest request (25MiB, none); what is larger is cut. Default: as the server is known.",
        ),
    ] = None,
    max_seconds: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            envvar="ANYSCRIBE_MAX_SECONDS",
            help="Longest sound of a request (1400, none); what is longer is cut. Default: as the model is known.",
        ),
    ] = None,
    align: Annotated[
        bool | None,
        typer.Option(
            "--align/--no-align",
            envvar="ANYSCRIBE_ALIGN",
            help="Time the words here. Default: where the answer tells no times.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check/--no-check", envvar="ANYSCRIBE_CHECK", help="Hold each transcript against the sound."),
    ] = True,
    strict: Annotated[
        bool,
        typer.Option("--strict", envvar="ANYSCRIBE_STRICT", help="Exit with 7 where a transcript does not look whole."),
    ] = False,
    max_line_chars: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, envvar="ANYSCRIBE_MAX_LINE_CHARS", help="Longest line of a cue. Default: 42."),
    ] = None,
    max_lines: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, envvar="ANYSCRIBE_MAX_LINES", help="Most lines of a cue. Default: 2."),
    ] = None,
    max_cue_seconds: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", envvar="ANYSCRIBE_MAX_CUE_SECONDS", help="Longest cue. Default: 7."),
    ] = None,
    max_cps: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            envvar="ANYSCRIBE_MAX_CPS",
            help="Most characters a second of a cue, if there is time. Default: 20.",
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", envvar="ANYSCRIBE_TIMEOUT", help="Longest wait for an answer."),
    ] = 600,
    connect_timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", envvar="ANYSCRIBE_CONNECT_TIMEOUT", help="Longest wait to connect."),
    ] = 30,
    retries: Annotated[
        int, typer.Option(metavar="N", min=0, envvar="ANYSCRIBE_RETRIES", help="How often to try again what may pass.")
    ] = 4,
    insecure_http: Annotated[
        bool,
        typer.Option("--insecure-http", envvar="ANYSCRIBE_INSECURE_HTTP", help="Let the key travel over plain http."),
    ] = False,
    recursive: Annotated[
        bool,
        typer.Option("--recursive", "-r", envvar="ANYSCRIBE_RECURSIVE", help="Search folders to the bottom."),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            envvar="ANYSCRIBE_OUTPUT",
            help="File to write; - is standard output.",
            autocompletion=_no_names,
        ),
    ] = None,
    output_dir: Annotated[
        str | None,
        typer.Option(
            "--output-dir",
            "-d",
            metavar="DIR",
            envvar="ANYSCRIBE_OUTPUT_DIR",
            help="Folder for sidecars, instead of beside each input.",
            autocompletion=_no_names,
        ),
    ] = None,
    suffix: Annotated[
        Suffix, typer.Option(envvar="ANYSCRIBE_SUFFIX", help="Sidecar names: talk.srt (replace), talk.mp3.srt (full).")
    ] = Suffix.REPLACE,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", envvar="ANYSCRIBE_OVERWRITE", help="Replace files that are there.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            envvar="ANYSCRIBE_JOBS",
            help="Requests at a time. Default: 4 on a server, 1 here.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", envvar="ANYSCRIBE_QUIET", help="Show nothing but errors.")
    ] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            envvar="ANYSCRIBE_VERBOSE",
            help="Show what is sent and received; -vv also shows where an error came from.",
        ),
    ] = 0,
    version: Annotated[  # noqa: ARG001 - its callback answers it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> int:
    """Transcribe recordings: text or subtitles, from a server or on this machine.

    Standard output carries transcripts only. One INPUT in one format goes there; several go to files beside the inputs.
    """
    ctx.obj.verbosity = verbose
    if strict and not check:
        raise UsageError("--strict and --no-check exclude each other", hint="give one of them")
    settings = Settings(
        inputs=tuple(inputs),
        formats=tuple(dict.fromkeys(formats or [ResponseFormat.TEXT])),
        model=_setting(ctx, "model", model),
        language=read_language(language),
        prompt=read_prompt(prompt),
        temperature=read_temperature(temperature),
        timestamp_granularities=tuple(timestamp_granularities or ()),
        include=tuple(include or ()),
        stream=stream,
        fields=read_fields(field or []),
        base_url=_setting(ctx, "base_url", base_url),
        local=_setting(ctx, "local", local),
        upload=upload,
        max_body_bytes=read_limit("--max-upload", max_upload),
        max_ms=read_length("--max-seconds", max_seconds),
        align=align,
        check=check,
        strict=strict,
        max_line_chars=max_line_chars,
        max_lines=max_lines,
        max_cue_ms=None
        if max_cue_seconds is None
        else round(1000 * read_seconds("--max-cue-seconds", max_cue_seconds)),
        max_cps=None if max_cps is None else read_rate("--max-cps", max_cps),
        read_seconds=read_seconds("--timeout", timeout),
        connect_seconds=read_seconds("--connect-timeout", connect_timeout),
        retries=retries,
        insecure_http=insecure_http,
        recursive=recursive,
        destination=_destination(
            _setting(ctx, "output", output), _setting(ctx, "output_dir", output_dir), suffix, overwrite
        ),
        jobs=jobs,
        quiet=quiet,
        verbosity=verbose,
    )
    # What does the work takes its time to load; --help and wrong flags do not need it.
    from anyscribe.cli.run import run  # noqa: PLC0415

    return run(settings)


def _destination(
    output: Setting[str | None],
    output_dir: Setting[str | None],
    suffix: Suffix,
    overwrite: bool,  # noqa: FBT001 - as gathered
) -> Destination:
    """Gather where results go; a folder that is usual in this environment gives way to a file named for this run."""
    file, folder = output.value, output_dir.value
    if file and folder and output.origin is not output_dir.origin:
        file, folder = (file, None) if output.origin is Origin.FLAG else (None, folder)
    return Destination(file, Path(folder) if folder else None, suffix, overwrite)


def _setting(ctx: typer.Context, name: str, value: T) -> Setting[T]:
    source = ctx.get_parameter_source(name)
    origins = {"COMMANDLINE": Origin.FLAG, "ENVIRONMENT": Origin.ENVIRONMENT}
    return Setting(value, origins.get(source.name if source else "", Origin.DEFAULT))
