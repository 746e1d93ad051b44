"""``anyscribe serve``: its flags, read into the server's settings."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anyscribe.cli import options
from anyscribe.cli.parsing import read_size
from anyscribe.errors import MissingExtraError, OptionError
from anyscribe.server.server_settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_UPLOAD: Final = "25MiB"
_KEY: Final = re.compile(rb"[\x21-\x7e]+")
_LONGEST_KEY_BYTES: Final = 4096
_ORIGIN: Final = re.compile(
    r"(?P<start>(?P<scheme>[a-z][a-z0-9+.-]*)://(?:\[[0-9a-f:.]+\]|[^\[\]:@/\\?#*\s]+))(?::(?P<port>[0-9]{1,5}))?"
)
_PORTS: Final = {"http": "80", "https": "443"}
"""Browsers leave these out of an origin."""

_EXTRA_PACKAGES: Final = frozenset({"h11", "python_multipart", "starlette", "uvicorn"})


def serve(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="Model to offer, or the folder of one; may be repeated.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Another name for the first model, such as whisper-1; may be repeated.",
            rich_help_panel=options.MODEL,
        ),
    ] = None,
    speakers_model: options.SpeakersModel = None,
    device: options.Device = "auto",
    compute_type: options.ComputeType = "auto",
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.", rich_help_panel=options.NETWORK)
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Port; 0 is any free one.", rich_help_panel=options.NETWORK
        ),
    ] = 8000,
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File whose first line is the key that clients must send.",
            rich_help_panel=options.NETWORK,
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Web pages that may use the server, such as http://localhost:3000, or * for any; may be repeated.",
            rich_help_panel=options.NETWORK,
        ),
    ] = None,
    max_upload: Annotated[
        str,
        typer.Option(
            metavar="SIZE", help="Longest request: bytes, or 100MB, 25MiB, 1GiB.", rich_help_panel=options.NETWORK
        ),
    ] = _MOST_UPLOAD,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            help="Recordings at a time; each uses every core.",
            rich_help_panel=options.GENERAL,
        ),
    ] = 1,
    queue: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Requests that may wait; more are refused.", rich_help_panel=options.GENERAL
        ),
    ] = 8,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
) -> int:
    """Answer POST /v1/audio/transcriptions for other programs, on this machine.

    Any OpenAI client works unchanged, with the base URL http://127.0.0.1:8000/v1. GET /v1/models lists the models.
    """
    ctx.obj.verbosity = verbose
    settings = ServerSettings(
        models=read_offered_models(model or [], alias or []),
        key=None if api_key_file is None else read_key(api_key_file),
        max_upload_bytes=read_size("max_upload", max_upload),
        jobs=jobs,
        queue=queue,
        speakers_model=speakers_model,
        hosts=(host,),
        origins=tuple(map(read_origin, allow_origin or [])),
    )
    # What does the work takes time to load; --help and wrong flags do not need it.
    from anyscribe.cli.messages import name_of  # noqa: PLC0415
    from anyscribe.engines.whisper.engine import WhisperEngine  # noqa: PLC0415
    from anyscribe.engines.whisper.loading import Device  # noqa: PLC0415
    from anyscribe.terminal.capability import can_erase  # noqa: PLC0415
    from anyscribe.terminal.colors import color_choice  # noqa: PLC0415
    from anyscribe.terminal.display import Display, DisplayOptions  # noqa: PLC0415
    from anyscribe.workers import usable_cores  # noqa: PLC0415

    try:
        from anyscribe.cli.server_process import run_server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA_PACKAGES:
            raise
        raise MissingExtraError("the server is not installed", extra="server") from error
    if speakers_model:
        from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - as above

        make_diarizer(speakers_model)
    display_options = DisplayOptions(
        quiet=quiet,
        verbosity=verbose,
        is_colored=color_choice(ctx.obj.environ),
        can_erase=can_erase(ctx.obj.environ),
        name_of=name_of,
    )
    display = Display(ctx.obj.stderr, display_options)
    if api_key_file is not None and (warning := exposure_of(api_key_file)):
        display.notice(warning)
    prepared = list(settings.models.values()) if model else [next(iter(settings.models.values()))]
    engine = WhisperEngine(usable_cores(), Device(device, compute_type))
    return run_server(
        settings, (host, port), engine, display, ctx.obj.open_scratch(), prepared=prepared, verbosity=verbose
    )


def read_offered_models(given: Sequence[str], aliases: Sequence[str]) -> dict[str, str]:
    """Read which models are offered.

    Args:
        given: The models, by name or folder; none means all that are on this machine, the default one first.
        aliases: Other names for the first one.

    Returns:
        The engine's name for a model, by each name that clients may ask for.

    Raises:
        OptionError: A name cannot be used, or means two models.
    """
    models: dict[str, str] = {}
    for name in given or _models_here():
        # Where a model lies on this machine is not told to clients.
        path = Path(name)
        _add(models, path.resolve().name if name and path.is_dir() else name, name, "model")
    first = next(iter(models.values()))
    for name in aliases:
        _add(models, name, first, "alias")
    return models


def _models_here() -> Sequence[str]:
    from anyscribe.engines.whisper.catalogue import models_here  # noqa: PLC0415 - --help does not need it
    from anyscribe.engines.whisper.choice import choose_model  # noqa: PLC0415 - likewise

    return list(dict.fromkeys([choose_model(), *models_here()]))


def _add(models: dict[str, str], public: str, name: str, option: str) -> None:
    if not public or not public.isprintable():
        raise OptionError(option, name, "not a name")
    if public in models:
        raise OptionError(option, name, f"there is already a model {public}", remedy="each name can mean one")
    models[public] = name


def read_origin(text: str) -> str:
    """Read the origin of web pages, as a browser would name it.

    Args:
        text: Such as ``https://app.example:8443``, ``null`` for pages from files, or ``*`` for any.

    Raises:
        OptionError: It is no origin.
    """
    origin = text.strip().lower().removesuffix("/")
    if origin in ("*", "null"):
        return origin
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise OptionError("allow_origin", text, "not an origin", remedy="an origin is like http://localhost:3000, or *")
    return found["start"] if found["port"] == _PORTS.get(found["scheme"]) else origin


def exposure_of(path: Path) -> str:
    """Return a warning if other users of this machine can read or change a file; empty if they cannot.

    Args:
        path: The file. If it belongs to another user, such as root, its group may read it: this process has no other
            way to.
    """
    try:
        found = path.stat()
    except OSError:
        return ""
    if os.name != "posix" or not stat.S_ISREG(found.st_mode):
        return ""
    is_own = found.st_uid == os.geteuid()
    if not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO if is_own else stat.S_IWGRP | stat.S_IRWXO):
        return ""
    return f"other users of this machine can read or change {path}, which holds the key; use chmod 600"


def read_key(path: Path) -> bytes:
    """Read the key from the first line of a file.

    Args:
        path: The file.

    Raises:
        OptionError: It cannot be read, or holds no key.
    """
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_KEY_BYTES)
    except OSError as error:
        raise OptionError("api_key_file", str(path), error.strerror or "") from error
    key = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not _KEY.fullmatch(key):
        remedy = "a key is one word of visible ASCII characters"
        raise OptionError("api_key_file", str(path), "its first line is not a key", remedy=remedy)
    return key
