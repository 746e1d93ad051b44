"""The server's listening socket: bound before anything else is done, so that errors are reported at once."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys

from anyscribe.errors import AnyscribeError, OptionError
from anyscribe.sentence import Option, Sentence


def bind(host: str, port: int, *, may_be_reached: bool) -> socket.socket:
    """Bind a socket.

    Args:
        host: A name or address of this machine.
        port: The port; 0 selects any free one.
        may_be_reached: Whether the address may be reachable from other machines.

    Returns:
        The socket; it does not accept connections yet.

    Raises:
        UsageError: The host does not exist, or other machines could reach it although they must not.
        AnyscribeError: The address is unavailable, usually because another program uses it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError):
        raise OptionError("host", host, "no such address", remedy="use 127.0.0.1 for this machine only") from None
    # A name such as localhost may resolve to both IPv4 and IPv6; most clients try IPv4 first.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] is not socket.AF_INET)
    if not may_be_reached and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise OptionError(
            "host",
            host,
            "anyone who can reach this address could use the server",
            remedy=Sentence("{} names a file with the key that clients must send", Option("api_key_file")),
        )
    listener = socket.socket(family, kind, protocol)
    try:
        # Otherwise the port could not be bound again for a minute; on Windows, SO_REUSEADDR would share it with others.
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise AnyscribeError(
            f"cannot listen on {host} port {port} ({reason})",
            remedy=Sentence("choose another one with {}; 0 is any free one", Option("port")),
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base URL for clients.

    Args:
        listener: The bound socket.
    """
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
