"""The limits of cues: a profile by name or from a file, and single flags over it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anyscribe.cli.parsing import read_milliseconds, read_rate
from anyscribe.cli.settings import setting_of, settings_of
from anyscribe.config import Origin
from anyscribe.errors import OptionError, UsageError
from anyscribe.sentence import Option, Sentence
from anyscribe.timespan import to_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typer

    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.subtitles.profiles import NamedProfile

_FOLDER: Final = "cues"
"""The folder, in that of config.toml, where users have profiles of their own."""

_FLAGS: Final = ("max_line_chars", "max_lines", "frame_rate")
"""The flags that have the names of limits, and need no reading."""

_SUFFIX: Final = ".toml"
_NAME: Final = re.compile(r"[\w.-]+")


def cues_of(ctx: typer.Context) -> CueProfile | None:
    """Return the limits of cues that the user chose.

    Args:
        ctx: The command's context.

    Returns:
        The limits; None if neither a profile nor a limit is set.

    Raises:
        UsageError: There is no such profile, or a limit makes no sense.
    """
    profile = profile_of(ctx)
    return None if profile is None else profile.cues


def has_given_limits(ctx: typer.Context, *, besides: str = "") -> bool:
    """Return whether the command line itself says how cues should be, so that those of a document are not kept.

    Args:
        ctx: The command's context.
        besides: A flag that says something else there.
    """
    names = {"cues", *_FLAGS, "max_cps", "min_cue_seconds", "max_cue_seconds"} - {besides}
    return any(setting_of(ctx, name, None).origin is Origin.GIVEN for name in names)


def profile_of(ctx: typer.Context) -> NamedProfile | None:
    """Return the profile that the user chose, with the limits that single flags set.

    Args:
        ctx: The command's context. A flag that the command does not have is not set.

    Returns:
        The profile; None if neither a profile nor a limit is set.

    Raises:
        UsageError: As for `cues_of`.
    """
    given = _limits(ctx.params)
    name = ctx.params.get("cues")
    if not given and name is None:
        return None
    from anyscribe.subtitles.profiles import PROFILES  # noqa: PLC0415 - few runs set a limit

    profile = PROFILES["anyscribe"] if name is None else _called(name, settings_of(ctx).path)
    languages = tuple(own.without(given) for own in profile.cues.languages)
    cues = replace(profile.cues, **given, languages=languages)
    if "min_cue_ms" in given and cues.min_cue_ms > cues.max_cue_ms:
        longest = Option("max_cue_seconds", f"{to_seconds(cues.max_cue_ms):g}")
        raise UsageError(
            Sentence("{} is longer than {}", Option("min_cue_seconds"), longest), remedy="change one of them"
        )
    return replace(profile, cues=cues, stated=profile.stated | given.keys())


def _limits(params: Mapping[str, Any]) -> dict[str, Any]:
    limits = {
        **{name: params.get(name) for name in _FLAGS},
        "max_cps": read_rate("max_cps", params.get("max_cps")),
        "min_cue_ms": read_milliseconds("min_cue_seconds", params.get("min_cue_seconds")),
        "max_cue_ms": read_milliseconds("max_cue_seconds", params.get("max_cue_seconds")),
    }
    return {name: value for name, value in limits.items() if value is not None}


def _called(name: str, config: Path | None) -> NamedProfile:
    """Return the profile of a name or of a file; a user's own counts more than one of ours.

    Args:
        name: What the user gave.
        config: The path of config.toml; None if there is no folder for this user's settings.
    """
    from anyscribe.subtitles.profiles import PROFILES  # noqa: PLC0415 - as above

    if name.lower().endswith(_SUFFIX):
        return _read(Path(name))
    folder = None if config is None else config.parent / _FOLDER
    if folder is not None and _NAME.fullmatch(name) and (folder / f"{name}{_SUFFIX}").is_file():
        return _read(folder / f"{name}{_SUFFIX}")
    if name not in PROFILES:
        own = [] if folder is None else sorted(path.stem for path in folder.glob(f"*{_SUFFIX}"))
        known = ", ".join(dict.fromkeys([*PROFILES, *own]))
        raise OptionError("cues", name, "there is no such profile", remedy=f"one of {known}, or FILE.toml")
    return PROFILES[name]


def _read(path: Path) -> NamedProfile:
    from anyscribe.cli.profile_files import read_profile  # noqa: PLC0415 - few users have profiles of their own

    return read_profile(path)
