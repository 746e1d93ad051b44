"""``config.toml``: read, and checked against the flags that it sets. Import this only if there is such a file."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyscribe.errors import UsageError
from anyscribe.keys.profile_key import KeySource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PROFILES: Final = "profiles"
_HOME: Final = "~/"
_NO_KEY_HERE: Final = "no key belongs here; key_env, key_command, key_file or key_keyring of a profile say where it is"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file of settings.

    Args:
        path: Its path.
        content: What it says, as TOML has it.
    """

    path: str
    content: Mapping[str, Any]

    def refusal(self, where: str, problem: str, remedy: str = "") -> UsageError:
        """Return the error for something that is wrong in the file.

        Args:
            where: The key, after the names of its tables.
            problem: What is wrong. A value is not shown: it may be a key for a server.
            remedy: What to do about it.
        """
        return UsageError(f"{self.path}: {where}: {problem}", remedy=remedy)


def read_config(path: Path) -> ConfigFile:
    """Read the file.

    Args:
        path: Its path.

    Raises:
        UsageError: It cannot be read, or is not TOML.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", remedy="check the file") from error
    try:
        return ConfigFile(str(path), tomllib.loads(body.decode("utf-8-sig")))
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise UsageError(f"{path}: not TOML ({reason})", remedy='write settings like model = "whisper-1"') from None


def read_section(file: ConfigFile, name: str, table: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Read a table of settings.

    Args:
        file: The file.
        name: The table's name; empty for what stands before all tables.
        table: Its content.
        known: The options that it can set, by their keys.

    Returns:
        The value of each option as the command line would have it: a list for one that may be repeated.

    Raises:
        UsageError: There is no such option, or its value is of another type.
    """
    values: dict[str, Any] = {}
    for written, value in table.items():
        key = written.replace("-", "_")
        where = f"{name}.{written}".lstrip(".")
        if key not in known:
            raise file.refusal(where, "there is no such setting", _suggestion(written, known))
        if key in values:
            raise file.refusal(where, "it is set twice", "remove one of them")
        read, wanted = _read(value, known[key])
        if read is None:
            raise file.refusal(where, f"{_kind(value)} instead of {wanted}", f"write it like {_example(key, wanted)}")
        values[key] = read
    return values


def read_key_source(file: ConfigFile, name: str, table: dict[str, Any]) -> tuple[KeySource, str] | None:
    """Take from a profile where its key is.

    Args:
        file: The file.
        name: The profile's table.
        table: Its content; what is read is removed from it.

    Returns:
        The kind of place, and its name or the command; None if the profile does not say.

    Raises:
        UsageError: It says more than one place, or a value is of another type.
    """
    found: list[tuple[KeySource, str]] = []
    for written in [one for one in table if one.replace("-", "_") in tuple(KeySource)]:
        source, value = KeySource(written.replace("-", "_")), table.pop(written)
        where = f"{name}.{written}"
        if source is KeySource.KEYRING:
            if not isinstance(value, bool):
                wrong = f"{_kind(value)} instead of true or false"
                raise file.refusal(where, wrong, "write it like key_keyring = true")
            found += [(source, "")] if value else []
        elif not isinstance(value, str) or not value.strip():
            wrong = "nothing" if isinstance(value, str) else _kind(value)
            raise file.refusal(where, f"{wrong} instead of a text", f'write it like {source} = "…"')
        else:
            found.append((source, value))
    if len(found) > 1:
        raise file.refusal(name, f"both {found[0][0]} and {found[1][0]} say where the key is", "keep one of them")
    return found[0] if found else None


def similar_to(word: str, known: Iterable[str]) -> str:
    """Return a question with the name that a user may have meant; empty if none is similar.

    Args:
        word: What the user wrote.
        known: The names that there are.
    """
    import difflib  # noqa: PLC0415 - only errors need it

    found = difflib.get_close_matches(word, list(known), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(found)}?" if found else ""


def _suggestion(written: str, known: Mapping[str, Any]) -> str:
    from anyscribe.cli.other_names import is_key, our_name  # noqa: PLC0415 - only this error needs it

    if is_key(written):
        return _NO_KEY_HERE
    flags = {f"--{key.replace('_', '-')}" for key in known}
    flag = our_name(f"--{written}", flags).partition(" ")[0]
    if flag in flags:
        return f"did you mean {flag.lstrip('-').replace('-', '_')}?"
    return similar_to(written.replace("-", "_"), known)


def _read(value: Any, parameter: Any) -> tuple[Any, str]:  # noqa: ANN401 - any TOML, a parameter of Typer's
    """Return a value as the command line has it, None if it is of another type; and the type that is wanted."""
    if getattr(parameter, "multiple", False):
        given = value if isinstance(value, list) else [value]
        words = [_text(one) for one in given]
        return (None if None in words else words), "texts"
    if getattr(parameter, "count", False):
        return (value if _is_number(value, whole=True) else None), "a whole number"
    if getattr(parameter, "is_flag", False):
        return (value if isinstance(value, bool) else None), "true or false"
    kind = parameter.type.name
    if kind.startswith("int"):
        return (value if _is_number(value, whole=True) else None), "a whole number"
    if kind.startswith("float"):
        return (value if _is_number(value) else None), "a number"
    return _text(value), "a text"


def _is_number(value: Any, *, whole: bool = False) -> bool:  # noqa: ANN401 - any TOML
    return isinstance(value, int if whole else int | float) and not isinstance(value, bool)


def _text(value: Any) -> str | None:  # noqa: ANN401 - any TOML
    """Return a text; also for a number, since some flags take either: ``max_seconds = 1400``."""
    if isinstance(value, str):
        # On a command line the shell does this.
        return os.path.expanduser(value) if value.startswith(_HOME) else value  # noqa: PTH111 - a path loses its last slash
    return f"{value:.15g}" if _is_number(value) else None


def _kind(value: Any) -> str:  # noqa: ANN401 - any TOML
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date")


def _example(key: str, wanted: str) -> str:
    values = {"texts": '["…"]', "a whole number": "4", "true or false": "true", "a number": "0.5", "a text": '"…"'}
    return f"{key} = {values[wanted]}"
