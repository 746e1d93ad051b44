"""What ``anyscribe config`` shows: each setting, what follows from all of them, and the profiles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyscribe.batch.outputs import shown_location
from anyscribe.cli.precedence import choose
from anyscribe.cli.settings import PROFILE, key_of
from anyscribe.config import DEFAULT_BASE_URL, Local, Origin, Setting, default_model_of
from anyscribe.errors import UsageError
from anyscribe.terminal.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anyscribe.cli.settings import Settings
    from anyscribe.cli.written_settings import Profile

_DEFAULT: Final = "default"
_BUILT_IN: Final = "built in"
_HERE: Final = "this machine"
_LONGEST_VALUE: Final = 25
"""Longer values move what stands beside them, so that the table fits a narrow window."""

_VERSION: Final = 1
"""Of the JSON."""


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


def report(settings: Settings, *, is_json: bool, is_aligned: bool) -> str:
    """Write what is set.

    Args:
        settings: What is set for the main command; its profile is chosen.
        is_json: Whether to write one JSON object.
        is_aligned: Whether columns are aligned, for a person; otherwise tabs separate them.

    Raises:
        UsageError: The file is wrong, or there is no such profile.
    """
    values, outcome = dict(_values(settings)), _outcome(settings)
    if is_json:
        return json.dumps(_document(settings, values, outcome), ensure_ascii=False, indent=2) + "\n"
    return _laid_out(list(_rows(settings, values, outcome)), is_aligned=is_aligned)


def _values(settings: Settings) -> Iterator[tuple[str, Setting[Any]]]:
    """Yield what each option is set to, by its key in the file; those that nothing sets are left out."""
    yield PROFILE, settings.profile_name
    for parameter in settings.parameters.values():
        if parameter.name == PROFILE:
            continue
        found = settings.find(parameter.name or "") or Setting(_default(parameter), Origin.DEFAULT)
        if parameter.name == "base_url":
            found = Setting(_without_password(found.value or DEFAULT_BASE_URL), found.origin, found.place)
        elif parameter.name in ("output", "output_dir") and found.value:
            found = Setting(shown_location(found.value), found.origin, found.place)
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
    yield "file", str(settings.path or ""), "read" if settings.has_file else "not there"
    for name, setting in values.items():
        yield name, _shown(setting.value), _place(setting)
    yield "place", outcome.place or "none", outcome.problem
    if outcome.place != _HERE:
        yield "key", "found" if outcome.is_key_found else "not found", outcome.key_place
    for profile in settings.written.profiles.values():
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
    shown = [[printable(cell, one_line=True) for cell in row] for row in rows]
    if not is_aligned:
        return "".join("\t".join(row) + "\n" for row in shown)
    name_chars = max(len(row[0]) for row in shown)
    value_chars = min(max(len(row[1]) for row in shown), _LONGEST_VALUE)
    return "".join(
        f"{name:<{name_chars}}  {value:<{value_chars}}  {place}".rstrip() + "\n" for name, value, place in shown
    )


def _document(settings: Settings, values: Mapping[str, Setting[Any]], outcome: _Outcome) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "file": str(settings.path) if settings.has_file else None,
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
            for one in settings.written.profiles.values()
        },
    }
