"""``anyscribe models``: what can be named after ``--model``, on this machine and on a server."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anyscribe.cli.values import read_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HERE: Final = "here"
_FETCHED: Final = "fetched at first use"
_THERE: Final = "on the server"
_DEFAULT: Final = "default"
_TITLES: Final = ("model", "weights", "engine", "")


@dataclass(frozen=True, slots=True)
class _Row:
    """A model, in the words in which it is shown.

    Args:
        name: What to put after ``--model``.
        weights: Where they are.
        place: The built-in engine, or the server.
        is_default: Whether it is used there where none is named.
    """

    name: str
    weights: str
    place: str
    is_default: bool

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What stands in the columns."""
        return self.name, self.weights, self.place, _DEFAULT if self.is_default else ""


def models(
    *,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="ANYSCRIBE_BASE_URL", help="Server to ask as well, up to /v1. Default: none is asked."
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", envvar="ANYSCRIBE_TIMEOUT", help="Longest wait for an answer.")
    ] = 60,
    connect_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", envvar="ANYSCRIBE_CONNECT_TIMEOUT", help="Longest wait to connect.")
    ] = 30,
    insecure_http: Annotated[
        bool,
        typer.Option("--insecure-http", envvar="ANYSCRIBE_INSECURE_HTTP", help="Let the key travel over plain http."),
    ] = False,
) -> int:
    """List the models: those built in, and those that a server offers.

    In a pipe each is one line of four fields, divided by tabs: its name, where its weights are, its engine or server,
    and whether it is the default there.
    """
    seconds = (read_seconds("--connect-timeout", connect_timeout), read_seconds("--timeout", timeout))
    # What does the work takes its time to load; --help and wrong flags do not need it.
    from anyscribe.engines.local import missing_engines  # noqa: PLC0415
    from anyscribe.terminal import Display, StandardOutput  # noqa: PLC0415

    display = Display(sys.stderr)
    # The server first: where it fails, half a list would look like a whole one.
    offered = list(_offered(base_url, *seconds, insecure_http=insecure_http)) if base_url else []
    rows = [*_built_in(), *offered]
    output = StandardOutput(sys.stdout)
    output.write((_table(rows) if output.is_terminal else _lines(rows)).encode("utf-8", "replace"))
    for missing in missing_engines():
        display.notice(str(missing))
    if base_url and not offered:
        display.notice("the server lists no models")
    return 0


def _built_in() -> Iterator[_Row]:
    from anyscribe.engines.local import built_in_models  # noqa: PLC0415 - --help does not need it

    for model in built_in_models():
        yield _Row(model.name, _HERE if model.is_here else _FETCHED, model.engine, model.is_default)


def _offered(base_url: str, connect_seconds: float, read_seconds: float, *, insecure_http: bool) -> Iterator[_Row]:
    """Ask the server; what it says is made harmless, and kept to one line."""
    from anyscribe.config import DEFAULT_MODEL, Origin, Server, Setting, choose_place  # noqa: PLC0415 - likewise
    from anyscribe.engines.api import Endpoint  # noqa: PLC0415 - loads the network
    from anyscribe.engines.api.models import list_models  # noqa: PLC0415 - likewise
    from anyscribe.terminal import printable  # noqa: PLC0415 - likewise

    place = choose_place(
        local=Setting(value=False, origin=Origin.DEFAULT),
        base_url=Setting(base_url, Origin.FLAG),
        environ=os.environ,
    )
    assert isinstance(place, Server)  # noqa: S101 - one was named
    endpoint = Endpoint(place.base_url, place.key, place.key_name, insecure_http)
    default = os.environ.get("ANYSCRIBE_MODEL") or DEFAULT_MODEL
    for name in list_models(endpoint, connect_seconds=connect_seconds, read_seconds=read_seconds):
        yield _Row(printable(name, one_line=True), _THERE, endpoint.host, name == default)


def _lines(rows: Sequence[_Row]) -> str:
    return "".join("\t".join(row.cells) + "\n" for row in rows)


def _table(rows: Sequence[_Row]) -> str:
    """Lay the models out for a terminal, without colours, which whoever writes it there would take for an attack."""
    import io  # noqa: PLC0415 - a pipe needs none of them
    import shutil  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for title in _TITLES:
        table.add_column(Text(title), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row.cells))
    shown = io.StringIO()
    Console(file=shown, width=shutil.get_terminal_size().columns, color_system=None, legacy_windows=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())
