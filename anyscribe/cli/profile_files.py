"""A profile for cues in a file: read, and checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.cli.config_file import read_config, similar_to
from anyscribe.languages import language_code
from anyscribe.subtitles.profile import LanguageLimits
from anyscribe.subtitles.profiles import PROFILES
from anyscribe.timespan import to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anyscribe.cli.config_file import ConfigFile
    from anyscribe.subtitles.profiles import NamedProfile

_RANGES: Final = {
    "max_line_chars": (1, 1_000),
    "max_lines": (1, 20),
    "min_cue_seconds": (0, 3_600),
    "max_cue_seconds": (0.1, 3_600),
    "max_cps": (1, 1_000),
    "max_wpm": (1, 10_000),
    "pause_seconds": (0, 3_600),
    "frame_rate": (1, 1_000),
    "gap_frames": (0, 1_000),
    "chain_frames": (0, 1_000),
}
_WHOLE: Final = frozenset({"max_line_chars", "max_lines", "gap_frames", "chain_frames"})
_OF_A_LANGUAGE: Final = frozenset({"max_line_chars", "max_cps"})
_TEXTS: Final = frozenset({"source", "based_on", "dash"})
_TABLE: Final = "languages"
_LONGEST_DASH: Final = 3


def read_profile(path: Path) -> NamedProfile:
    """Read a profile.

    Args:
        path: The file: the limits by the names of `CueProfile`, with times in seconds; ``based_on`` names one of our
            profiles, which says the rest; ``[languages.ja]`` says what is different for a language.

    Raises:
        UsageError: It cannot be read, is not TOML, or says something else.
    """
    file = read_config(path)
    texts = {name: _text(file, name) for name in _TEXTS & file.content.keys()}
    based_on = texts.pop("based_on", None)
    if based_on is not None and based_on not in PROFILES:
        raise file.refusal("based_on", "there is no such profile", f"one of {', '.join(PROFILES)}")
    numbers = {key: value for key, value in file.content.items() if key not in {*_TEXTS, _TABLE}}
    limits: dict[str, Any] = _limits(file, "", numbers, [*_RANGES, *_TEXTS, _TABLE])
    source = texts.pop("source", str(path))
    limits |= texts
    base = PROFILES[based_on or "anyscribe"]
    own = _languages(file)
    kept = [one.without(limits) for one in base.cues.languages if one.language not in own]
    limits["languages"] = (*kept, *own.values())
    stated = (base.stated if based_on else frozenset()) | limits.keys() | _stated_by(own)
    cues = replace(base.cues, **limits)
    if cues.min_cue_ms > cues.max_cue_ms:
        raise file.refusal("min_cue_seconds", "longer than max_cue_seconds", "change one of them")
    return replace(base, name=path.stem, source=source, cues=cues, stated=stated)


def _stated_by(languages: Mapping[str, LanguageLimits]) -> set[str]:
    """Return the names of the limits that are stated for some language."""
    return {name for name in _OF_A_LANGUAGE for own in languages.values() if getattr(own, name) is not None}


def _languages(file: ConfigFile) -> dict[str, LanguageLimits]:
    tables = file.content.get(_TABLE, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise file.refusal(_TABLE, "not a table for each language", "write it like [languages.ja]")
    found = {}
    for name, table in tables.items():
        code = language_code(name)
        if code is None:
            raise file.refusal(f"{_TABLE}.{name}", "there is no such language", "a code such as ja")
        found[code] = LanguageLimits(code, **_limits(file, f"{_TABLE}.{name}.", table, sorted(_OF_A_LANGUAGE)))
    return found


def _limits(file: ConfigFile, where: str, table: dict[str, Any], known: list[str]) -> dict[str, Any]:
    """Read numbers; return them by their names in `CueProfile`."""
    limits: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise file.refusal(
                where + key, "there is no such limit", similar_to(key, known) or f"one of {', '.join(known)}"
            )
        least, most = _RANGES[key]
        is_number = isinstance(value, int if key in _WHOLE else int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            kind = "a whole number" if key in _WHOLE else "a number"
            raise file.refusal(where + key, "not a sensible value", f"{kind} from {least} to {most}")
        name = key.replace("seconds", "ms")
        limits[name] = value if name == key else to_ms(value)
    return limits


def _text(file: ConfigFile, key: str) -> str:
    value = file.content[key]
    if not isinstance(value, str) or not value.isprintable():
        raise file.refusal(key, "not a text in one line", f'write it like {key} = "…"')
    if key == "dash" and len(value) > _LONGEST_DASH:
        raise file.refusal(key, f"longer than {_LONGEST_DASH} characters", 'write it like dash = "-"')
    return value
