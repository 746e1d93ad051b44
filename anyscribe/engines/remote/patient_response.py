"""Read the head of a response: skip interim responses, and apply the timeout to all of it.

`http.client` skips ``100 Continue`` alone, and takes ``103 Early Hints`` for the response. Its timeout is for each
read: a server that sends a byte now and then can make it wait for hours.

Source: RFC 9110, 15.2: a client must be able to parse interim responses, even if it does not expect them.
"""

from __future__ import annotations

import http.client
import io
import re
import time
from typing import TYPE_CHECKING, Any, Final

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket

    from urllib3 import PoolManager, ProxyManager

_INTERIM: Final = re.compile(rb"(HTTP/1\.[01][ \t]+)1(?!01)[0-9]{2}(?![0-9])")
"""The status line of an interim response; 101 ends the use of HTTP on the connection."""

_SUCCESS: Final = range(200, 300)


class PatientAdapter(HTTPAdapter):
    """Sends requests over connections whose responses are `PatientResponse`."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as the base class
        """Make the pools of connections."""
        super().init_poolmanager(*args, **options)
        _use_patient_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:  # noqa: ANN401 - as the base class
        """Return the pools of connections through a proxy."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            _use_patient_pools(manager)
        return manager


class PatientResponse(http.client.HTTPResponse):
    """A response whose head, and whose body if it is a refusal, must arrive within the read timeout as a whole."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as the base class
        super().__init__(sock, *args, **options)
        self.fp.close()
        self._source = _Source(sock)
        self.fp = _Head(self._source)

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        if self.status in _SUCCESS:
            self._source.unbound()


class _Source(io.RawIOBase):
    """The bytes from a socket, which must all arrive within its timeout until `unbound` is called.

    Args:
        sock: The socket; its timeout is that of each read afterwards.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._timeout = sock.gettimeout()
        self._until = None if self._timeout is None else time.monotonic() + self._timeout

    def unbound(self) -> None:
        """Apply the timeout to each read from now on."""
        self._until = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - as the base class
        """Read what has arrived.

        Raises:
            TimeoutError: Nothing arrived in time.
        """
        if self._until is not None:
            left_seconds = self._until - time.monotonic()
            if left_seconds <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left_seconds)
        try:
            return self._file.readinto(buffer)
        finally:
            if self._until is not None:
                self._sock.settimeout(self._timeout)

    def close(self) -> None:
        """Close the socket's file; the socket belongs to the connection."""
        if not self.closed:
            self._file.close()
        super().close()


class _Head(io.BufferedReader):
    """A reader that shows the status lines of interim responses as ``100``, which `http.client` skips."""

    def __init__(self, source: _Source) -> None:
        super().__init__(source)
        self._is_status = True
        self._is_interim = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line."""
        line = super().readline(size)
        if self._is_status:
            self._is_status = False
            found = _INTERIM.match(line)
            self._is_interim = found is not None
            return line if found is None else found.expand(rb"\g<1>100") + line[found.end() :]
        if self._is_interim and line in (b"\r\n", b"\n"):
            self._is_status = True
        return line


class _HTTPConnection(HTTPConnection):
    response_class = PatientResponse


class _HTTPSConnection(HTTPSConnection):
    response_class = PatientResponse


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


def _use_patient_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
