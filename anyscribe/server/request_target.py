"""Find out what a request is for: its host, which is checked if there is no key, and its path."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from anyscribe.server.failures import Failure, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@/\\?#\s]+)(:[0-9]*)?")
_LOCAL: Final = "localhost"
_SLASHES: Final = re.compile("/+")
_LONGEST_NAME: Final = 100


class RequestTarget:
    """ASGI middleware that checks the host and normalises the path of a request.

    A page on the internet whose name is made to resolve to this machine (DNS rebinding) can send requests to a server
    that only this machine can reach. The browser sends the page's name in them.

    Args:
        app: The app that handles requests. It gets a path without an address before it, a slash at its end, or double
            slashes: base URLs are put together in many ways, and a redirect would cost a second upload.
        hosts: Names of this machine besides localhost and the loopback addresses; None accepts any name.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or raise a `RefusedError`."""
        # Only HTTP/1.0 allows a request without a host. Browsers always send one.
        host = Headers(scope=scope).get("host")
        path = scope["path"]
        if path.lower().startswith(("http://", "https://")):
            # A client that takes this server for a proxy. The address counts, not the header: RFC 9112, 3.2.2.
            try:
                address = urlsplit(path)
            except ValueError:
                raise RefusedError(Failure(400, "the request's address cannot be read")) from None
            host, path = address.netloc, address.path or "/"
        if self._hosts is not None and host is not None and not self._is_here(host):
            raise RefusedError(_misdirected(host))
        path = _SLASHES.sub("/", path)
        await self._app({**scope, "path": path.rstrip("/") or path}, receive, send)

    def _is_here(self, authority: str) -> bool:
        """Return whether a host, with or without a port, names this machine and nothing else."""
        found = _AUTHORITY.fullmatch(authority)
        if found is None:
            return False
        # The port does not matter: it may be a forwarded one, and a page cannot choose another port than this server's.
        name = found[1].strip("[]").lower().removesuffix(".")
        if name == _LOCAL or name.endswith(f".{_LOCAL}") or name in (self._hosts or ()):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _misdirected(host: str) -> Failure:
    message = f"the request is for {host[:_LONGEST_NAME] or 'no host'}, which is not a name of this machine"
    return Failure(
        421, f"{message}; without a key, this server answers to localhost and 127.0.0.1", code="unknown_host"
    )
