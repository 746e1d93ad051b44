"""Where requests go, and what proves who sends them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import requests.auth
import requests.utils

from anyscribe.engines.remote.error_replies import Sender
from anyscribe.errors import OptionError, UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from requests import PreparedRequest

_PATH: Final = "/audio/transcriptions"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NEVER_IN_URL: Final = re.compile(r"[\\\s\x00-\x1f\x7f]")
"""What one parser of addresses takes for a part of the host and another one not."""

_SHORTEST_SECRET_CHARS: Final = 4
"""Servers on one's own machine are given keys like ``x``, which stand in every other word of a message."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the key for it.

    Args:
        base_url: What comes before ``/audio/transcriptions``; a query such as Azure's ``?api-version=…`` is kept. A
            user name and password in it are sent where there is no key.
        key: The key, or None for a server that wants none. It is in no representation of this record.
        key_name: The environment variable that the key came from, for messages.
        insecure_http: Whether the key may travel in the clear to another machine.

    Raises:
        UsageError: The address is none, the key holds what no header can, or would travel in the clear.
    """

    base_url: str = field(repr=False)
    key: str | None = field(default=None, repr=False)
    key_name: str = "ANYSCRIBE_API_KEY"
    insecure_http: bool = False

    def __post_init__(self) -> None:
        parts = self._parts()
        if self.key is not None and not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            raise UsageError(
                f"{self.key_name} holds characters that no key has",
                remedy="copy the key again, without quotes or spaces",
            )
        secret = f"the key in {self.key_name}" if self.key else "its password" if self._user() else None
        if secret is None or parts.scheme == "https" or self.insecure_http:
            return
        if not is_loopback(parts.hostname or ""):
            raise OptionError(
                "base_url",
                self.shown_url,
                f"it would send {secret} over the network unencrypted",
                remedy=Sentence("use https://, unset the key, or allow it with {}", Option("insecure_http")),
            )
        if not _is_proxied_here(self.transcriptions_url):
            around = f"NO_PROXY={parts.hostname}"
            raise OptionError(
                "base_url",
                self.shown_url,
                f"it would send {secret} to a proxy on another machine unencrypted",
                remedy=Sentence("bypass the proxy with {}, or allow it with {}", around, Option("insecure_http")),
            )

    @property
    def transcriptions_url(self) -> str:
        """The full address of the transcriptions route, without a user name and password."""
        parts = self._parts()
        path = parts.path.rstrip("/").removesuffix(_PATH)
        return parts._replace(netloc=_without_user(parts.netloc), path=path + _PATH, fragment="").geturl()

    @property
    def shown_url(self) -> str:
        """The base URL as messages may show it, without a user name and password."""
        parts = urlsplit(self.base_url.strip())
        return parts._replace(netloc=_without_user(parts.netloc)).geturl()

    @property
    def host(self) -> str:
        """The server's host, with its port if that is given, for messages."""
        return _without_user(self._parts().netloc)

    @property
    def hostname(self) -> str:
        """The server's host alone."""
        return self._parts().hostname or ""

    @property
    def sender(self) -> Sender:
        """Who sends requests, for remedies."""
        return Sender(self.key_name, has_key=self.key is not None)

    @property
    def auth(self) -> requests.auth.AuthBase:
        """How requests are signed, if at all."""
        parts = self._parts()
        user = self._user()
        if self.key is None:
            return _HeaderAuth() if user is None else requests.auth.HTTPBasicAuth(*(part.encode() for part in user))
        # Azure's own convention; every other server known takes a bearer token.
        is_azure = f".{parts.hostname}".endswith(".azure.com") or "api-version=" in parts.query
        return _HeaderAuth("api-key", self.key) if is_azure else _HeaderAuth("Authorization", f"Bearer {self.key}")

    def redacted(self, text: str) -> str:
        """Take the key, and a password that stands in the address, out of a text.

        Args:
            text: Anything that may be shown; servers repeat what they were sent.
        """
        for secret in self._secrets():
            text = text.replace(secret, "[key]")
        return text

    def redacted_bytes(self, body: bytes) -> bytes:
        """Take the same out of a reply.

        Args:
            body: The reply, before its beginning is cut out of it: half a key is no key, but too much of one.
        """
        for secret in self._secrets():
            body = body.replace(secret.encode(), b"[key]")
        return body

    def follow(self, url: str, location: str) -> str | None:
        """Find where a redirect leads, if recording and key stay with the server that the user named.

        Args:
            url: The address that was asked.
            location: What it answered, absolute or not.

        Returns:
            The address to ask next; None where it is another server's, or none at all.
        """
        try:
            old, new = urlsplit(url), urlsplit(urljoin(url, location))
            if _origin(old) != _origin(new) or _NEVER_IN_URL.search(location):
                return None
        except ValueError:
            return None
        return new._replace(netloc=old.netloc, fragment="").geturl()

    def _parts(self) -> SplitResult:
        """Split the address as requests understands it, which is where the key will go."""
        given = self.base_url.strip()
        # In an address that cannot be parsed, a password may end anywhere before the last @.
        shown = given.rpartition("@")[2]
        remedy = "write it like https://api.example.com/v1"
        refusal = OptionError("base_url", shown, "not an address", remedy=remedy)
        if _NEVER_IN_URL.search(given):
            raise refusal
        try:
            parts = urlsplit(requests.Request("POST", given).prepare().url or "")
            (parts.hostname or "").encode("idna")
        except ValueError:
            raise refusal from None
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise refusal
        return parts

    def _user(self) -> tuple[str, str] | None:
        user, password = requests.utils.get_auth_from_url(self._parts().geturl())
        return (user, password) if user or password else None

    def _secrets(self) -> list[str]:
        secrets = [self.key or "", *(self._user() or ())[1:], self._parts().password or ""]
        return [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET_CHARS]


class _HeaderAuth(requests.auth.AuthBase):
    """Sets a header, or none. Being there at all it keeps requests from sending what ``.netrc`` has for the host."""

    def __init__(self, header: str = "", value: str = "") -> None:
        self._header = header
        self._value = value

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._header:
            request.headers[self._header] = self._value
        return request


def is_loopback(host: str) -> bool:
    """Tell whether a host, as a URL has it, is this machine.

    Names below ``localhost`` are not: some resolvers ask the network for them.

    Args:
        host: A name or address, without brackets and port.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown_address(address: str) -> str:
    """Show an address that came from elsewhere, without a user name and password.

    Args:
        address: Anything.
    """
    scheme, slashes, rest = address.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{_without_user(authority)}{slash}{path}"


def _is_proxied_here(url: str) -> bool:
    """Tell whether a request goes through no proxy, or through one on this machine."""
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    if not proxy:
        return True
    try:
        return is_loopback(urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname or "")
    except ValueError:
        return False


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _without_user(netloc: str) -> str:
    return netloc.rpartition("@")[2]
