"""Where the server listens: bound before anything else is done, so that what cannot be is said at once."""

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
        port: 0 takes any that is free.
        may_be_reached: Whether it may be an address at which other machines reach it.

    Returns:
        The socket; nobody can connect to it yet.

    Raises:
        UsageError: There is no such host, or other machines could reach it.
        AnyscribeError: It is not to be had, mostly because another program has it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError):
        raise OptionError("host", host, "no such address", remedy="127.0.0.1 is this machine to itself") from None
    # A name such as localhost may stand for both; most clients try the older one first.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] is not socket.AF_INET)
    if not may_be_reached and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise OptionError(
            "host",
            host,
            "everyone who reaches this address could use the server",
            remedy=Sentence("{} names a file with the key that clients must send", Option("api_key_file")),
        )
    listener = socket.socket(family, kind, protocol)
    try:
        # Else a port could not be had again for a minute; on Windows the same option would share it with others.
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise AnyscribeError(
            f"cannot listen at {host} port {port} ({reason})",
            remedy=Sentence("{} names another one, 0 any that is free", Option("port")),
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Give the base URL that clients use.

    Args:
        listener: The socket, bound.
    """
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
