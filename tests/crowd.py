"""Many simultaneous clients of a server, and the outcome of each."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import Counter
from typing import TYPE_CHECKING

from served import read_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from served import Served

_RESET_AT_ONCE = struct.pack("ii", 1, 0)


def ask_at_once(served: Served, data: bytes, clients: int) -> Counter[str]:
    """Send the same request from many clients at the same time.

    Args:
        served: The server.
        data: The request.
        clients: The number of clients.

    Returns:
        The number of times each outcome occurred: a status, or the name of the exception.
    """
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    start = threading.Barrier(clients)

    def ask() -> None:
        start.wait()
        try:
            outcome = str(served.exchange(data).status)
        except OSError as error:
            outcome = type(error).__name__
        with lock:
            outcomes[outcome] += 1

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def begin_at_once(served: Served, requests: Sequence[bytes]) -> list[socket.socket]:
    """Send each request until it is complete or the server stops reading, and leave the connections open."""
    connections = []
    for data in requests:
        connection = served.connect()
        connection.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            connection.sendall(data)
        connections.append(connection)
    return connections


def kill(connections: Sequence[socket.socket]) -> None:
    """Close connections as the system does for killed clients: some in order, some by a reset."""
    for number, connection in enumerate(connections):
        if number % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        connection.close()


def answers_of(connections: Sequence[socket.socket], timeout_s: float) -> Counter[str]:
    """Read the replies that arrive within the timeout; the other connections count as `open`."""
    outcomes: Counter[str] = Counter()
    for connection in connections:
        connection.settimeout(timeout_s)
        try:
            outcomes[str(read_answer(connection).status)] += 1
        except TimeoutError:
            outcomes["open"] += 1
        except OSError as error:
            outcomes[type(error).__name__] += 1
    return outcomes
