"""Which formats results are written in: those that are named, and what flags make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.batch.outputs import choose_formats
from anyscribe.cli.parsing import read_formats
from anyscribe.cli.settings import setting_of
from anyscribe.config import Origin
from anyscribe.errors import UsageError
from anyscribe.formats import ASS, KARAOKE, TEXT, TIMED_TEXT
from anyscribe.sentence import Field, Option, Sentence

if TYPE_CHECKING:
    import typer

    from anyscribe.config import Setting
    from anyscribe.formats import OutputFormat

_BY_FLAG: Final = {"timestamps": (TEXT, TIMED_TEXT), "karaoke": (ASS, KARAOKE)}
"""Flags, the format that each is about, and what it makes of it."""


def outputs_of(ctx: typer.Context, output: Setting[str | None]) -> tuple[OutputFormat, ...]:
    """Return the formats of the results.

    Args:
        ctx: The context of a command that has these flags.
        output: The file for the result, if one was named.

    Raises:
        UsageError: There is no such format, or a flag is about one that is not wanted.
    """
    named = setting_of(ctx, "formats", read_formats(ctx.params["formats"] or []))
    outputs = choose_formats(named, output)
    for flag, (plain, other) in _BY_FLAG.items():
        if not ctx.params[flag]:
            continue
        if plain not in outputs and setting_of(ctx, flag, None).origin is Origin.GIVEN:
            message = Sentence("{} is about {}", Option(flag), Field("response_format", plain.name))
            raise UsageError(message, remedy="ask for that format, or leave the flag out")
        outputs = tuple(other if known is plain else known for known in outputs)
    return outputs
