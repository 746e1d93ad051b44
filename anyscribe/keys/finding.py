"""Find the key for a server. A key goes to the server that it belongs to, and to no other."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from anyscribe.errors import UsageError
from anyscribe.keys.addresses import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY_VARIABLE: Final = "ANYSCRIBE_API_KEY"
"""The variable whose key is for whichever server the user names."""

_VARIABLES: Final = {
    "api.anyapi.ai": "ANYAPI_API_KEY",
    "api.openai.com": "OPENAI_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
}
"""The variables that other programs read too, each for its own server alone.

Source: the quick starts of the four companies."""

_COMMAND_S: Final = 120
"""The longest wait for a command that asks its user something."""

_SCHEME: Final = "bearer "
_AROUND_KEYS: Final = " \t\r\n\v\f\xa0\u200b\u2028\u2029\ufeff'\"`\u2018\u2019\u201a\u201c\u201d\u201e"
"""Characters that surround a copied key: white space, visible or not, a byte order mark, and quotes of any kind."""


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


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was found.

    Args:
        value: The key itself.
        place: Where it was found, for messages.
        notice: What the user should know about it, without a part of it; empty if there is nothing.
    """

    value: str = field(repr=False)
    place: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """The places where keys are looked for.

    Args:
        environ: The environment.
        own: Where the chosen profile's key is; None if it does not say.
        are_stored: Whether keys that were stored by `anyscribe login` are found too.
    """

    environ: Mapping[str, str]
    own: ProfileKey | None = None
    are_stored: bool = True

    def find(self, base_url: str) -> Key | None:
        """Find the key for a server.

        Args:
            base_url: The server's address.

        Returns:
            The first that is found: in `KEY_VARIABLE`, where the profile says, in the variable of the server's
            company, and among those that were stored. None if there is none.

        Raises:
            UsageError: The profile's command failed, or its file or keyring has no key.
        """
        return next(self._found(base_url), None)

    def expected(self, base_url: str) -> str:
        """Return where a key for a server would be looked for first, for a user who has set none.

        Args:
            base_url: The server's address.
        """
        own = self._own_for(base_url)
        return own.place if own is not None and own.source is KeySource.VARIABLE else KEY_VARIABLE

    def _found(self, base_url: str) -> Iterator[Key]:
        address, own = address_of(base_url), self._own_for(base_url)
        yield from self._in_variable(KEY_VARIABLE, own)
        if own is not None and own.source is KeySource.VARIABLE:
            yield from self._in_variable(own.place)
        elif own is not None:
            yield _own_key(own)
        if address in _VARIABLES:
            yield from self._in_variable(_VARIABLES[address])
        if self.are_stored and address:
            from anyscribe.keys.storing import stored_key  # noqa: PLC0415 - loads platformdirs

            stored = stored_key(address)
            if stored is not None:
                yield Key(*stored)

    def _own_for(self, base_url: str) -> ProfileKey | None:
        own = self.own
        return own if own is not None and address_of(own.base_url) == address_of(base_url) != "" else None

    def _in_variable(self, name: str, instead_of: ProfileKey | None = None) -> Iterator[Key]:
        given = self.environ.get(name, "")
        key = cleaned_key(given)
        if not key:
            return
        notices = [] if key == given else [f'{name}: quotes, spaces or "Bearer" around the key were left out']
        if instead_of is not None and self._is_set(instead_of):
            notices.append(f"the key in {name} is used instead of that of the profile {instead_of.profile}")
        yield Key(key, name, "; ".join(notices))

    def _is_set(self, own: ProfileKey) -> bool:
        return own.source is not KeySource.VARIABLE or bool(self.environ.get(own.place))


def _own_key(own: ProfileKey) -> Key:
    """Read a profile's key; a place that is named and has none is an error."""
    subject = f"{own.source} of the profile {own.profile}"
    if own.source is KeySource.COMMAND:
        found, place = _printed(own.place, subject), subject
    elif own.source is KeySource.FILE:
        found, place = _in_file(own.place, subject), own.place
    else:
        from anyscribe.keys.storing import KEYRING, in_keyring  # noqa: PLC0415 - loads the system's keyring

        found, place = in_keyring(address_of(own.base_url)) or "", KEYRING
    key = cleaned_key(found)
    if not key and own.source is KeySource.KEYRING:
        raise UsageError(f"{place} has no key for {address_of(own.base_url)}", remedy=f"anyscribe login {own.profile}")
    if not key:
        raise UsageError(f"there is no key in {place}", remedy="its first line should be the key")
    return Key(key, place)


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


def _in_file(name: str, subject: str) -> str:
    from pathlib import Path  # noqa: PLC0415 - few keys come from files

    try:
        return _first_line(Path(name).expanduser().read_bytes())
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{subject}: {name} cannot be read ({reason})", remedy="check the path") from error


def _first_line(content: bytes) -> str:
    return content.decode("utf-8", "replace").strip().partition("\n")[0]


def cleaned_key(given: str) -> str:
    """Return a key without what was copied with it: spaces, line ends, quotes, and the ``Bearer`` of a header.

    Args:
        given: The key as it was set.
    """
    key = given.strip(_AROUND_KEYS)
    if key[: len(_SCHEME)].lower() == _SCHEME:
        key = key[len(_SCHEME) :].strip(_AROUND_KEYS)
    return key
