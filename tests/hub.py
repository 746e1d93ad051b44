"""A model hub on 127.0.0.1 for tests, limited to the requests that huggingface_hub makes to download a model.

with Hub({"Systran/faster-whisper-tiny": folder}) as hub:
    ...  # a process with HF_ENDPOINT=hub.url
    assert "GET /Systran/faster-whisper-tiny/resolve/…/model.bin" in hub.requests
"""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
import urllib.parse
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CHUNK_BYTES = 1 << 18


class Hub(http.server.ThreadingHTTPServer):
    """The hub.

    Args:
        models: The folder behind each repository.
    """

    daemon_threads = False
    block_on_close = True

    def __init__(self, models: Mapping[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models = models
        self.requests: list[str] = []
        self.status: int | None = None
        """The status of every reply; None answers normally."""
        self.hold_bytes: int | None = None
        """The number of bytes of the weights after which no more are sent; None sends all."""
        self.cut_bytes: int | None = None
        """The number of bytes of the weights after which the connection is closed, each time; None sends all."""
        self.chunk_delay_s = 0.0
        """Seconds to wait after each chunk of the weights."""
        self.held = threading.Event()
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="hub")

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asked_for(self, name: str) -> list[str]:
        """Return the requests that end with a name."""
        return [request for request in self.requests if request.endswith(name)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report nothing: clients disconnect."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 5
    server: Hub

    def do_GET(self) -> None:
        """Answer any request."""
        url = urllib.parse.urlsplit(self.path)
        self.server.requests.append(f"{self.command} {url.path}")
        if self.server.status:
            self._send_json({"error": "no"}, self.server.status)
            return
        for repository, folder in self.server.models.items():
            if url.path.startswith(f"/api/models/{repository}/tree/"):
                self._send_json([{"type": "file", "path": name, **about} for name, about in _files(folder).items()])
                return
            if url.path in (f"/api/models/{repository}", f"/api/models/{repository}/revision/main"):
                siblings = [{"rfilename": name, "size": about["size"]} for name, about in _files(folder).items()]
                self._send_json({"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings})
                return
            for revision in ("main", COMMIT):
                name = url.path.removeprefix(f"/{repository}/resolve/{revision}/")
                if name in _files(folder):
                    self._send_file(folder / name)
                    return
        self._send_json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})

    do_HEAD = do_GET  # noqa: N815 - name required by the base class

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - signature of the base class
        """Log nothing: the requests are in `requests`."""

    def _send_json(self, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self._send_head(
            status, {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        )
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_file(self, path: Path) -> None:
        body = path.read_bytes()
        headers = {"ETag": f'"{_oid(body)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._send_head(206 if start else 200, {**headers, "Content-Length": str(len(body) - start)})
        if self.command == "HEAD":
            return
        is_weights = path.name == "model.bin"
        for offset in range(start, len(body), CHUNK_BYTES):
            if is_weights and self._is_over(offset):
                self.close_connection = True
                return
            self.wfile.write(body[offset : offset + CHUNK_BYTES])
            if is_weights:
                self.server.closing.wait(self.server.chunk_delay_s)

    def _is_over(self, sent_bytes: int) -> bool:
        if self.server.hold_bytes is not None and sent_bytes >= self.server.hold_bytes:
            self.server.held.set()
            self.server.closing.wait()
            return True
        return self.server.cut_bytes is not None and sent_bytes >= self.server.cut_bytes

    def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        # The warning that the real hub sends to clients without an account.
        self.send_header("X-HF-Warning", "unauthenticated; You are sending unauthenticated requests. Set a HF_TOKEN!")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.name: {"size": path.stat().st_size, "oid": _oid(path.read_bytes())} for path in sorted(folder.iterdir())
    }


def _oid(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()
