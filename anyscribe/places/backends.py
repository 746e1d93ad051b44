"""fsspec's backends, as they are opened here; each finds credentials and endpoints as it is used to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from anyscribe.places.remote_file import FileState

_CONNECT_S: Final = 30
_READ_S: Final = 120
_VERSIONS: Final = ("ETag", "etag", "generation", "md5Hash", "LastModified", "last_modified", "Last-Modified")
_TIMES: Final = ("mtime", "created")
_WITH_LOGS: Final = ("adlfs", "aiobotocore", "asyncio", "azure", "botocore", "fsspec", "gcsfs", "paramiko", "s3fs")


def open_backend(protocol: str, host: str, login: str) -> Any:  # noqa: ANN401 - the backends have no types
    """Open a backend.

    Args:
        protocol: The protocol.
        host: The host, with its port; a bucket says nothing to its backend.
        login: The user's name, perhaps with a password; empty for what the backend finds by itself.

    Raises:
        ImportError: It is not installed.
        Exception: Any; the host cannot be reached, or refuses.
    """
    import logging  # noqa: PLC0415 - only addresses need it

    import fsspec  # noqa: PLC0415 - likewise

    for library in _WITH_LOGS:
        # Python would write what nobody takes to standard error, with tracebacks, and perhaps with secrets.
        logging.getLogger(library).addHandler(logging.NullHandler())
    # Listings are remembered here, and would be out of date there.
    options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
    if protocol == "s3":
        # A recording is one request, however long it is.
        options["max_concurrency"] = 1
    elif protocol in ("http", "https"):
        import aiohttp  # noqa: PLC0415 - likewise

        # By default, a download that takes five minutes is given up.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_READ_S)
        options["client_kwargs"] = {"timeout": timeout}
    elif protocol == "sftp":
        options = _sftp_options(host, login)
    elif protocol == "memory":
        options = {}
    backend = fsspec.filesystem(protocol, **options)
    if protocol == "sftp":
        # While a recording is transcribed, nothing else would go over the connection, and it may be taken for dead.
        backend.client.get_transport().set_keepalive(_CONNECT_S)
    return backend


def is_lost(backend: Any) -> bool:  # noqa: ANN401 - as above
    """Return whether a backend's connection has ended; only that of SFTP lasts for longer than a request.

    Args:
        backend: The backend.
    """
    if "sftp" not in backend.protocol:
        return False
    transport = backend.client.get_transport()
    return transport is None or not transport.is_active()


def state_of(info: dict[str, Any]) -> FileState:
    """Take from a backend's description what tells one content from another; all of them use other names.

    Args:
        info: What a backend says about a file.
    """
    size = info.get("size")
    for name in (*_VERSIONS, *_TIMES):
        value = info.get(name)
        if value:
            told = value.timestamp() if hasattr(value, "timestamp") else value
            return FileState(size, f"{name}: {told}")
    return FileState(size)


def _sftp_options(host: str, login: str) -> dict[str, Any]:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - likewise

    parts = urlsplit(f"//{host}")
    user, _, password = login.partition(":")
    given = {
        "host": parts.hostname,
        "port": parts.port,
        "username": unquote(user),
        "password": unquote(password),
        "host_key_policy": _known_hosts(),
        "timeout": _CONNECT_S,
    }
    return {name: value for name, value in given.items() if value}


def _known_hosts() -> Any:  # noqa: ANN401 - as above
    """Return what takes the hosts that ssh knows, and no others: by default, fsspec takes any."""
    import paramiko  # noqa: PLC0415 - likewise

    class KnownHosts(paramiko.MissingHostKeyPolicy):  # type: ignore[misc] # paramiko has no types
        def missing_host_key(self, _client: object, hostname: str, key: object) -> None:
            known = Path("~/.ssh/known_hosts").expanduser()
            if not known.is_file() or not paramiko.HostKeys(str(known)).check(hostname, key):
                raise OSError("ssh does not know this host; connect to it once with ssh")

    return KnownHosts()
