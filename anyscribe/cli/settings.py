"""What is set for a command's options elsewhere than on the command line: environment, profile, file.

One `Settings` for each run is the default map of its command, so that Typer reads and checks all values alike.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from anyscribe.config import Origin, Setting
from anyscribe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer
    import typer.core

    from anyscribe.cli.written_settings import Layer, Profile, WrittenSettings
    from anyscribe.keys.finding import Keys

T = TypeVar("T")

MAIN: Final = "transcribe"
PROFILE: Final = "profile"
_NAME: Final = "anyscribe"
_FILE: Final = "config.toml"
_FILE_VARIABLE: Final = "ANYSCRIBE_CONFIG"
_PREFIX: Final = "ANYSCRIBE_"
_NOT_SET: Final = frozenset({"help", "version", "from", "feed", "since", "limit"})
"""What a run is about is said on the command line alone, as its inputs are."""

_OTHER_VARIABLES: Final = {
    ("serve", "jobs"): "ANYSCRIBE_SERVE_JOBS",
    ("serve", "max-upload"): "ANYSCRIBE_SERVE_MAX_UPLOAD",
    ("serve", "model"): "ANYSCRIBE_SERVE_MODEL",
}
"""Flags that mean something else than those of the main command."""

_NO_LISTS_OF_WORDS: Final = frozenset({"speaker_names", "vocabulary", "voices"})
"""Options whose values may have spaces in them, although they may be repeated."""

_WORDS: Final = dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True) | dict.fromkeys(
    ("0", "false", "f", "no", "n", "off"), False
)
"""How variables switch something on or off."""

_ABOUT_SETTINGS: Final = frozenset({"config", "login", "doctor"})
"""These show, or use, what is set for the main command; nothing is set for themselves."""

_CHOOSING: Final = frozenset({"store", "review"})
"""These commands' options choose what is shown or deleted, and where: `ANYSCRIBE_MODEL`, which is set for another
command, must not delete a model's answers."""

_OF_ANSWERS: Final = frozenset({"model", "base-url", "language", "translate"})
"""In `render`, these choose among answers that are kept."""

_STORE: Final = "store"
"""The option that means the same everywhere."""


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
    if name in _NOT_SET or (command in _CHOOSING and name != _STORE) or (command == "render" and name in _OF_ANSWERS):
        return ""
    return _OTHER_VARIABLES.get((command, name)) or _PREFIX + name.replace("-", "_").upper()


def key_of(parameter: Any) -> str:  # noqa: ANN401 - a parameter of Typer's
    """Return the key that sets an option in the file: its long name, with ``_``.

    Args:
        parameter: The option.
    """
    name: str = max(parameter.opts, key=len)
    return name.lstrip("-").replace("-", "_")


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
    def path(self) -> Path | None:
        """The path of the file, whether it exists or not; None if there is no folder for this user's settings."""
        named = self.environ.get(_FILE_VARIABLE)
        if named:
            return Path(named)
        import platformdirs  # noqa: PLC0415 - --help and completions need no file

        try:
            path = platformdirs.user_config_path(_NAME, appauthor=False) / _FILE
        except RuntimeError:
            return None
        # Older versions of the library return such a path if there is no home folder.
        return path if path.is_absolute() else None

    @functools.cached_property
    def has_file(self) -> bool:
        """Whether the file exists; one that ANYSCRIBE_CONFIG names has to."""
        try:
            if self.path is not None and self.path.exists():
                return True
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read ({error.strerror})", remedy="check its folder") from error
        if self.environ.get(_FILE_VARIABLE):
            raise UsageError(f"{_FILE_VARIABLE}: there is no file {self.path}", remedy="make it, or unset the variable")
        return False

    @functools.cached_property
    def written(self) -> WrittenSettings:
        """What the file says, and all profiles."""
        from anyscribe.cli.written_settings import WrittenSettings  # noqa: PLC0415 - few users have the file

        return WrittenSettings(self._commands, self.path if self.has_file else None)

    @property
    def profile(self) -> Profile | None:
        """The chosen profile; None if none is chosen."""
        name = self.profile_name.value
        return self.written.profile_called(name, self.profile_name.place) if name else None

    @property
    def key_places(self) -> Keys:
        """The places where keys are."""
        from anyscribe.keys.finding import Keys  # noqa: PLC0415 - --help needs no key

        return Keys(self.environ, None if self.profile is None else self.profile.key)

    @functools.cached_property
    def _file_layers(self) -> Sequence[Layer]:
        return self.written.layers_of(self._command.name or "") if self.has_file else ()

    @functools.cached_property
    def _layers(self) -> Sequence[Layer]:
        file_layers = self._file_layers
        return file_layers if self.profile is None else [self.profile.layer, *file_layers]


def _from_text(value: str, parameter: Any) -> Any:  # noqa: ANN401 - a parameter of Typer's, and its values
    """Read a variable; Typer refuses what is wrong."""
    if getattr(parameter, "multiple", False):
        return [value] if parameter.name in _NO_LISTS_OF_WORDS else value.split()
    return _WORDS.get(value.strip().lower(), value) if getattr(parameter, "is_flag", False) else value


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
