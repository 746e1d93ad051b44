"""Addresses as users write them: taken apart, and shown without their secrets. Nothing is asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Final

from anyscribe.errors import UsageError

EXTRAS: Final = {
    "s3": "s3",
    "gs": "gcs",
    "az": "azure",
    "http": "https",
    "https": "https",
    "sftp": "sftp",
    "memory": "https",
}
"""The protocols, and the extra that brings each; ``memory`` is fsspec's own, for programs that try things out."""

_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)
_FILE_ADDRESS: Final = re.compile(r"file://(?:localhost)?(?=/)", re.IGNORECASE)
_MAGIC: Final = re.compile(r"[*?\[]")
_END_OF_HOST: Final = re.compile(r"[/?#]")
_OPEN_LOGIN: Final = re.compile(r"[^/?#@:\[\s]*:(?![0-9]*(?:[/?#\s]|$))\S*?@")
"""A user and a password in which a slash or a question mark was not escaped; a host's port is a number."""

_LOGIN_ANYWHERE: Final = re.compile(rf"(?<=://)(?:[^/\s]*@|{_OPEN_LOGIN.pattern})")
_QUERY_ANYWHERE: Final = re.compile(r"(://[^\s?#'\"]*)[?#][^\s'\")]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file, a folder or a pattern is.

    Args:
        protocol: How it is reached, such as ``s3``.
        host: A bucket, a container, or a host with its port.
        path: What follows, without the first slash, as it was written.
        login: A user name, perhaps with a password, as it was written; never shown.
        query: What follows a question mark, on the web; it may hold a token and is never shown.
    """

    protocol: str
    host: str
    path: str
    login: str = field(default="", repr=False)
    query: str = field(default="", repr=False)

    @property
    def is_web(self) -> bool:
        """Whether it is reached by HTTP."""
        return self.protocol in ("http", "https")

    def __str__(self) -> str:
        return f"{self.protocol}://{self.host}/{self.path}"


def read_address(given: str) -> Address | None:
    """Take an address apart.

    Args:
        given: What the user wrote.

    Returns:
        The address; None for anything else, and for protocols that are not known here.
    """
    found = _ADDRESS.fullmatch(given)
    if not found or found[1].lower() not in EXTRAS:
        return None
    protocol, rest = found[1].lower(), found[2]
    login, query = "", ""
    unescaped = _OPEN_LOGIN.match(rest)
    if unescaped and "@" not in _END_OF_HOST.split(rest, maxsplit=1)[0]:
        login, rest = rest[: unescaped.end() - 1], rest[unescaped.end() :]
    if protocol in ("http", "https"):
        # Elsewhere both are ordinary characters of names, or of patterns.
        rest, _, query = rest.partition("#")[0].partition("?")
    authority, _, path = rest.partition("/")
    if not login:
        login, _, authority = authority.rpartition("@")
    return Address(protocol, authority, path, login, query)


def check_address(address: Address) -> None:
    """Refuse an address that cannot be meant.

    Args:
        address: The address.

    Raises:
        UsageError: It has no bucket or host, or a user in front of a bucket.
    """
    if _MAGIC.search(address.host) or not address.host:
        raise UsageError(f"{address}: no bucket or host is named", remedy=f"write {address.protocol}://NAME/…")
    if address.login and not (address.is_web or address.protocol == "sftp"):
        remedy = "leave it out; credentials are found as other programs find them"
        raise UsageError(f"{address}: a bucket's address holds no user or password", remedy=remedy)


def path_of(given: str) -> str:
    """Return the path that a ``file:`` address stands for; anything else is returned as it is.

    Args:
        given: What the user wrote.
    """
    if not _FILE_ADDRESS.match(given) or os.path.lexists(given):
        return given
    from urllib.parse import urlsplit  # noqa: PLC0415 - rarely needed
    from urllib.request import url2pathname  # noqa: PLC0415 - likewise

    return url2pathname(urlsplit(given).path)


def shown(given: str) -> str:
    """Return what messages call an input or a folder: an address without its secrets, anything else as it is.

    Args:
        given: What the user wrote.
    """
    address = read_address(given)
    if address is not None:
        return str(address)
    return without_secrets(given) if _ADDRESS.match(given) else given


def without_secrets(text: str) -> str:
    """Remove user names, passwords and queries from all addresses in a text.

    Args:
        text: Any text, such as an error of a library.
    """
    return _QUERY_ANYWHERE.sub(r"\1", _LOGIN_ANYWHERE.sub("", text))
