"""The server that requests are sent to, and the authentication of requests."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import requests.auth
import requests.utils

from anyscribe.engines.remote.error_replies import Sender
from anyscribe.engines.remote.redaction import Redactor
from anyscribe.errors import OptionError, UsageError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from requests import PreparedRequest

_TRANSCRIPTIONS: Final = "/audio/transcriptions"
_TRANSLATIONS: Final = "/audio/translations"
_ROUTE: Final = re.compile(r"(?:(?<!/deployments)/+audio(?:/+(?:transcriptions|translations))?)?/*$")
"""What may follow the base URL in an address that was copied from a program or a page. Azure's deployments, whose names
are free, may be called ``audio``."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NEVER_IN_URL: Final = re.compile(r"[\\\s\x00-\x1f\x7f]")
"""Characters that some URL parsers treat as part of the host and others do not."""


@dataclass(frozen=True)
class Endpoint:
    """A server and its key.

    Args:
        base_url: The URL before ``/audio/transcriptions``, or with it; a query such as Azure's ``?api-version=…``
            is kept. A user name and password in it are sent if there is no key.
        key: The key; None if the server needs none. It is excluded from the representation of this record.
        key_name: The environment variable that the key came from, for messages.
        insecure_http: Whether the key may be sent unencrypted to another machine.

    Raises:
        UsageError: The URL is invalid, the key contains characters that a header cannot, or it would be sent
            unencrypted.
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

    @functools.cached_property
    def transcriptions_url(self) -> str:
        """The full URL of the transcriptions route, without user name and password."""
        return self._url_of(_TRANSCRIPTIONS)

    @functools.cached_property
    def translations_url(self) -> str:
        """The full URL of the translations route, likewise."""
        return self._url_of(_TRANSLATIONS)

    @property
    def shown_url(self) -> str:
        """The base URL for messages, without user name and password."""
        parts = urlsplit(self.base_url.strip())
        return parts._replace(netloc=_without_user(parts.netloc)).geturl()

    @functools.cached_property
    def host(self) -> str:
        """The server's host, with its port if given, for messages."""
        return _without_user(self._parts().netloc)

    @functools.cached_property
    def hostname(self) -> str:
        """The server's host without the port."""
        return self._parts().hostname or ""

    @functools.cached_property
    def sender(self) -> Sender:
        """The sender of the requests, for remedies."""
        return Sender(self.key_name, has_key=self.key is not None, redact=self.redacted)

    @functools.cached_property
    def auth(self) -> requests.auth.AuthBase:
        """The authentication of requests, if any."""
        parts = self._parts()
        user = self._user()
        if self.key is None:
            return _HeaderAuth() if user is None else requests.auth.HTTPBasicAuth(*(part.encode() for part in user))
        # Azure has its own header; all other known servers accept a bearer token.
        is_azure = f".{parts.hostname}".endswith(".azure.com") or "api-version=" in parts.query
        return _HeaderAuth("api-key", self.key) if is_azure else _HeaderAuth("Authorization", f"Bearer {self.key}")

    def redacted(self, text: str) -> str:
        """Remove the key, and a password in the base URL, from a text.

        Args:
            text: Any text that may be shown; servers repeat what they were sent.
        """
        return self._redactor.redact(text)

    def redacted_bytes(self, body: bytes) -> bytes:
        """Remove the same secrets from a reply.

        Args:
            body: The reply, before it is shortened: a truncated key would not be found, but reveals too much.
        """
        # Latin-1 maps bytes to characters one to one; keys are ASCII.
        return self.redacted(body.decode("latin-1")).encode("latin-1")

    def follow(self, url: str, location: str) -> str | None:
        """Return a redirect's target if the recording and the key stay on the server that the user named.

        Args:
            url: The URL that was requested.
            location: The redirect's location, absolute or relative.

        Returns:
            The URL to request next; None if it is on another server or invalid.
        """
        try:
            old, new = urlsplit(url), urlsplit(urljoin(url, location))
            if _origin(old) != _origin(new) or _NEVER_IN_URL.search(location):
                return None
        except ValueError:
            return None
        return new._replace(netloc=old.netloc, fragment="").geturl()

    def _url_of(self, route: str) -> str:
        parts = self._parts()
        path = _ROUTE.sub("", parts.path) + route
        return parts._replace(netloc=_without_user(parts.netloc), path=path, fragment="").geturl()

    def _parts(self) -> SplitResult:
        """Split the base URL as requests parses it, since that determines where the key is sent."""
        given = self.base_url.strip()
        # In a URL that cannot be parsed, a password may end anywhere before the last @.
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

    @functools.cached_property
    def _redactor(self) -> Redactor:
        return Redactor([self.key or "", *(self._user() or ())[1:], self._parts().password or ""])


class _HeaderAuth(requests.auth.AuthBase):
    """Sets a header, or none. Any auth object keeps requests from sending the host's ``.netrc`` credentials."""

    def __init__(self, header: str = "", value: str = "") -> None:
        self._header = header
        self._value = value

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._header:
            request.headers[self._header] = self._value
        return request


def is_loopback(host: str) -> bool:
    """Return whether a host, as written in a URL, is this machine.

    Names below ``localhost`` are not: some resolvers look them up on the network.

    Args:
        host: A name or address, without brackets and port.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown_address(address: str) -> str:
    """Return an address from an external source, without user name and password.

    Args:
        address: Any text.
    """
    scheme, slashes, rest = address.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{_without_user(authority)}{slash}{path}"


def _is_proxied_here(url: str) -> bool:
    """Return whether a request uses no proxy, or a proxy on this machine."""
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
