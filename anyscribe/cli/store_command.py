"""``anyscribe store``: what has been paid for and is kept on this machine."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anyscribe.cli import options
from anyscribe.cli.parsing import read_size
from anyscribe.errors import UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.store import Entry, Store

_DAY_S: Final = 24 * 3600
_ID_CHARS: Final = 10
_MINUTE_MS: Final = 60_000


class Action(StrEnum):
    """What to do with the store."""

    LIST = "list"
    SHOW = "show"
    EXPORT = "export"
    PRUNE = "prune"
    PATH = "path"


def store(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    action: Annotated[
        Action,
        typer.Argument(metavar="ACTION", help="list, show, export, prune or path.", rich_help_panel=options.INPUT),
    ],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHAT]...",
            help="IDs from the list, or recordings. Default: all.",
            autocompletion=options.no_names,
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Only what was kept longer ago.", rich_help_panel=options.GENERAL),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Only recordings in this folder.",
            autocompletion=options.no_names,
            rich_help_panel=options.GENERAL,
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only answers of this model.", rich_help_panel=options.GENERAL)
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="prune: the oldest, until this much is left (500MB).", rich_help_panel=options.GENERAL
        ),
    ] = None,
    failed: Annotated[
        bool,
        typer.Option("--failed", help="list: recordings that failed, and why.", rich_help_panel=options.GENERAL),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="prune: only show what would go.", rich_help_panel=options.GENERAL)
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Its file. Default: in your data folder.",
            autocompletion=options.no_names,
            rich_help_panel=options.GENERAL,
        ),
    ] = None,
) -> int:
    """See, export and delete the answers that are kept, so that nothing is paid for twice.

    list prints a line for each recording and question, with fields separated by tabs: an ID, when the last answer came,
    minutes, answers, bytes, model, server and file. show prints the text. export prints a JSON object a line, with all
    that was answered. prune deletes what the other flags choose, for good.
    """
    max_bytes = None if max_size is None else read_size("max_size", max_size)
    chosen = _Choice(tuple(what or ()), older_than, folder, model, max_bytes)
    if action is Action.PRUNE and not chosen.is_made:
        remedy = Sentence("name IDs or recordings, or use {} or {}", Option("older_than"), Option("max_size"))
        raise UsageError("nothing says what to prune", remedy=remedy)
    if failed and action is not Action.LIST:
        raise UsageError(Sentence("{} goes with list", Option("failed")), remedy="anyscribe store list --failed")
    from anyscribe.store import Store, StoreError, store_path  # noqa: PLC0415 - --help does not need it
    from anyscribe.terminal.display import Display  # noqa: PLC0415 - likewise
    from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415 - likewise

    output = StandardOutput(ctx.obj.stdout)

    def write(line: str) -> None:
        output.write(f"{line}\n".encode("utf-8", "replace"))

    try:
        path = Path(store) if store else store_path()
        if action is Action.PATH:
            write(str(path))
        elif path.exists():
            with contextlib.closing(Store(path, Display(ctx.obj.stderr).notice)) as opened:
                lines = _failures(opened) if failed else _act(action, opened, chosen, dry_run=dry_run)
                for line in lines:
                    write(line)
        # Otherwise nothing was paid for yet; looking at the store does not make one.
    except StoreError as error:
        remedy = Sentence("{} names another one", Option("store", "PATH"))
        raise UsageError(f"the store cannot be used ({error})", remedy=remedy) from error
    return 0


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which entries are meant; see the flags."""

    what: tuple[str, ...]
    older_than: float | None
    folder: str | None
    model: str | None
    max_bytes: int | None

    @property
    def is_made(self) -> bool:
        return bool(self.what or self.folder or self.model or self.older_than is not None or self.max_bytes is not None)

    def of(self, entries: Sequence[Entry]) -> list[Entry]:
        chosen = [entry for entry in entries if self._fits(entry)]
        return chosen if self.max_bytes is None else _beyond(chosen, self.max_bytes)

    def _fits(self, entry: Entry) -> bool:
        files = {str(Path(one).absolute()) for one in self.what}
        if self.what and not (files.intersection(entry.paths) or _id(entry) in self.what):
            return False
        if self.older_than is not None and time.time() - entry.kept_s < self.older_than * _DAY_S:
            return False
        below = Path(self.folder or "/").absolute()
        if self.folder and not any(Path(path).is_relative_to(below) for path in entry.paths):
            return False
        return self.model in (None, entry.question.model)


def _failures(opened: Store) -> Iterator[str]:
    for failure in opened.failures():
        yield "\t".join([_date(failure.failed_s), failure.path, failure.message])


def _act(action: Action, opened: Store, choice: _Choice, *, dry_run: bool) -> Iterator[str]:
    chosen = choice.of(opened.entries())
    if choice.what and not chosen:
        raise UsageError("the store has no such answer", remedy="anyscribe store list shows what it has")
    if action is Action.PRUNE and not dry_run:
        opened.prune(chosen)
    for entry in chosen:
        if action is Action.EXPORT:
            yield _exported(entry, opened)
            continue
        yield _line(entry)
        if action is Action.SHOW:
            yield from (kept.answer.transcript.text for kept in opened.answers_of(entry))
            yield ""


def _beyond(entries: Sequence[Entry], limit_bytes: int) -> list[Entry]:
    """Return the oldest entries, which do not fit."""
    kept_bytes = 0
    beyond = []
    for entry in entries:
        kept_bytes += entry.size_bytes
        if kept_bytes > limit_bytes:
            beyond.append(entry)
    return beyond


def _exported(entry: Entry, opened: Store) -> str:
    from anyscribe.store.encoding import write_answer  # noqa: PLC0415 - only this needs it

    document = {
        "id": _id(entry),
        "files": entry.paths,
        "server": entry.question.server,
        "model": entry.question.model,
        "form": json.loads(entry.question.form),
        "kept": _date(entry.kept_s),
        "answers": [
            {"start_sample": kept.stretch.start_sample, "samples": kept.stretch.samples}
            | json.loads(write_answer(kept.answer))
            for kept in opened.answers_of(entry)
        ],
    }
    return json.dumps(document, ensure_ascii=False)


def _line(entry: Entry) -> str:
    minutes = f"{entry.length_ms / _MINUTE_MS:.1f}"
    fields = (entry.answers, entry.size_bytes, entry.question.model, entry.question.server)
    return "\t".join([_id(entry), _date(entry.kept_s), minutes, *map(str, fields), ", ".join(entry.paths)])


def _id(entry: Entry) -> str:
    import hashlib  # noqa: PLC0415 - loaded with the store

    return hashlib.blake2b(entry.recording + entry.question.digest).hexdigest()[:_ID_CHARS]


def _date(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))
