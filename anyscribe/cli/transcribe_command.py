"""The flags of the main command: one for each form field, then those for place, output and work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from anyscribe.batch.outputs import Suffix
from anyscribe.cli import options
from anyscribe.cli.cue_profiles import cues_of
from anyscribe.cli.inputs import inputs_of
from anyscribe.cli.output_formats import outputs_of
from anyscribe.cli.parsing import (
    read_fields,
    read_granularities,
    read_length,
    read_list,
    read_prompt,
    read_seconds,
    read_upload_limit,
    read_vocabulary,
)
from anyscribe.cli.precedence import (
    channels_of,
    checks_of,
    destination_of,
    kind_of_run,
    model_of,
    output_of,
    place_of,
    price_of,
    store_of,
)
from anyscribe.cli.provenance import told_provenance
from anyscribe.cli.speakers import speakers_of
from anyscribe.config import DEFAULT_BASE_URL, DEFAULT_MODEL
from anyscribe.errors import UsageError
from anyscribe.form import read_language, read_temperature
from anyscribe.recording.options import ChannelMode, RecordingOptions, SpeakerMode, UploadMode, read_track
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.sentence import Option, Sentence
from anyscribe.version import __version__

if TYPE_CHECKING:
    from anyscribe.cli.machines import Machines
    from anyscribe.recording.budget import Limits
    from anyscribe.session import Network


def _show_version(ctx: typer.Context, is_wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if is_wanted:
        from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415 - rarely needed

        StandardOutput(ctx.obj.stdout).write(f"anyscribe {__version__}\n".encode())
        raise typer.Exit


def transcribe(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Files, folders, quoted globs ('talks/**/*.mp3'), addresses (s3://...), or - for standard input.",
            autocompletion=options.no_names,
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    list_file: options.ListFile = None,
    feed: options.Feed = None,
    since: options.Since = None,
    limit: options.Limit = None,
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Search subfolders too.", rich_help_panel=options.INPUT)
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Stay, and transcribe recordings as they arrive.", rich_help_panel=options.INPUT),
    ] = False,
    settle: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0,
            help="How long a recording must be unchanged until it has arrived.",
            rich_help_panel=options.INPUT,
        ),
    ] = 5,
    channels: Annotated[
        str,
        typer.Option(
            metavar="WHICH",
            help="mix, split (each channel is a speaker), or the number of one.",
            autocompletion=lambda: list(ChannelMode),
            rich_help_panel=options.INPUT,
        ),
    ] = ChannelMode.MIX.value,
    track: options.Track = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", metavar="NAME", help=f"Model. Servers: {DEFAULT_MODEL}.", rich_help_panel=options.MODEL
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "-l",
            metavar="CODE",
            help="Language spoken: en, de, ja; names and tags too.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Text to guide the model's style; @FILE reads it from a file, @@ begins text with @.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    vocabulary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|WORDS",
            help="Names and terms that may be said: a file, one a line, or several as Ada,Babbage.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    temperature: Annotated[
        str | None,
        typer.Option(
            "--temperature",
            "-t",
            metavar="NUMBER",
            help="Sampling temperature, 0 to 1.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Additional data (logprobs); may be repeated.", rich_help_panel=options.MODEL
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="Any other form field; may be repeated.", rich_help_panel=options.MODEL
        ),
    ] = None,
    local: Annotated[
        bool,
        typer.Option("--local", help="Transcribe on this machine, with no network.", rich_help_panel=options.MODEL),
    ] = False,
    device: options.Device = "auto",
    compute_type: options.ComputeType = "auto",
    translate: Annotated[
        bool, typer.Option("--translate", help="Translate into English.", rich_help_panel=options.MODEL)
    ] = False,
    formats: options.Formats = None,
    timestamp_granularities: options.TimestampGranularities = None,
    timestamps: options.Timestamps = False,
    provenance: options.Provenance = True,
    stream: Annotated[
        bool | None,
        typer.Option("--stream/--no-stream", help="Show the text as it comes.", rich_help_panel=options.OUTPUT),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write, or folder (out/), or an address; - is standard output.",
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
            help="Folder for results, or its address (s3://bucket), instead of beside each input.",
            autocompletion=options.no_names,
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    suffix: Annotated[
        Suffix,
        typer.Option(
            case_sensitive=False,
            help="talk.srt (replace), talk.mp3.srt (full), or talk.en.srt (lang).",
            rich_help_panel=options.OUTPUT,
        ),
    ] = Suffix.REPLACE,
    overwrite: options.Overwrite = False,
    embed: options.Embed = False,
    no_headings: Annotated[
        bool,
        typer.Option(
            "--no-headings",
            help="Put no names before several texts on standard output.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check/--no-check", help="Check the transcript against the audio.", rich_help_panel=options.OUTPUT
        ),
    ] = True,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Ask again for stretches that the check doubts.", rich_help_panel=options.OUTPUT),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit 7 if a transcript looks incomplete.", rich_help_panel=options.OUTPUT),
    ] = False,
    events: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="File for events as lines of JSON, for other programs; - is standard output.",
            autocompletion=options.no_names,
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    align: Annotated[
        bool | None,
        typer.Option(
            "--align/--no-align",
            help="Time the words here. Default: if the answer has no times.",
            rich_help_panel=options.SUBTITLES,
        ),
    ] = None,
    karaoke: options.Karaoke = False,
    cues: options.Cues = None,
    max_line_chars: options.MaxLineChars = None,
    max_lines: options.MaxLines = None,
    min_cue_seconds: options.MinCueSeconds = None,
    max_cue_seconds: options.MaxCueSeconds = None,
    max_cps: options.MaxCps = None,
    frame_rate: options.FrameRate = None,
    speakers: options.Speakers = SpeakerMode.AUTO,
    min_speakers: options.MinSpeakers = None,
    max_speakers: options.MaxSpeakers = None,
    speakers_model: options.SpeakersModel = None,
    speaker_names: options.SpeakerNames = None,
    speakers_file: options.SpeakersFile = None,
    voices: options.Voices = None,
    upload: Annotated[
        UploadMode,
        typer.Option(case_sensitive=False, help="What is uploaded.", rich_help_panel=options.LONG),
    ] = UploadMode.AUTO,
    max_upload: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Largest request (25MiB, none). Default: what the server takes.",
            rich_help_panel=options.LONG,
        ),
    ] = None,
    max_seconds: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="Longest audio of a request (1400, none). Default: what the model takes.",
            rich_help_panel=options.LONG,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            help="Requests at a time. Default: 4 on a server, 1 on this machine.",
            rich_help_panel=options.LONG,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show what would be sent and written; send nothing.", rich_help_panel=options.COST
        ),
    ] = False,
    price_per_minute: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", min=0, help="What a minute of audio costs.", rich_help_panel=options.COST),
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option(
            metavar="N", min=0, help="Stop before more audio than this is sent.", rich_help_panel=options.COST
        ),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            metavar="NUMBER", min=0, help="Stop before it costs more than this.", rich_help_panel=options.COST
        ),
    ] = None,
    grace: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0,
            help="Longest wait, after Ctrl-C, for answers that are under way.",
            rich_help_panel=options.LONG,
        ),
    ] = 10,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="File that keeps what was paid for. Default: in your data folder.",
            autocompletion=options.no_names,
            rich_help_panel=options.LONG,
        ),
    ] = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Keep no answers, and use none.", rich_help_panel=options.LONG)
    ] = False,
    cluster: options.Cluster = None,
    workers_max: options.WorkersMax = None,
    task_timeout: options.TaskTimeout = None,
    worker_key_file: options.WorkerKeyFile = None,
    profile: options.Profile = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help=f"Address of a server, up to /v1. Default: {DEFAULT_BASE_URL}.",
            rich_help_panel=options.NETWORK,
        ),
    ] = None,
    timeout: options.Timeout = 600,
    connect_timeout: options.ConnectTimeout = 30,
    retries: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Retries for temporary errors.", rich_help_panel=options.NETWORK),
    ] = 4,
    max_wait: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0,
            help="Longest wait in all for a server that limits requests.",
            rich_help_panel=options.NETWORK,
        ),
    ] = 900,
    insecure_http: options.InsecureHttp = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version.",
            rich_help_panel=options.GENERAL,
        ),
    ] = False,
) -> int:
    """Transcribe recordings: text or subtitles, from a server or on this machine.

    Standard output carries transcripts only. One INPUT in one format goes there; several go to files beside the inputs.
    """
    ctx.obj.verbosity = verbose
    check, strict = checks_of(ctx)
    dry_run, watch, events = kind_of_run(ctx)
    which_channels, stream = channels_of(ctx)
    place = place_of(ctx)
    request = TranscriptionRequest(
        response_format=ResponseFormat.JSON,  # The plan chooses another one.
        model=model_of(ctx, place),
        language=read_language(language),
        prompt=read_prompt(prompt),
        temperature=read_temperature(temperature),
        timestamp_granularities=read_granularities(timestamp_granularities or []),
        include=tuple(read_list("include", include or [])),
        stream=stream,
        translate=translate,
        fields=read_fields(field or []),
    )
    recording_options = RecordingOptions(
        channels=which_channels,
        track=read_track(track),
        upload=upload,
        max_body_bytes=read_upload_limit("max_upload", max_upload),
        max_ms=read_length("max_seconds", max_seconds),
        align=align,
        is_checked=check,
        vocabulary=read_vocabulary(vocabulary or []),
        repairs=repair,
        speakers=speakers_of(ctx),
        cues=cues_of(ctx),
    )
    inputs_wanted = inputs_of(ctx)
    destination = destination_of(ctx, suffix, "en" if translate else request.language)
    from anyscribe.cli.transcription import TranscriptionRun  # noqa: PLC0415 - takes time; wrong flags do not need it

    return TranscriptionRun(
        place=place,
        request=request,
        options=recording_options,
        network=_network(connect_timeout, timeout, retries, max_wait, insecure_http=insecure_http),
        inputs=inputs_wanted,
        settle_s=settle if watch else None,
        outputs=outputs_of(ctx, output_of(ctx, destination, inputs_wanted.output)),
        destination=destination,
        provenance=told_provenance(ctx),
        jobs=jobs,
        grace_s=read_seconds("grace", grace) if grace else 0,
        limits=_limits(max_minutes, price_of(ctx), max_cost),
        is_dry=dry_run,
        store=store_of(ctx),
        quiet=quiet,
        strict=strict,
        headings=not no_headings,
        events=events,
        machines=_machines(cluster, worker_key_file, workers_max, task_timeout),
        invocation=ctx.obj,
    ).run()


def _machines(
    cluster: str | None, key_file: str | None, most_workers: int | None, timeout_s: float | None
) -> Machines | None:
    if not cluster:
        return None
    from anyscribe.cli.machines import Machines  # noqa: PLC0415 - few runs have a cluster

    timeout_s = None if timeout_s is None else read_seconds("task_timeout", timeout_s)
    return Machines(cluster, key_file or "", most_workers, timeout_s)


def _limits(max_minutes: float | None, price_per_minute: float | None, max_cost: float | None) -> Limits:
    if max_cost is not None and price_per_minute is None:
        raise UsageError(
            Sentence("{} needs a price", Option("max_cost")),
            remedy=Sentence("{} says it", Option("price_per_minute", "NUMBER")),
        )
    from anyscribe.recording.budget import Limits  # noqa: PLC0415 - wrong flags do not need it

    return Limits(max_minutes, price_per_minute, max_cost)


def _network(connect_timeout: float, timeout: float, retries: int, max_wait: float, *, insecure_http: bool) -> Network:
    connect_seconds = read_seconds("connect_timeout", connect_timeout)
    read_timeout = read_seconds("timeout", timeout)
    from anyscribe.session import Network  # noqa: PLC0415 - wrong flags do not need it

    return Network(
        connect_seconds=connect_seconds,
        read_seconds=read_timeout,
        retries=retries,
        max_wait_seconds=max_wait,
        insecure_http=insecure_http,
    )
