"""Where requests go, and what proves who sends them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

import requests.auth

from anyscribe.errors import UsageError

if TYPE_CHECKING:
    from requests import PreparedRequest

_PATH: Final = "/audio/transcriptions"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the key for it.

    Args:
        base_url: What comes before ``/audio/transcriptions``; a query such as Azure's ``?api-version=…`` is kept.
        key: The key, or None for a server that wants none. It is in no representation of this record.
        key_name: The environment variable that the key came from, for messages.
        insecure_http: Whether the key may travel in the clear to another machine.

    Raises:
        UsageError: The address is none, the key holds what no header can, or would travel in the clear.
    """

    base_url: str
    key: str | None = field(default=None, repr=False)
    key_name: str = "ANYSCRIBE_API_KEY"
    insecure_http: bool = False

    def __post_init__(self) -> None:
        parts = _split(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"--base-url {self.shown_url}: not an address", hint="write it like https://api.example.com/v1"
            )
        if self.key is None:
            return
        if not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            raise UsageError(
                f"{self.key_name} holds characters that no key has", hint="copy the key again, without quotes or spaces"
            )
        if parts.scheme == "http" and not is_loopback(parts.hostname) and not self.insecure_http:
            raise UsageError(
                f"--base-url {self.shown_url} would send the key in {self.key_name} over the network unencrypted",
                hint="use https://, unset the key, or allow it with --insecure-http",
            )

    @property
    def transcriptions_url(self) -> str:
        """The full address of the transcriptions route."""
        parts = _split(self.base_url)
        path = parts.path.rstrip("/").removesuffix(_PATH)
        return parts._replace(path=path + _PATH, fragment="").geturl()

    @property
    def shown_url(self) -> str:
        """The base URL without a user name and password that may stand in it."""
        parts = _split(self.base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def auth(self) -> requests.auth.AuthBase | None:
        """How requests are signed; None where there is no key."""
        if self.key is None:
            return None
        host = _split(self.base_url).hostname or ""
        # Azure's own convention; every other server known takes a bearer token.
        azure = host.endswith((".openai.azure.com", ".cognitiveservices.azure.com"))
        return _KeyAuth("api-key", self.key) if azure else _KeyAuth("Authorization", f"Bearer {self.key}")


class _KeyAuth(requests.auth.AuthBase):
    """Sets the key's header. Being an auth object it also keeps requests from using a ``.netrc`` entry instead."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers[self._header] = self._value
        return request


def is_loopback(host: str) -> bool:
    """Tell whether a host, as a URL has it, is this machine.

    Args:
        host: A name or address, without brackets and port.
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - reading it raises for a bad port
    except ValueError as error:
        raise UsageError(f"--base-url: not an address ({error})") from error
    return parts
