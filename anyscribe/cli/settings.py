"""What is set for a command's options elsewhere than on the command line: environment, profile, file.

One `Settings` for each run is the default map of its command, so that Typer reads and checks all values alike.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from anyscribe.cli.config_file import PROFILES, key_of, read_config, read_key_source, read_section, similar_to
from anyscribe.cli.profiles import BUILT_IN, Profile, values_of
from anyscribe.config import Origin, Setting
from anyscribe.errors import UsageError
from anyscribe.keys import Keys, KeySource, ProfileKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    import typer
    import typer.core

    from anyscribe.cli.config_file import ConfigFile

T = TypeVar("T")

MAIN: Final = "transcribe"
PROFILE: Final = "profile"
_PREFIX: Final = "ANYSCRIBE_"
_NOT_SET: Final = frozenset({"help", "version"})
_OTHER_VARIABLES: Final = {
    ("serve", "jobs"): "ANYSCRIBE_SERVE_JOBS",
    ("serve", "max-upload"): "ANYSCRIBE_SERVE_MAX_UPLOAD",
    ("serve", "model"): "ANYSCRIBE_SERVE_MODEL",
}
"""Flags that mean something else than those of the main command."""

_WORDS: Final = dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True) | dict.fromkeys(
    ("0", "false", "f", "no", "n", "off"), False
)
"""How variables switch something on or off."""

_ABOUT_SETTINGS: Final = frozenset({"config", "login", "doctor"})
"""These show, or use, what is set for the main command; nothing is set for themselves."""

_CHOOSING: Final = "store"
"""This command's options choose what is shown or deleted: `ANYSCRIBE_MODEL`, which is set for another command, must not
delete a model's answers."""


def variable_of(command: str, parameter: Any) -> str:  # noqa: ANN401 - a parameter of Typer's
    """Return the environment variable that sets an option.

    Args:
        command: The command's name.
        parameter: The option.

    Returns:
        The variable; empty for what is only set on the command line: arguments, and options that choose or show
        something.
    """
    if parameter.param_type_name == "argument" or command in _ABOUT_SETTINGS:
        return ""
    name = max(parameter.opts, key=len).lstrip("-")
    if name in _NOT_SET or (command == _CHOOSING and name != _CHOOSING):
        return ""
    return _OTHER_VARIABLES.get((command, name)) or _PREFIX + name.replace("-", "_").upper()


@dataclass(frozen=True, slots=True)
class _Layer:
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


class Settings(Mapping[str, Any]):
    """What is set for a command's options, by the parameters' names; the strongest place wins.

    The file is read when an option is first looked up that neither the command line nor the environment sets, so that
    ``--help`` and completions need none.

    Args:
        command: The command.
        commands: All commands by name.
        environ: The environment; an empty variable counts as not set.
    """

    def __init__(
        self,
        command: typer.core.TyperCommand,
        commands: Mapping[str, typer.core.TyperCommand],
        environ: Mapping[str, str],
    ) -> None:
        self._command = command
        self._commands = commands
        self.environ = environ
        self.parameters: Mapping[str, Any] = {
            str(parameter.name): parameter for parameter in command.params if variable_of(command.name or "", parameter)
        }
        """The options that can be set, by the parameters' names."""
        self.profile_name: Setting[str | None] = Setting(None, Origin.DEFAULT)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - options have any type
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found.value

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.parameters if name and self.find(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def find(self, name: str) -> Setting[Any] | None:
        """Find what an option is set to, and where.

        Args:
            name: The parameter's name.

        Returns:
            The setting; None if nothing sets it.

        Raises:
            UsageError: The file is wrong, or there is no such profile.
        """
        parameter = self.parameters.get(name)
        if parameter is None:
            return None
        variable, key = variable_of(self._command.name or "", parameter), key_of(parameter)
        value = self.environ.get(variable)
        if value:
            return Setting(_from_text(value, parameter), Origin.ENVIRONMENT, variable)
        is_shared = variable == _PREFIX + key.upper()
        for layer in self._file_layers if name == PROFILE else self._layers:
            if key in layer.values and (layer.is_own or is_shared):
                return Setting(layer.values[key], layer.origin, layer.place)
        return None

    def choose(self, name: str | None) -> None:
        """Choose the profile, before anything else is looked up.

        Args:
            name: The name on the command line; None for the one that is set elsewhere, if any.
        """
        found = self.find(PROFILE) if name is None else None
        self.profile_name = found or Setting(name, Origin.DEFAULT if name is None else Origin.GIVEN)

    def of_main(self) -> Settings:
        """Return what is set for the main command, with the same profile."""
        other = Settings(self._commands[MAIN], self._commands, self.environ)
        other.profile_name = self.profile_name
        return other

    @functools.cached_property
    def file(self) -> ConfigFile | None:
        """The file; None if there is none."""
        return read_config(self.environ)

    @functools.cached_property
    def profile(self) -> Profile | None:
        """The chosen profile; None if none is chosen."""
        name, place = self.profile_name.value, self.profile_name.place
        if not name:
            return None
        if name not in self.profiles:
            subject = f"{place}: " if place else ""
            remedy = similar_to(name, self.profiles) or f"there are {', '.join(self.profiles)}"
            raise UsageError(f"{subject}there is no profile {name}", remedy=remedy)
        return self.profiles[name]

    @property
    def key_places(self) -> Keys:
        """The places where keys are."""
        return Keys(self.environ, None if self.profile is None else self.profile.key)

    @functools.cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """All profiles by name."""
        file = self.file
        found = {name: Profile(name, values) for name, values in BUILT_IN.items()}
        if file is None:
            return found
        written = file.content.get(PROFILES, {})
        if not isinstance(written, dict) or not all(isinstance(table, dict) for table in written.values()):
            raise file.refusal(PROFILES, "not tables", "write a profile like [profiles.groq]")
        return found | {name: self._read_profile(file, name, dict(table)) for name, table in written.items()}

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
    def _layers(self) -> list[_Layer]:
        profile = self.profile
        if profile is None:
            return self._file_layers
        return [_Layer(Origin.PROFILE, f"the profile {profile.name}", profile.values), *self._file_layers]

    @functools.cached_property
    def _file_layers(self) -> list[_Layer]:
        """Read the file: all of it, so that what is wrong is told at once."""
        file = self.file
        if file is None:
            return []
        commands = {name for name in self._commands if self._keys_of(name)} if _tables(file) else set()
        shared: dict[str, Any] = {}
        layers = []
        for key, value in file.content.items():
            if key == PROFILES:
                _ = self.profiles
            elif isinstance(value, dict) and key in commands:
                values = read_section(file, key, value, self._keys_of(key))
                if key == self._command.name:
                    layers.append(_Layer(Origin.FILE, f"{file.path} [{key}]", values, is_own=True))
            elif isinstance(value, dict) and key not in self._keys_of(MAIN):
                raise file.refusal(f"[{key}]", "there is no such table", similar_to(key, [PROFILES, *commands]))
            else:
                shared[key] = value
        layers.append(_Layer(Origin.FILE, file.path, read_section(file, "", shared, self._keys_of(MAIN))))
        return layers

    def _keys_of(self, name: str) -> dict[str, Any]:
        """Return the options of a command that can be set, by their keys."""
        return {key_of(one): one for one in self._commands[name].params if variable_of(name, one)}


def _from_text(value: str, parameter: Any) -> Any:  # noqa: ANN401 - a parameter of Typer's, and its values
    """Read a variable; Typer refuses what is wrong."""
    if getattr(parameter, "multiple", False):
        return value.split()
    return _WORDS.get(value.strip().lower(), value) if getattr(parameter, "is_flag", False) else value


def _tables(file: ConfigFile) -> bool:
    """Return whether a file has tables for commands, which then have to be known."""
    return any(isinstance(value, dict) and key != PROFILES for key, value in file.content.items())


def setting_of(ctx: typer.Context, name: str, value: T) -> Setting[T]:
    """Return an option's value with where it came from.

    Args:
        ctx: The command's context.
        name: The parameter's name.
        value: Its value, as Typer has read it.
    """
    source = ctx.get_parameter_source(name)
    if source is not None and source.name == "COMMANDLINE":
        return Setting(value, Origin.GIVEN)
    found = settings_of(ctx).find(name) if source is not None and source.name == "DEFAULT_MAP" else None
    return Setting(value, Origin.DEFAULT) if found is None else Setting(value, found.origin, found.place)


def settings_of(ctx: typer.Context) -> Settings:
    """Return what is set for a command elsewhere than on its command line.

    Args:
        ctx: The command's context.
    """
    assert isinstance(ctx.default_map, Settings)  # noqa: S101 - `cli.app` has set it
    return ctx.default_map
