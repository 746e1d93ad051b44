"""Settings that are written down: the file, and profiles. Import this only if there is one."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyscribe.cli.config_file import PROFILES, read_config, read_key_source, read_section, similar_to
from anyscribe.cli.profiles import BUILT_IN, values_of
from anyscribe.cli.settings import MAIN, PROFILE, key_of, variable_of
from anyscribe.config import Origin
from anyscribe.errors import UsageError
from anyscribe.keys.profile_key import KeySource, ProfileKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import typer.core

    from anyscribe.cli.config_file import ConfigFile


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings of one place.

    Args:
        origin: What kind of place.
        place: Which one, for messages.
        values: The settings by their keys in the file.
        is_own: Whether they are meant for this command alone.
    """

    origin: Origin
    place: str
    values: Mapping[str, Any]
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile.

    Args:
        name: Its name.
        values: What it sets, by the keys of the file.
        key: Where its key is; None if it does not say.
        path: The file that has it; None if it is a built-in one.
    """

    name: str
    values: Mapping[str, Any]
    key: ProfileKey | None = None
    path: str | None = None

    @property
    def layer(self) -> Layer:
        """The profile among the other places of settings."""
        return Layer(Origin.PROFILE, f"the profile {self.name}", self.values)


class WrittenSettings:
    """The settings that are written down.

    Args:
        commands: All commands by name.
        path: The file; None if there is none.

    Raises:
        UsageError: The file cannot be read. Methods raise it for what is wrong in it.
    """

    def __init__(self, commands: Mapping[str, typer.core.TyperCommand], path: Path | None) -> None:
        self._commands = commands
        self._file = None if path is None else read_config(path)

    @functools.cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """All profiles by name."""
        found = {name: Profile(name, values) for name, values in BUILT_IN.items()}
        file = self._file
        if file is None:
            return found
        written = file.content.get(PROFILES, {})
        if not isinstance(written, dict) or not all(isinstance(table, dict) for table in written.values()):
            raise file.refusal(PROFILES, "not tables", "write a profile like [profiles.groq]")
        return found | {name: self._read_profile(file, name, dict(table)) for name, table in written.items()}

    def profile_called(self, name: str, place: str) -> Profile:
        """Return a profile.

        Args:
            name: Its name.
            place: Where it was named; empty for the command line.
        """
        if name not in self.profiles:
            subject = f"{place}: " if place else ""
            remedy = similar_to(name, self.profiles) or f"there are {', '.join(self.profiles)}"
            raise UsageError(f"{subject}there is no profile {name}", remedy=remedy)
        return self.profiles[name]

    def layers_of(self, command: str) -> Sequence[Layer]:
        """Return what the file sets for a command, the strongest first. All of the file is checked.

        Args:
            command: The command's name.
        """
        file = self._file
        if file is None:
            return []
        shared: dict[str, Any] = {}
        layers = []
        for key, value in file.content.items():
            if key == PROFILES:
                _ = self.profiles
            elif isinstance(value, dict) and key not in self._tables:
                raise file.refusal(f"[{key}]", "there is no such table", similar_to(key, [PROFILES, *self._tables]))
            elif isinstance(value, dict):
                values = read_section(file, key, value, self._keys_of(key))
                if key == command:
                    layers.append(Layer(Origin.FILE, f"{file.path} [{key}]", values, is_own=True))
            else:
                shared[key] = value
        layers.append(Layer(Origin.FILE, file.path, read_section(file, "", shared, self._keys_of(MAIN))))
        return layers

    def _read_profile(self, file: ConfigFile, name: str, table: dict[str, Any]) -> Profile:
        title = f"{PROFILES}.{name}"
        source = read_key_source(file, title, table)
        known = {key: one for key, one in self._keys_of(MAIN).items() if key != PROFILE}
        values = values_of(name, read_section(file, title, table, known | dict.fromkeys(KeySource)))
        if values.get("local") and values.get("base_url"):
            raise file.refusal(title, "local and base_url exclude each other", "keep one of them")
        if source is None:
            return Profile(name, values, None, file.path)
        if not values.get("base_url"):
            raise file.refusal(title, "it has a key, but no base_url", "say which server the key is for")
        return Profile(name, values, ProfileKey(name, values["base_url"], *source), file.path)

    @functools.cached_property
    def _tables(self) -> Sequence[str]:
        """The commands that a table can be for."""
        return [name for name in self._commands if self._keys_of(name)]

    def _keys_of(self, name: str) -> dict[str, Any]:
        """Return the options of a command that can be set, by their keys."""
        return {key_of(one): one for one in self._commands[name].params if variable_of(name, one)}
