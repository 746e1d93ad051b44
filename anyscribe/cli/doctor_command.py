"""``anyscribe doctor``: whether everything that a transcription needs is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer  # noqa: TC002 - Typer reads the annotations

from anyscribe.cli import options  # noqa: TC001 - likewise
from anyscribe.cli.exit_codes import ExitCode
from anyscribe.cli.settings import settings_of

if TYPE_CHECKING:
    from anyscribe.cli.checks import Check


def doctor(ctx: typer.Context, *, profile: options.ShownProfile = None) -> int:
    """Check what a transcription needs: a line each, with what to do about it.

    Python, extras, built-in models, settings, key, server, store, temporary folder and terminal are checked. Only the
    server that would be used is contacted, with GET /v1/models. The exit code is 0 if nothing is wrong, otherwise 1.
    """
    # What does the work takes time to load; --help does not need it.
    from anyscribe.cli.checks import run_checks  # noqa: PLC0415
    from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415

    output = StandardOutput(ctx.obj.stdout)
    is_well = True
    for check in run_checks(ctx.obj, settings_of(ctx).of_main(), profile):
        is_well = is_well and check.is_ok
        output.write(_line(check).encode("utf-8", "replace"))
    return ExitCode.DONE if is_well else ExitCode.FAILED


def _line(check: Check) -> str:
    from anyscribe.cli.messages import name_of  # noqa: PLC0415 - as above
    from anyscribe.sentence import write  # noqa: PLC0415 - as above
    from anyscribe.terminal.escaping import printable  # noqa: PLC0415 - as above

    said = ": ".join(filter(None, [write(check.finding, name_of), write(check.remedy, name_of)]))
    return f"{'ok' if check.is_ok else 'problem':<8} {check.subject:<10} {printable(said, one_line=True)}\n"
