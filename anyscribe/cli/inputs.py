"""Which recordings the user wants, as the main command's options say."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from anyscribe.cli.parsing import read_since
from anyscribe.errors import UsageError
from anyscribe.sentence import Field, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from anyscribe.batch.input_set import InputSet
    from anyscribe.batch.sources import Source
    from anyscribe.recording.transcriber import Transcriber

_STDIN: Final = "-"


def inputs_of(ctx: typer.Context) -> InputSet:
    """Gather the inputs; a list is read.

    Args:
        ctx: The main command's context.

    Raises:
        UsageError: There are none, they contradict, or the list cannot be understood.
    """
    given = ctx.params
    typed, list_file = tuple(given["inputs"] or ()), given["list_file"]
    feeds = tuple(given["feed"] or ())
    if not (typed or list_file or feeds):
        remedy = Sentence("name files or folders, or a list with {}", Option("from"))
        raise UsageError(Sentence("{} is missing", Field("file")), remedy=remedy)
    if list_file == _STDIN and _STDIN in typed:
        message = Sentence(
            "{} and {} would both be read from standard input", Option("from", _STDIN), Field("file", _STDIN)
        )
        raise UsageError(message, remedy="write one of them to a file")
    if not feeds:
        for name in ("since", "limit"):
            if given[name] is not None:
                message = Sentence("{} chooses among the episodes of a feed", Option(name))
                raise UsageError(message, remedy=Sentence("{} names the feed", Option("feed", "URL")))
    since = None if given["since"] is None else read_since(given["since"])
    from anyscribe.batch.input_set import InputSet, read_list_file  # noqa: PLC0415 - loads PyAV; wrong flags do not

    stdin = ctx.obj.stdin
    is_piped = stdin is not None and not stdin.isatty()
    return InputSet(
        typed=typed,
        is_recursive=given["recursive"],
        listed=read_list_file(list_file, stdin.buffer if is_piped else None) if list_file else deque(),
        has_list=bool(list_file),
        feeds=feeds,
        since=since,
        limit=given["limit"],
    )


def check_own(sources: Sequence[Source], transcriber: Transcriber) -> None:
    """Check before anything is read that what a list says about recordings alone can be answered.

    Args:
        sources: The recordings.
        transcriber: Transcribes them.

    Raises:
        UsageError: It cannot; the message names the first such line.
    """
    # Of many prompts and vocabularies, it only matters that there is one.
    kinds: dict[object, Source] = {}
    for source in sources:
        if source.own is not None:
            fields = tuple(field for field in source.own.fields if field[0] != "prompt")
            kinds.setdefault((fields, bool(source.own.vocabulary)), source)
    for source in kinds.values():
        try:
            transcriber.for_recording(source.own).check()
        except UsageError as error:
            raise UsageError(Sentence("line {}: {}", f"{source.line:,}", error.message), remedy=error.remedy) from error
