"""``anyscribe login``: a key is asked for, tried, and stored for its server."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer

from anyscribe.cli import options
from anyscribe.cli.parsing import read_seconds
from anyscribe.cli.profiles import BUILT_IN
from anyscribe.cli.settings import settings_of
from anyscribe.config import DEFAULT_BASE_URL
from anyscribe.errors import AccessDeniedError, ServerError, UnreadableReplyError, UsageError
from anyscribe.keys.addresses import address_of
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from anyscribe.cli.settings import Settings
    from anyscribe.engines.remote import Endpoint

_REFUSED: Final = frozenset({401, 403})
_SERVERS: Final = [name for name, values in BUILT_IN.items() if "base_url" in values]
_LONGEST_KEY_CHARS: Final = 10_000


def login(  # noqa: PLR0913 - a parameter for each flag is what Typer is given
    ctx: typer.Context,
    *,
    profile: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROFILE]",
            help=f"Whose key: {', '.join(_SERVERS)}, or a profile of config.toml. Default: the server in use.",
            autocompletion=lambda: _SERVERS,
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete the key that is stored.", rich_help_panel=options.GENERAL)
    ] = False,
    base_url: options.BaseUrl = None,
    timeout: options.Timeout = 60,
    connect_timeout: options.ConnectTimeout = 30,
    insecure_http: options.InsecureHttp = False,
) -> int:
    """Store the key for a server, so that later runs find it.

    It is asked for on a terminal, or read from standard input; tried with GET /v1/models; and stored in the system's
    keyring (extra keyring), otherwise in a file that only you can read. It is sent to no other server.
    """
    seconds = (read_seconds("connect_timeout", connect_timeout), read_seconds("timeout", timeout))
    if profile and base_url:
        raise UsageError(Sentence("PROFILE and {} exclude each other", Option("base_url")), remedy="give one of them")
    settings = settings_of(ctx).of_main()
    settings.choose(profile)
    server = base_url or _server_of(settings, is_named=profile is not None)
    address = address_of(server)
    # What does the work takes time to load; --help and wrong flags do not need it.
    from anyscribe.cli.messages import name_of  # noqa: PLC0415
    from anyscribe.engines.remote import Endpoint  # noqa: PLC0415
    from anyscribe.keys.profile_key import KeySource  # noqa: PLC0415
    from anyscribe.keys.storing import delete_key, store_key  # noqa: PLC0415
    from anyscribe.terminal.colors import color_choice  # noqa: PLC0415
    from anyscribe.terminal.display import Display, DisplayOptions  # noqa: PLC0415

    display = Display(ctx.obj.stderr, DisplayOptions(is_colored=color_choice(ctx.obj.environ), name_of=name_of))
    # Refuses what is no address.
    shown = Endpoint(server).host
    if delete:
        place = delete_key(address)
        display.notice(f"no key for {shown} is stored" if place is None else f"the key for {shown} is deleted: {place}")
        return 0
    key = _read_key(ctx.obj.stdin, ctx.obj.stderr, shown)
    said = _try(Endpoint(server, key, "what was entered", insecure_http), *seconds)
    own = settings.key_places.own
    place = store_key(address, key, only_keyring=own is not None and own.source is KeySource.KEYRING)
    display.notice(f"{said}, and is stored for {shown}: {place}")
    with contextlib.suppress(UsageError):
        found = settings.key_places.find(server)
        if found is not None and found.value != key:
            display.notice(f"{found.place} has another key, which is used first")
    return 0


def _server_of(settings: Settings, *, is_named: bool) -> str:
    """Return the server whose key is meant: the profile's own, or the one that a run would use."""
    profile = settings.profile
    if profile is not None and profile.values.get("local") and (is_named or not settings.get("base_url")):
        raise UsageError(f"the profile {profile.name} is this machine, which needs no key", remedy="name another one")
    if is_named and profile is not None:
        if not profile.values.get("base_url"):
            raise UsageError(f"the profile {profile.name} has no base_url", remedy="a key belongs to a server")
        return str(profile.values["base_url"])
    return str(settings.get("base_url") or DEFAULT_BASE_URL)


def _read_key(stdin: TextIO | None, stderr: TextIO | None, server: str) -> str:
    if stdin is None:
        raise UsageError("standard input is closed", remedy="the key is read from there")
    if stdin.isatty():
        import getpass  # noqa: PLC0415 - only terminals need it

        try:
            given = getpass.getpass(f"Key for {server}: ", stderr)
        except EOFError:
            given = ""
    else:
        given = stdin.readline(_LONGEST_KEY_CHARS)
    from anyscribe.keys.finding import cleaned_key  # noqa: PLC0415 - --help does not need it

    key = cleaned_key(given)
    if not key:
        raise UsageError("no key was entered", remedy="type it, or pipe it into the command")
    return key


def _try(endpoint: Endpoint, connect_seconds: float, read_seconds: float) -> str:
    """Try a key; return what to say about it if nothing speaks against it."""
    from anyscribe.engines.remote.model_list import KNOWS_NO_LIST, list_models  # noqa: PLC0415 - loads the network

    try:
        list_models(endpoint, connect_seconds=connect_seconds, read_seconds=read_seconds)
    except AccessDeniedError as error:
        if error.status in _REFUSED:
            raise
        return "the key works, although the account is out of credit"
    except ServerError as error:
        if error.status not in KNOWS_NO_LIST and not isinstance(error, UnreadableReplyError):
            raise
        return "the key could not be tried, since the server lists no models"
    return "the key works"
