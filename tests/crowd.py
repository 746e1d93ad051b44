"""Many clients of a server at once, and what becomes of each of them."""

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
    """Send the same request from so many clients, all at one time.

    Args:
        served: The server.
        data: The request.
        clients: How many.

    Returns:
        How often there was each outcome: a status, or the name of what went wrong.
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
    """Send requests, each as far as the server takes it at once, and leave them open."""
    connections = []
    for data in requests:
        connection = served.connect()
        connection.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            connection.sendall(data)
        connections.append(connection)
    return connections


def kill(connections: Sequence[socket.socket]) -> None:
    """End connections as the system does for a client that is killed: some in order, some by a reset."""
    for number, connection in enumerate(connections):
        if number % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        connection.close()


def answers_of(connections: Sequence[socket.socket], timeout_s: float) -> Counter[str]:
    """Read what those are told who are answered soon; the others count as `open`."""
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
