"""What a key belongs to."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}


def address_of(base_url: str) -> str:
    """Return the address that a key for a server belongs to: its host, with what is not usual of scheme and port.

    Args:
        base_url: The server's address, up to the route.

    Returns:
        Such as ``api.groq.com``, ``example.com:8443`` or ``http://localhost:8000``; empty for what is no address.
    """
    try:
        parts = urlsplit(base_url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host or parts.scheme not in _PORTS:
        return ""
    shown = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return shown if parts.scheme == "https" else f"{parts.scheme}://{shown}"
