"""``anyscribe models``: what can be named after ``--model``, on this machine and on a server."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer  # noqa: TC002 - Typer reads the annotations

from anyscribe.cli import options  # noqa: TC001 - likewise
from anyscribe.cli.parsing import read_seconds
from anyscribe.cli.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.cli.settings import Settings

_HERE: Final = "here"
_DOWNLOADED: Final = "downloaded at first use"
_THERE: Final = "on the server"
_DEFAULT: Final = "default"
_TITLES: Final = ("model", "size", "engine", "", "weights")
_TABLE_COLUMNS: Final = 70
"""In a narrower window, each model is a paragraph."""

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _ModelRow:
    """A model, as it is shown.

    Args:
        name: What to put after ``--model``.
        state: Whether its weights are here, still to be downloaded, or on the server.
        place: The built-in engine, or the server.
        is_default: Whether it is used there if none is named.
        megabytes: The size of its weights; None if unknown.
        folder: The folder that contains them; empty if it is not here.
        ends: The day on which the server shuts it down; empty if it states none.
    """

    name: str
    state: str
    place: str
    is_default: bool
    megabytes: int | None = None
    folder: str = ""
    ends: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of its line in a pipe."""
        size = "" if self.megabytes is None else str(self.megabytes)
        return self.name, self.state, self.place, self._default, size, self.folder or self._until

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns of a table."""
        size = "" if self.megabytes is None else f"{self.megabytes:,} MB"
        return (
            self.name,
            size,
            self.place,
            self._default,
            _short(self.folder) or ", ".join(filter(None, (self.state, self._until))),
        )

    @property
    def _until(self) -> str:
        return f"until {self.ends}" if self.ends else ""

    @property
    def _default(self) -> str:
        return _DEFAULT if self.is_default else ""


def models(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    profile: options.Profile = None,  # noqa: ARG001 - its callback has chosen it
    base_url: options.BaseUrl = None,
    timeout: options.Timeout = 60,
    connect_timeout: options.ConnectTimeout = 30,
    insecure_http: options.InsecureHttp = False,
) -> int:
    """List the built-in models, and with --base-url first those of a server.

    In a pipe, each is one line of six fields separated by tabs: its name; whether its weights are here, downloaded at
    first use, or on the server; its engine or server; whether it is the default there; the size of its weights in MB,
    about that of a download; and the folder that contains them, or until and the day on which the server shuts it down.
    """
    seconds = (read_seconds("connect_timeout", connect_timeout), read_seconds("timeout", timeout))
    # What does the work takes time to load; --help and wrong flags do not need it.
    from anyscribe.cli.messages import name_of  # noqa: PLC0415
    from anyscribe.engines.whisper import EXTRA, is_whisper_installed  # noqa: PLC0415
    from anyscribe.errors import MissingExtraError  # noqa: PLC0415
    from anyscribe.terminal.colors import color_choice  # noqa: PLC0415
    from anyscribe.terminal.display import Display, DisplayOptions  # noqa: PLC0415
    from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415

    display = Display(ctx.obj.stderr, DisplayOptions(is_colored=color_choice(ctx.obj.environ), name_of=name_of))
    # The server first: if it fails, half a list would look like a whole one.
    offered = list(_offered(base_url, settings_of(ctx), *seconds, insecure_http=insecure_http)) if base_url else []
    is_installed = is_whisper_installed()
    rows = [*offered, *(_built_in() if is_installed else ())]
    output = StandardOutput(ctx.obj.stdout)
    output.write((_table(rows) if output.is_terminal else _lines(rows)).encode("utf-8", "replace"))
    if not is_installed:
        display.notice(MissingExtraError("Whisper is not installed", extra=EXTRA).text(name_of))
    if base_url and not offered:
        display.notice("the server lists no models")
    return 0


def _built_in() -> Iterator[_ModelRow]:
    from anyscribe.engines.whisper.catalogue import models as whisper_models  # noqa: PLC0415 - --help does not need it
    from anyscribe.engines.whisper.choice import choose_model  # noqa: PLC0415 - likewise
    from anyscribe.errors import ModelUnavailableError  # noqa: PLC0415 - likewise
    from anyscribe.terminal.escaping import printable  # noqa: PLC0415 - likewise

    default = None
    with contextlib.suppress(ModelUnavailableError):
        default = choose_model()
    for name, weights in whisper_models().items():
        yield _ModelRow(
            name,
            _HERE if weights.are_here else _DOWNLOADED,
            "Whisper",
            name == default,
            None if weights.size_bytes is None else round(weights.size_bytes / _MEGABYTE),
            printable(str(weights.folder), one_line=True) if weights.are_here else "",
        )


def _offered(
    base_url: str, settings: Settings, connect_seconds: float, read_seconds: float, *, insecure_http: bool
) -> Iterator[_ModelRow]:
    """Ask the server; its names are made harmless, and kept to one line."""
    from anyscribe.config import Origin, Server, Setting, choose_place, default_model_of  # noqa: PLC0415 - likewise
    from anyscribe.engines.remote import Endpoint  # noqa: PLC0415 - loads the network
    from anyscribe.engines.remote.model_list import list_models  # noqa: PLC0415 - likewise
    from anyscribe.terminal.escaping import printable  # noqa: PLC0415 - likewise

    place = choose_place(
        local=Setting(value=False, origin=Origin.DEFAULT),
        base_url=Setting(base_url, Origin.GIVEN),
        keys=settings.key_places,
        is_local_installed=lambda: False,
    )
    assert isinstance(place, Server)  # noqa: S101 - one was named
    endpoint = Endpoint(place.base_url, place.key, place.key_name, insecure_http)
    default = settings.of_main().get("model") or default_model_of(base_url)
    for model in list_models(endpoint, connect_seconds=connect_seconds, read_seconds=read_seconds):
        ends = model.ends.isoformat() if model.ends else ""
        name = printable(model.name, one_line=True)
        yield _ModelRow(name, _THERE, endpoint.host, model.name == default, ends=ends)


def _lines(rows: Sequence[_ModelRow]) -> str:
    return "".join("\t".join(row.fields) + "\n" for row in rows)


def _short(folder: str) -> str:
    """Return a folder as it is shown on a terminal: the home folder as a tilde."""
    home = str(Path.home())
    return f"~{folder.removeprefix(home)}" if folder.startswith(home + os.sep) else folder


def _table(rows: Sequence[_ModelRow]) -> str:
    """Lay the models out for a terminal, without colours, whose escapes would be shown as text."""
    import io  # noqa: PLC0415 - a pipe needs none of them
    import shutil  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = io.StringIO()
    width = shutil.get_terminal_size().columns
    console = Console(file=shown, width=width, color_system=None, legacy_windows=False)
    if width < _TABLE_COLUMNS:
        for row in rows:
            name, *middle, weights = row.cells
            console.print(Text(name, overflow="fold"))
            for line in (", ".join(filter(None, middle)), weights):
                console.print(Padding(Text(line, overflow="fold"), (0, 0, 0, 2)))
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
        for title in _TITLES:
            table.add_column(Text(title), overflow="fold", justify="right" if title == "size" else "left")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row.cells))
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())
