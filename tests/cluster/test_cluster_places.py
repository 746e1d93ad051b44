"""Recordings and results at addresses, read and written by the workers of a cluster."""

from __future__ import annotations

import base64
import http.server
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from circumstances import SAMPLE, listing, sent_names
from loopback import json_reply

from anyscribe.places import FileSystems, read_address

pytest.importorskip("distributed")
pytest.importorskip("fsspec")

from fsspec.implementations.memory import MemoryFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import LoopbackServer, Reply, Request
    from programs import Program

SECRETS = ("hamlet", "yorick", "elsinore")
SEGMENTS = json_reply({"text": "one two three four", "segments": [{"start": 0, "end": 2, "text": "one two three"}]})


@pytest.fixture
def bucket() -> Iterator[MemoryFileSystem]:
    """Return a file system in memory with three recordings; the workers are in this process, and see it too."""
    system = MemoryFileSystem()
    system.store.clear()
    for path in ("calls/a.ogg", "calls/x/b.ogg", "calls/c.ogg"):
        system.pipe_file(f"/{path}", SAMPLE.read_bytes() + path.encode())
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def results(system: MemoryFileSystem) -> dict[str, bytes]:
    """Return the results in all buckets."""
    return {path: file.getvalue() for path, file in system.store.items() if path.endswith((".txt", ".srt"))}


def test_bucket_to_bucket(anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem, address: str):
    """As on one machine: what appears meanwhile stays, what is outdated is written again, nothing is read twice."""
    anyscribe.keeps_answers = True
    command = ("memory://calls/**/*.ogg", "--no-check", "--no-align", "-d", "memory://out/texts", "--cluster", address)

    def interfere(_: Request) -> Reply:
        bucket.pipe_file("/out/texts/c.srt", b"by hand")
        return SEGMENTS

    server.answer(interfere)
    run = anyscribe(*command, "-f", "srt", base_url=server.url)
    assert (run.code, len(server.requests)) == (0, 3)
    assert "memory://calls/x/b.ogg → memory://out/texts/x/b.srt" in run.err
    first = results(bucket)
    assert {*first} == {f"/out/texts/{name}.srt" for name in ("a", "x/b", "c")}
    assert first["/out/texts/c.srt"] == b"by hand"
    for path in [path for path in bucket.store if path.endswith(".ogg")]:
        bucket.store[path].seek = None
    again = anyscribe(*command, "-f", "srt", base_url=server.url)
    assert (again.code, len(server.requests)) == (0, 3)
    assert "3 files are there already and are kept" in again.err
    for path in [path for path in bucket.store if path.endswith(".ogg")]:
        del bucket.store[path].seek
    narrow = anyscribe(*command, "-f", "srt", "--max-line-chars", "7", base_url=server.url)
    assert (narrow.code, len(server.requests)) == (0, 3)
    after = results(bucket)
    assert after["/out/texts/a.srt"] != first["/out/texts/a.srt"]
    assert after["/out/texts/c.srt"] == b"by hand"


class Pages(http.server.BaseHTTPRequestHandler):
    """A web server for one recording, which wants a password and a token."""

    def do_GET(self) -> None:
        """Send it."""
        login = base64.b64encode(b"hamlet:yorick").decode()
        allowed = self.headers["authorization"] == f"Basic {login}" and self.path.endswith("?token=elsinore")
        body = SAMPLE.read_bytes() if allowed else b""
        self.send_response(200 if allowed else 403)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the base class requires it

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def test_password_and_token(anyscribe: Program, server: LoopbackServer, tmp_path: Path, address: str):
    """What the user has typed reaches the workers, and nothing shows it."""
    pytest.importorskip("aiohttp")
    anyscribe.keeps_answers = True
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as pages:
        threading.Thread(target=pages.serve_forever, args=(0.01,)).start()
        given = f"http://hamlet:yorick@127.0.0.1:{pages.server_port}/a%20talk.ogg?token=elsinore"
        command = (given, "-d", "out", "-vv", "--events", "events", "--cluster", address)
        run = anyscribe(*command, base_url=server.url)
        wrong = anyscribe(*(part.replace("yorick", "elsinore") for part in command), base_url=server.url)
        pages.shutdown()
    assert (run.code, sent_names(server), listing(tmp_path / "out")) == (0, ["a talk.ogg"], ["a talk.txt"])
    assert (wrong.code, "no permission" in wrong.err) == (6, True)
    told = (run.err, wrong.err, (tmp_path / "events").read_text(encoding="utf-8"), anyscribe("store", "list").text)
    assert not any(secret in text for text in told for secret in SECRETS)


def test_worker_without_the_extra(monkeypatch: pytest.MonkeyPatch):
    """It says so before the first recording."""
    from anyscribe.cluster.looking import look  # noqa: PLC0415 - loads Dask
    from anyscribe.config import Server  # noqa: PLC0415 - likewise

    typed = read_address("gs://calls/a.ogg")
    assert typed is not None
    file = FileSystems().file(typed)
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    place = Server("http://127.0.0.1:9/v1", None, "")
    machine = look(place, "", needs_key=False, places=[(file.system, file)])
    assert str(machine.problem).startswith("what reads and writes gs:// is not installed")
