"""``anyscribe config``: what the main command would use, and where each value comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from anyscribe.cli import options
from anyscribe.cli.settings import settings_of
from anyscribe.errors import UsageError


class View(StrEnum):
    """What to show."""

    SHOW = "show"
    PATH = "path"


def config(
    ctx: typer.Context,
    *,
    view: Annotated[
        View, typer.Argument(metavar="[VIEW]", help="show or path.", rich_help_panel=options.INPUT)
    ] = View.SHOW,
    profile: options.ShownProfile = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object.", rich_help_panel=options.GENERAL)
    ] = False,
) -> int:
    """Show what is set for transcriptions and where: command, environment, profile or file.

    In a pipe, each setting is a line of three fields separated by tabs: its name, its value, and where it comes from.
    The key is never shown, only where it would come from. path prints where config.toml is looked for.
    """
    from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415 - --help does not need it

    output, settings = StandardOutput(ctx.obj.stdout), settings_of(ctx).of_main()
    if view is View.PATH:
        if settings.path is None:
            raise UsageError("there is no folder for this user's configuration", remedy="set HOME or ANYSCRIBE_CONFIG")
        output.write(f"{settings.path}\n".encode("utf-8", "replace"))
        return 0
    settings.choose(profile)
    from anyscribe.cli.config_report import report  # noqa: PLC0415 - as above

    output.write(report(settings, is_json=is_json, is_aligned=output.is_terminal).encode("utf-8", "replace"))
    return 0
