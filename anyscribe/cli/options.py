"""Flags that several commands share, and the groups that the help shows them in."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from anyscribe.cli.profiles import BUILT_IN
from anyscribe.cli.settings import PROFILE, Settings, setting_of
from anyscribe.request import Granularity

INPUT: Final = "Input"
MODEL: Final = "Model"
OUTPUT: Final = "Output"
SUBTITLES: Final = "Subtitles"
LONG: Final = "Long recordings"
COST: Final = "Cost"
CLUSTER: Final = "Cluster"
NETWORK: Final = "Network"
GENERAL: Final = "General"


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
