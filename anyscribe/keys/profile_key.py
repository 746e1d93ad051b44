"""The key of a profile: in a variable, printed by a command, in a file, or in the system's keyring."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from anyscribe.errors import UsageError
from anyscribe.keys.addresses import address_of
from anyscribe.keys.finding import cleaned_key

_COMMAND_S: Final = 120
"""The longest wait for a command that asks its user something."""


class KeySource(StrEnum):
    """How a profile says where its key is."""

    VARIABLE = "key_env"
    COMMAND = "key_command"
    FILE = "key_file"
    KEYRING = "key_keyring"


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """Where a profile's key is.

    Args:
        profile: The profile's name.
        base_url: The profile's own server; the key goes to no other.
        source: What kind of place it is.
        place: The variable's name, the command line or the file; empty for the keyring.
    """

    profile: str
    base_url: str
    source: KeySource
    place: str = ""

    @property
    def variable(self) -> str:
        """The variable that it is in; empty if it is elsewhere."""
        return self.place if self.source is KeySource.VARIABLE else ""


def read_profile_key(own: ProfileKey) -> tuple[str, str]:
    """Read a profile's key from a command, a file or the keyring.

    Args:
        own: Where it is.

    Returns:
        What was found there, which is not empty, and the place, for messages.

    Raises:
        UsageError: There is no key, or the place cannot be read. What a command prints is not shown.
    """
    subject = f"{own.source} of the profile {own.profile}"
    if own.source is KeySource.COMMAND:
        found, place = _printed(own.place, subject), subject
    elif own.source is KeySource.FILE:
        found, place = key_in_file(own.place, subject), own.place
    else:
        from anyscribe.keys.storing import KEYRING, in_keyring  # noqa: PLC0415 - loads the system's keyring

        found, place = cleaned_key(in_keyring(address_of(own.base_url)) or ""), KEYRING
    if not found and own.source is KeySource.KEYRING:
        raise UsageError(f"{place} has no key for {address_of(own.base_url)}", remedy=f"anyscribe login {own.profile}")
    if not found:
        raise UsageError(f"there is no key in {place}", remedy="its first line should be the key")
    return found, place


def _printed(command: str, subject: str) -> str:
    """Return the first line that a command prints. What else it says may hold secrets, and is not shown."""
    import shlex  # noqa: PLC0415 - few keys come from commands
    import subprocess  # noqa: PLC0415 - as above

    try:
        words = shlex.split(command, posix=os.name == "posix")
    except ValueError as error:
        raise UsageError(f"{subject}: {error}", remedy="write it as in a shell") from error
    try:
        # Standard input may be a recording.
        done = subprocess.run(  # noqa: S603 - the user's own command
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"has not ended within {_COMMAND_S} s"
    except (OSError, ValueError, IndexError) as error:
        reason = f"cannot be run ({getattr(error, 'strerror', None) or 'it is empty'})"
    else:
        if done.returncode == 0:
            return _first_line(done.stdout)
        reason = f"failed with exit code {done.returncode}"
    raise UsageError(f"{subject} {reason}", remedy="try the command in a terminal")


def key_in_file(name: str, subject: str) -> str:
    """Return the key in a file's first line; empty if there is none.

    Args:
        name: The file; ``~`` is this user's home.
        subject: What names the file, for messages.

    Raises:
        UsageError: The file cannot be read.
    """
    from pathlib import Path  # noqa: PLC0415 - few keys come from files

    try:
        return _first_line(Path(name).expanduser().read_bytes())
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{subject}: {name} cannot be read ({reason})", remedy="check the path") from error


def _first_line(content: bytes) -> str:
    return cleaned_key(content.decode("utf-8", "replace").strip().partition("\n")[0])
