"""Flags that several commands share, and the groups that the help shows them in."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from anyscribe.cli.profiles import BUILT_IN
from anyscribe.cli.settings import PROFILE, Settings, setting_of
from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.recording.options import SpeakerMode
from anyscribe.request import Granularity

INPUT: Final = "Input"
MODEL: Final = "Model"
OUTPUT: Final = "Output"
SUBTITLES: Final = "Subtitles"
SPEAKERS: Final = "Speakers"
LONG: Final = "Long recordings"
COST: Final = "Cost"
CLUSTER: Final = "Cluster"
NETWORK: Final = "Network"
GENERAL: Final = "General"

CUE_PROFILES: Final = ("netflix", "netflix-children", "netflix-sdh", "netflix-children-sdh", "bbc", "dcmp", "ted")
"""The names in `subtitles.profiles`, which only those load who use one."""


def no_names(incomplete: str) -> list[str]:  # noqa: ARG001 - Typer passes it
    """Leave file names to the shell, which completes them better.

    Args:
        incomplete: What is typed so far.
    """
    return []


def _choose_profile(ctx: typer.Context, value: str | None) -> str | None:
    """Choose the profile as soon as its name is known, before other options are looked up."""
    if isinstance(ctx.default_map, Settings):
        ctx.default_map.profile_name = setting_of(ctx, PROFILE, value)
    return value


_PROFILE_HELP: Final = f"Settings for one server: {', '.join(BUILT_IN)}, or one of config.toml."
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=_PROFILE_HELP,
        is_eager=True,
        callback=_choose_profile,
        autocompletion=lambda: list(BUILT_IN),
        rich_help_panel=NETWORK,
    ),
]
ShownProfile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help=_PROFILE_HELP,
        autocompletion=lambda: list(BUILT_IN),
        rich_help_panel=GENERAL,
    ),
]
"""For commands that show what is set for the main one."""

BaseUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Address of a server, up to /v1.", rich_help_panel=NETWORK)
]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", help="Longest wait for an answer.", rich_help_panel=NETWORK)]
ConnectTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", help="Longest wait to connect.", rich_help_panel=NETWORK)
]
InsecureHttp = Annotated[
    bool, typer.Option("--insecure-http", help="Allow the key to be sent over plain http.", rich_help_panel=NETWORK)
]
Device = Annotated[
    str,
    typer.Option(
        metavar="DEVICE",
        help="What a built-in model runs on: cpu, cuda, auto.",
        autocompletion=lambda: ["auto", "cpu", "cuda"],
        rich_help_panel=MODEL,
    ),
]
ComputeType = Annotated[
    str,
    typer.Option(
        metavar="TYPE",
        help="Its number format: int8, float16, float32, auto.",
        autocompletion=lambda: ["auto", "int8", "int8_float16", "int8_float32", "float16", "bfloat16", "float32"],
        rich_help_panel=MODEL,
    ),
]
ListFile = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="List of recordings, one a line, perhaps as JSON with fields of its own; - is standard input.",
        autocompletion=no_names,
        rich_help_panel=INPUT,
    ),
]
Feed = Annotated[
    list[str] | None,
    typer.Option(metavar="URL", help="Podcast whose episodes are transcribed; may be repeated.", rich_help_panel=INPUT),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Only episodes since then: 2026-11-01, today, yesterday, 7d, 2w.",
        rich_help_panel=INPUT,
    ),
]
Limit = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Only the newest episodes of each feed.", rich_help_panel=INPUT)
]
Track = Annotated[
    str | None,
    typer.Option(metavar="WHICH", help="Audio track: number or language. Default: the best.", rich_help_panel=INPUT),
]
TimestampGranularities = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHICH",
        help="Times in verbose_json: word, segment; several as word,segment.",
        autocompletion=lambda: list(Granularity),
        rich_help_panel=OUTPUT,
    ),
]
Speakers = Annotated[
    SpeakerMode,
    typer.Option(
        case_sensitive=False,
        help="Who says who speaks: the server, the channels, or voices told apart on this machine (local).",
        rich_help_panel=SPEAKERS,
    ),
]
MinSpeakers = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Fewest speakers, if voices are told apart here.", rich_help_panel=SPEAKERS),
]
MaxSpeakers = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Most speakers, if voices are told apart here.", rich_help_panel=SPEAKERS),
]
SpeakerNames = Annotated[
    list[str] | None,
    typer.Option(
        "--speaker",
        metavar="SPEAKER=NAME",
        help="What a speaker is called: A=Maria, 1=Maria; may be repeated.",
        rich_help_panel=SPEAKERS,
    ),
]
Voices = Annotated[
    list[str] | None,
    typer.Option(
        "--voice",
        metavar="NAME=FILE",
        help="Somebody's voice, by a recording of it alone: Maria=maria.wav; may be repeated.",
        rich_help_panel=SPEAKERS,
    ),
]
SpeakersModel = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder of ONNX models that tell voices apart here, instead of the one built in.",
        rich_help_panel=SPEAKERS,
    ),
]
SpeakersFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="File with such names, one a line.", rich_help_panel=SPEAKERS),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help=f"{', '.join(OUTPUT_FORMATS)}; several as srt,vtt. Default: by --output, or text.",
        autocompletion=lambda: list(OUTPUT_FORMATS),
        rich_help_panel=OUTPUT,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.", rich_help_panel=OUTPUT)]
Embed = Annotated[
    bool,
    typer.Option("--embed", help="Put small recordings into their html pages.", rich_help_panel=OUTPUT),
]
Timestamps = Annotated[
    bool,
    typer.Option(
        "--timestamps", help="Begin each paragraph of text with its time and speaker.", rich_help_panel=OUTPUT
    ),
]
Provenance = Annotated[
    bool,
    typer.Option(
        "--provenance/--no-provenance",
        help="Tell model, server, date and version in formats with room for remarks.",
        rich_help_panel=OUTPUT,
    ),
]
Karaoke = Annotated[
    bool,
    typer.Option("--karaoke", help="Light each word of ass as it is said.", rich_help_panel=SUBTITLES),
]
Cues = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help=f"Limits of a publisher: {', '.join(CUE_PROFILES)}; or one of yours, by name or FILE.toml.",
        autocompletion=lambda: list(CUE_PROFILES),
        rich_help_panel=SUBTITLES,
    ),
]
MaxLineChars = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Longest line of a cue. Default: 42.", rich_help_panel=SUBTITLES),
]
MaxLines = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Most lines of a cue. Default: 2.", rich_help_panel=SUBTITLES),
]
MinCueSeconds = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Shortest cue, if there is time before the next one. Default: 5/6.",
        rich_help_panel=SUBTITLES,
    ),
]
MaxCueSeconds = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="Longest cue. Default: 7.", rich_help_panel=SUBTITLES),
]
MaxCps = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help="Most characters a second, if there is time. Default: 20.",
        rich_help_panel=SUBTITLES,
    ),
]
FrameRate = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        min=1,
        max=1_000,
        help="Frames a second of the picture; gaps between cues are frames. Default: 24.",
        rich_help_panel=SUBTITLES,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Machines that do the work: tcp://HOST:PORT, tls://HOST:PORT, file:PATH, or local:N.",
        autocompletion=no_names,
        rich_help_panel=CLUSTER,
    ),
]
WorkersMax = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Use at most so many workers. Default: all.", rich_help_panel=CLUSTER),
]
TaskTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Give a recording to another worker if it takes longer. Default: no limit.",
        rich_help_panel=CLUSTER,
    ),
]
WorkerKeyFile = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="File on each worker's machine with the key. Default: as on this machine.",
        autocompletion=no_names,
        rich_help_panel=CLUSTER,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but errors.", rich_help_panel=GENERAL)]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Show what is sent and received; -vv also tracebacks.",
        rich_help_panel=GENERAL,
    ),
]
