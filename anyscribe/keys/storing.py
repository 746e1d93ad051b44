"""Keys that `anyscribe login` stored: in the system's keyring, or in a file that only this user can read.

The file names every address that has a key, also those whose key is in the keyring: other runs need not ask it.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from anyscribe.errors import AnyscribeError, MissingExtraError, UsageError
from anyscribe.optional import is_installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTRA: Final = "keyring"
KEYRING: Final = "the keyring"
_NAME: Final = "anyscribe"
_FILE: Final = "keys.json"
_IN_KEYRING: Final = {"keyring": True}
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_RECOMMENDED: Final = 1
"""The least priority of keyrings that their library recommends: others encrypt nothing, or keep nothing."""


def keys_path() -> Path:
    """Return the path of the file.

    Raises:
        UsageError: There is no folder for this user's data.
    """
    try:
        path = platformdirs.user_data_path(_NAME, appauthor=False) / _FILE
    except RuntimeError as error:
        raise UsageError(f"there is no place for keys ({error})", remedy="set HOME") from error
    if not path.is_absolute():
        raise UsageError(f"there is no place for keys ({path} is not an absolute path)", remedy="set HOME")
    return path


def stored_key(address: str) -> tuple[str, str] | None:
    """Return the key of an address, and where it was found; None if none was stored.

    Args:
        address: As `address_of` writes it.

    Raises:
        UsageError: The file or the keyring cannot be read.
    """
    try:
        path = keys_path()
    except UsageError:
        # Then nothing was stored.
        return None
    entry = _entries().get(address)
    if entry == _IN_KEYRING:
        key = in_keyring(address)
        return None if key is None else (key, KEYRING)
    return (entry, str(path)) if isinstance(entry, str) and entry else None


def store_key(address: str, key: str, *, only_keyring: bool = False) -> str:
    """Store a key, in the keyring if there is one.

    Args:
        address: What it belongs to.
        key: The key.
        only_keyring: Whether it must not be stored in the file.

    Returns:
        Where it was stored.

    Raises:
        AnyscribeError: It could not be stored; nothing of it is left behind.
    """
    keyring = _keyring()
    if keyring is None:
        if only_keyring:
            raise _no_keyring()
        _write(_entries() | {address: key})
        return str(keys_path())
    with _translated():
        keyring.set_password(_NAME, address, key)
    _write(_entries() | {address: _IN_KEYRING})
    return KEYRING


def delete_key(address: str) -> str | None:
    """Delete a key.

    Args:
        address: What it belongs to.

    Returns:
        Where it was; None if none was stored.

    Raises:
        AnyscribeError: It could not be deleted.
    """
    entries = dict(_entries())
    entry = entries.pop(address, None)
    if entry is None:
        return None
    if entry == _IN_KEYRING:
        keyring = _keyring()
        if keyring is None:
            raise _no_keyring()
        with _translated():
            if keyring.get_password(_NAME, address) is not None:
                keyring.delete_password(_NAME, address)
    _write(entries)
    return KEYRING if entry == _IN_KEYRING else str(keys_path())


def in_keyring(address: str) -> str | None:
    """Return the key that the keyring has for an address; None if it has none.

    Args:
        address: What it belongs to.

    Raises:
        AnyscribeError: There is no keyring, or it cannot be read.
    """
    keyring = _keyring()
    if keyring is None:
        raise _no_keyring()
    with _translated():
        key: str | None = keyring.get_password(_NAME, address)
    return key


def has_keyring() -> bool:
    """Return whether keys would be stored in the system's keyring."""
    return _keyring() is not None


def _keyring() -> Any:  # noqa: ANN401 - a backend of keyring's
    """Return the system's keyring; None if there is none that protects what it keeps."""
    if not is_installed("keyring"):
        return None
    import keyring  # noqa: PLC0415 - an extra, and slow to load
    import keyring.errors  # noqa: PLC0415 - likewise

    try:
        found = keyring.get_keyring()
        is_recommended = found.priority >= _RECOMMENDED
    except (keyring.errors.KeyringError, RuntimeError):
        return None
    return found if is_recommended else None


def _no_keyring() -> AnyscribeError:
    if not is_installed("keyring"):
        return MissingExtraError("the system's keyring cannot be used", extra=EXTRA)
    return UsageError("this system has no keyring that can be used", remedy="use key_env, key_command or key_file")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Translate errors of the keyring; their text may come from anywhere, and is not shown."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - backends raise what they like
        reason = type(error).__name__
        raise AnyscribeError(f"the keyring refused ({reason})", remedy="unlock it, or set a variable") from None


def _entries() -> dict[str, Any]:
    path = keys_path()
    try:
        entries = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise UsageError(f"{path} cannot be read ({reason})", remedy="delete it, and log in again") from None
    return entries if isinstance(entries, dict) else {}


def _write(entries: dict[str, Any]) -> None:
    """Write the file so that it never exists half written, nor readable for others."""
    path = keys_path()
    part = path.with_name(f".{_FILE}-{os.urandom(8).hex()}.part")
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        if os.name == "posix":
            path.parent.chmod(_FOLDER_MODE)
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w", encoding="utf-8") as file:  # noqa: PTH123 - a path has no mode
                json.dump(entries, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        raise AnyscribeError(f"cannot write {path} ({error.strerror})", remedy="check its folder") from error
