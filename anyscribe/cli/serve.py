"""``anyscribe serve``: its flags, read into what the server is told."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anyscribe.cli.values import read_size
from anyscribe.errors import MissingExtraError, UsageError
from anyscribe.server.settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_UPLOAD: Final = "25MiB"
_KEY: Final = re.compile(rb"[\x21-\x7e]+")
_LONGEST_KEY_BYTES: Final = 4096
_EXTRA_PACKAGES: Final = frozenset({"h11", "python_multipart", "starlette", "uvicorn"})


def serve(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", envvar="ANYSCRIBE_HOST", help="Address to listen at.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(metavar="PORT", min=0, max=65535, envvar="ANYSCRIBE_PORT", help="Port; 0 is any that is free."),
    ] = 8000,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            envvar="ANYSCRIBE_SERVE_MODEL",
            help="Model to offer, or the folder of one; may be repeated.",
        ),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            envvar="ANYSCRIBE_ALIAS",
            help="Another name for the first model, such as whisper-1; may be repeated.",
        ),
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="ANYSCRIBE_API_KEY_FILE",
            help="File whose first line is the key that clients have to show.",
        ),
    ] = None,
    max_upload: Annotated[
        str,
        typer.Option(
            metavar="SIZE", envvar="ANYSCRIBE_SERVE_MAX_UPLOAD", help="Longest request: bytes, or 100MB, 25MiB, 1GiB."
        ),
    ] = _MOST_UPLOAD,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            envvar="ANYSCRIBE_SERVE_JOBS",
            help="Recordings at a time; each uses every core.",
        ),
    ] = 1,
    queue: Annotated[
        int,
        typer.Option(metavar="N", min=0, envvar="ANYSCRIBE_QUEUE", help="Requests that may wait; more are refused."),
    ] = 8,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", envvar="ANYSCRIBE_QUIET", help="Show nothing but errors.")
    ] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            envvar="ANYSCRIBE_VERBOSE",
            help="Show a line for each request; -vv also shows where an error came from.",
        ),
    ] = 0,
) -> int:
    """Answer POST /v1/audio/transcriptions for other programs, on this machine.

    Any client of the contract works unchanged: --base-url http://127.0.0.1:8000/v1. GET /v1/models lists the models.
    """
    ctx.obj.verbosity = verbose
    settings = ServerSettings(
        models=read_models(model or [], alias or []),
        key=None if api_key_file is None else read_key(api_key_file),
        max_upload_bytes=read_size("--max-upload", max_upload),
        jobs=jobs,
        queue=queue,
    )
    # What does the work takes its time to load; --help and wrong flags do not need it.
    from anyscribe.terminal import Display  # noqa: PLC0415

    try:
        from anyscribe.cli.serving import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA_PACKAGES:
            raise
        raise MissingExtraError("the server is not installed", extra="server") from error
    display = Display(sys.stderr, quiet=quiet, verbosity=verbose)
    return run(settings, host, port, display, verbosity=verbose)


def read_models(given: Sequence[str], aliases: Sequence[str]) -> dict[str, str]:
    """Read ``--model`` and ``--alias``: the engine's name for a model behind each name that clients may ask for."""
    models: dict[str, str] = {}
    for name in given or [_default_model()]:
        # Where a model lies on this machine is no client's business.
        path = Path(name)
        _add(models, path.resolve().name if name and path.is_dir() else name, name, "--model")
    first = next(iter(models.values()))
    for name in aliases:
        _add(models, name, first, "--alias")
    return models


def _default_model() -> str:
    from anyscribe.engines.local import default_model  # noqa: PLC0415 - --help does not need it

    return default_model()


def _add(models: dict[str, str], public: str, name: str, flag: str) -> None:
    if not public or not public.isprintable():
        raise UsageError(f"{flag} {name}: not a name")
    if public in models:
        raise UsageError(f"{flag} {name}: there is already a model {public}", hint="each name can mean one")
    models[public] = name


def read_key(path: Path) -> bytes:
    """Read the key from the first line of a file."""
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_KEY_BYTES)
    except OSError as error:
        raise UsageError(f"--api-key-file {path}: {error.strerror}") from error
    key = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not _KEY.fullmatch(key):
        raise UsageError(
            f"--api-key-file {path}: its first line is no key", hint="a key is one word of visible ASCII characters"
        )
    return key
