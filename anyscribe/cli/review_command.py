"""``anyscribe review``: what looks wrong in a batch, as a page to go through."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anyscribe.batch.outputs import STDOUT
from anyscribe.cli import options
from anyscribe.errors import UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.store import Store
    from anyscribe.terminal.display import Display

_NAME: Final = "review.html"


def review(
    ctx: typer.Context,
    *,
    what: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER|STORE",
            help="A folder of recordings or results, or the file of a store, for all in it.",
            autocompletion=options.no_names,
            rich_help_panel=options.INPUT,
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"File to write; - is standard output. Default: {_NAME} in the folder.",
            autocompletion=options.no_names,
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace a file that is no review.", rich_help_panel=options.OUTPUT),
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The store of the runs. Default: in your data folder.",
            autocompletion=options.no_names,
            rich_help_panel=options.GENERAL,
        ),
    ] = None,
) -> int:
    """Write a page with all that looks wrong in a batch: the worst recording first, each place to be heard.

    It gathers what the check has found: from the store, from html pages, and from JSON transcripts, which are checked
    again without their sound. No server is asked, and nothing is transcribed.
    """
    from anyscribe.batch.reviewing import is_review  # noqa: PLC0415 - --help does not need it
    from anyscribe.batch.reviewing import review as gather  # noqa: PLC0415 - likewise
    from anyscribe.batch.writing import AppearedError, write_whole  # noqa: PLC0415 - likewise
    from anyscribe.formats.page.review import render_review  # noqa: PLC0415 - likewise
    from anyscribe.store import StoreError  # noqa: PLC0415 - likewise
    from anyscribe.terminal.display import Display  # noqa: PLC0415 - likewise
    from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415 - likewise

    given = Path(what)
    folder = given if given.is_dir() else None
    if folder is None and not given.is_file():
        raise UsageError(f"{what} is no folder and no store", remedy="anyscribe store path says where the store is")
    target = None if output == STDOUT else Path(output or (folder or Path()) / _NAME)
    beside = Path() if target is None else target.parent
    display = Display(ctx.obj.stderr)
    try:
        with _opened(given if folder is None else None, store, display) as opened:
            recordings = gather(folder, opened, beside)
            failed = [] if opened is None else [(one.path, one.message) for one in opened.failures()]
    except StoreError as error:
        named = Sentence("{} names another one", Option("store", "PATH"))
        remedy = "anyscribe store path says where the store is" if folder is None else named
        raise UsageError(f"the store cannot be used ({error})", remedy=remedy) from error
    if folder is not None:
        failed = [one for one in failed if Path(one[0]).is_relative_to(folder.absolute())]
    if not recordings and not failed:
        known = "a run with a server notes what it finds, and html pages hold it"
        raise UsageError(f"nothing is known of recordings in {what}", remedy=known)
    page = render_review(f"Review of {given.absolute().name}", recordings, failed).encode("utf-8", "replace")
    if target is None:
        StandardOutput(ctx.obj.stdout).write(page)
        return 0
    try:
        write_whole(target, page, overwrite=overwrite or is_review(target))
    except AppearedError as error:
        remedy = Sentence("{} replaces it, {} names another file", Option("overwrite"), Option("output"))
        raise UsageError(f"{target} is there, and is no review", remedy=remedy) from error
    doubtful = sum(bool(one.excerpts) for one in recordings)
    display.notice(f"something looks wrong in {doubtful:,} of {len(recordings):,} recordings → {target}")
    return 0


@contextlib.contextmanager
def _opened(given: Path | None, named: str | None, display: Display) -> Iterator[Store | None]:
    """Open the store that was given or named, or the usual one; None if there is none."""
    from anyscribe.store import Store, store_path  # noqa: PLC0415 - as above

    path = given or (Path(named) if named else store_path())
    if not path.exists():
        yield None
        return
    with contextlib.closing(Store(path, display.notice)) as opened:
        yield opened
