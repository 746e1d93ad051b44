"""Find the key for a server. A key goes to the server that it belongs to, and to no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyscribe.keys import KEY_VARIABLE
from anyscribe.keys.addresses import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anyscribe.keys.profile_key import ProfileKey

_VARIABLES: Final = {
    "api.anyapi.ai": "ANYAPI_API_KEY",
    "api.openai.com": "OPENAI_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
}
"""The variables that other programs read too, each for its own server alone.

Source: the quick starts of the four companies."""

_SCHEME: Final = "bearer "
_AROUND_KEYS: Final = " \t\r\n\v\f\xa0\u200b\u2028\u2029\ufeff'\"`\u2018\u2019\u201a\u201c\u201d\u201e"
"""Characters that surround a copied key: white space, visible or not, a byte order mark, and quotes of any kind."""


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
        """Return the variable to set if there is no key for a server.

        Args:
            base_url: The server's address.
        """
        own = self._own_for(base_url)
        if own is not None and own.variable:
            return own.variable
        return _VARIABLES.get(address_of(base_url), KEY_VARIABLE)

    def _found(self, base_url: str) -> Iterator[Key]:
        address, own = address_of(base_url), self._own_for(base_url)
        yield from self._in_variable(KEY_VARIABLE, own)
        if own is not None and own.variable:
            yield from self._in_variable(own.variable)
        elif own is not None:
            from anyscribe.keys.profile_key import read_profile_key  # noqa: PLC0415 - few profiles have such a key

            found, place = read_profile_key(own)
            yield Key(found, place)
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
        return not own.variable or bool(self.environ.get(own.variable))


def cleaned_key(given: str) -> str:
    """Return a key without what was copied with it: spaces, line ends, quotes, and the ``Bearer`` of a header.

    Args:
        given: The key as it was set.
    """
    key = given.strip(_AROUND_KEYS)
    if key[: len(_SCHEME)].lower() == _SCHEME:
        key = key[len(_SCHEME) :].strip(_AROUND_KEYS)
    return key
