"""``anyscribe config``: what the main command would use, and where each value comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from anyscribe.cli import options
from anyscribe.cli.config_file import config_path, key_of
from anyscribe.cli.precedence import choose
from anyscribe.cli.settings import PROFILE, settings_of
from anyscribe.config import DEFAULT_BASE_URL, Local, Origin, Setting, default_model_of
from anyscribe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anyscribe.cli.profiles import Profile
    from anyscribe.cli.settings import Settings

_DEFAULT: Final = "default"
_BUILT_IN: Final = "built in"
_HERE: Final = "this machine"
_VERSION: Final = 1


class View(StrEnum):
    """What to show."""

    SHOW = "show"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What follows from the settings.

    Args:
        place: The server, or this machine; empty if none can be used.
        is_key_found: Whether there is a key for it.
        key_place: Where the key is, or where one would be looked for; empty if none is needed.
        problem: Why there is no place; empty if there is one.
    """

    place: str = ""
    is_key_found: bool = False
    key_place: str = ""
    problem: str = ""


def config(
    ctx: typer.Context,
    *,
    view: Annotated[
        View, typer.Argument(metavar="[VIEW]", help="show or path.", rich_help_panel=options.INPUT)
    ] = View.SHOW,
    profile: options.ShownProfile = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object.", rich_help_panel=options.GENERAL)
    ] = False,
) -> int:
    """Show what is set for transcriptions and where: command, environment, profile or file.

    In a pipe, each setting is a line of three fields separated by tabs: its name, its value, and where it comes from.
    The key is never shown, only where it would come from. path prints where config.toml is looked for.
    """
    from anyscribe.terminal.output import StandardOutput  # noqa: PLC0415 - --help does not need it

    output = StandardOutput(ctx.obj.stdout)
    if view is View.PATH:
        path = config_path(ctx.obj.environ)[0]
        if path is None:
            raise UsageError("there is no folder for this user's configuration", remedy="set HOME or ANYSCRIBE_CONFIG")
        output.write(f"{path}\n".encode("utf-8", "replace"))
        return 0
    settings = settings_of(ctx).of_main()
    settings.choose(profile)
    values, outcome = dict(_values(settings)), _outcome(settings)
    if is_json:
        text = json.dumps(_document(settings, values, outcome), ensure_ascii=False, indent=2) + "\n"
    else:
        text = _laid_out(list(_rows(settings, values, outcome)), is_aligned=output.is_terminal)
    output.write(text.encode("utf-8", "replace"))
    return 0


def _values(settings: Settings) -> Iterator[tuple[str, Setting[Any]]]:
    """Yield what each option is set to, by its key in the file; those that nothing sets are left out."""
    yield PROFILE, settings.profile_name
    for parameter in settings.parameters.values():
        if parameter.name == PROFILE:
            continue
        found = settings.find(parameter.name or "") or Setting(_default(parameter), Origin.DEFAULT)
        if parameter.name == "base_url":
            found = Setting(_without_password(found.value or DEFAULT_BASE_URL), found.origin, found.place)
        elif parameter.name == "model" and found.value is None:
            found = Setting(default_model_of(settings.get("base_url") or DEFAULT_BASE_URL), Origin.DEFAULT)
        if found.value is not None:
            yield key_of(parameter), found


def _default(parameter: Any) -> Any:  # noqa: ANN401 - a parameter of Typer's
    return getattr(parameter.default, "value", parameter.default)


def _without_password(base_url: str) -> str:
    scheme, slashes, rest = base_url.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def _outcome(settings: Settings) -> _Outcome:
    """Decide as a run would."""
    base_url = settings.find("base_url") or Setting(None, Origin.DEFAULT)
    local = settings.find("local") or Setting(value=False, origin=Origin.DEFAULT)
    try:
        place = choose(local, base_url, settings)
    except UsageError as error:
        return _Outcome(problem=str(error.message))
    if isinstance(place, Local):
        return _Outcome(_HERE)
    return _Outcome(_without_password(place.base_url), bool(place.key), place.key_name)


def _place(setting: Setting[Any]) -> str:
    if setting.place:
        return setting.place
    return "command line" if setting.origin is Origin.GIVEN else _DEFAULT


def _rows(settings: Settings, values: Mapping[str, Setting[Any]], outcome: _Outcome) -> Iterator[Sequence[str]]:
    path = config_path(settings.environ)[0]
    yield "file", str(path or ""), "read" if settings.file else "not there"
    for name, setting in values.items():
        yield name, _shown(setting.value), _place(setting)
    yield "place", outcome.place or "none", outcome.problem
    if outcome.place != _HERE:
        yield "key", "found" if outcome.is_key_found else "not found", outcome.key_place
    for profile in settings.profiles.values():
        yield f"profiles.{profile.name}", _summary(profile), profile.path or _BUILT_IN


def _shown(value: Any) -> str:  # noqa: ANN401 - options have any type
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _summary(profile: Profile) -> str:
    if profile.values.get("local"):
        return _HERE
    return " ".join(filter(None, [_without_password(profile.values.get("base_url", "")), profile.values.get("model")]))


def _laid_out(rows: list[Sequence[str]], *, is_aligned: bool) -> str:
    from anyscribe.terminal.escaping import printable  # noqa: PLC0415 - --help does not need it

    shown = [[printable(cell, one_line=True) for cell in row] for row in rows]
    if not is_aligned:
        return "".join("\t".join(row) + "\n" for row in shown)
    first = max(len(row[0]) for row in shown)
    second = min(max(len(row[1]) for row in shown), 40)
    return "".join(f"{row[0]:<{first}}  {row[1]:<{second}}  {row[2]}".rstrip() + "\n" for row in shown)


def _document(settings: Settings, values: Mapping[str, Setting[Any]], outcome: _Outcome) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "file": settings.file and settings.file.path,
        "profile": settings.profile_name.value or None,
        "settings": {
            name: {"value": setting.value, "origin": setting.origin.value, "place": setting.place}
            for name, setting in values.items()
        },
        "place": outcome.place or None,
        "problem": outcome.problem or None,
        "key": {"is_found": outcome.is_key_found, "place": outcome.key_place or None},
        "profiles": {
            one.name: {
                "base_url": _without_password(one.values["base_url"]) if "base_url" in one.values else None,
                "model": one.values.get("model"),
                "is_local": bool(one.values.get("local")),
                "file": one.path,
            }
            for one in settings.profiles.values()
        },
    }
