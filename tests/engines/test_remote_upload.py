"""A file is read from disk while it is uploaded, and exactly its original content is sent, or the upload fails."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from failures import error_lines, the_error
from loopback import Fault, LoopbackServer, Reply, Request, json_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from programs import Program

MIB = 1 << 20
AS_IT_IS = ("--upload", "original", "--no-check")
MOST_RESIDENT_MIB = 90
# Runs a command and writes its peak memory. Measured from here, it would be at least that of the tests themselves: a
# new process is a copy of this one until it executes the command.
WATCHER = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(sys.argv[1], "w") as file:
    json.dump([code, most if sys.platform == "darwin" else most * 1024], file)
"""


class TamperingServer(LoopbackServer):
    """A server that runs a callback when a request's headers have arrived, while its body is still being sent."""

    tamper: Callable[[], object] = staticmethod(lambda: None)

    def start_request(self, request: Request) -> Reply | Callable[[Request], Reply]:
        """Record a request and run the callback."""
        # Recorded first: the client may be gone before the callback returns.
        answer = super().start_request(request)
        self.tamper()
        return answer


@pytest.fixture
def tampering() -> Iterator[TamperingServer]:
    """Yield a server that can change the file during the upload."""
    with TamperingServer() as running:
        yield running


def make_wav(path: Path, size_bytes: int) -> Path:
    """Write a silent recording as a sparse file."""
    header = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", size_bytes - 8, b"WAVEfmt ", 16, 1, 1, 16000, 32000, 2, 16,
                         b"data", size_bytes - 44)  # fmt: skip
    with path.open("wb") as file:
        file.write(header)
        file.truncate(size_bytes)
    return path


def sha256(path: Path) -> str:
    """Return a file's hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_large_file_takes_little_memory(anyscribe: Program, tmp_path: Path) -> None:
    """A file of 200 MB is never in memory as a whole."""
    pytest.importorskip("resource")
    recording = make_wav(tmp_path / "long.wav", 200 * MIB)
    with LoopbackServer(parse=False) as server:
        report = tmp_path / "report.json"
        command = [sys.executable, "-c", WATCHER, report, *anyscribe.command, recording, *AS_IT_IS]
        environment = anyscribe.environment(base_url=server.url)
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, timeout=60, check=True)
        assert server.requests[0].length > 200 * MIB
    code, most_bytes = json.loads(report.read_text())
    assert (code, done.stdout) == (0, b"hello\n"), done.stderr
    assert most_bytes < MOST_RESIDENT_MIB * MIB


def test_a_cut_upload_is_sent_again_from_its_first_byte(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path
) -> None:
    """After a broken upload, the retry sends the whole body."""
    recording = make_wav(tmp_path / "long.wav", 32 * MIB)
    server.answer(Reply(read_bytes=MIB, fault=Fault.RESET), json_reply({"text": "hello"}))
    run = anyscribe(recording, *AS_IT_IS, base_url=server.url)
    assert (run.code, run.text) == (0, "hello\n"), run.err
    first, second = server.requests
    assert not first.complete
    assert second.complete
    assert second.part("file").sha256 == sha256(recording)
    assert "broke off after" in run.err
    assert len(run.err_lines) == 1


def test_an_early_refusal_is_heard(anyscribe: Program, server: LoopbackServer, tmp_path: Path) -> None:
    """A server may refuse a file before reading it all, and its message is still shown."""
    recording = make_wav(tmp_path / "long.wav", 2 * MIB)
    server.answer(Reply(413, b'{"error": {"message": "at most 1 MB"}}', read_bytes=MIB))
    # On a busy machine, the end of the connection can overtake the refusal; the retry then receives it.
    error = the_error(anyscribe(recording, *AS_IT_IS, base_url=server.url), 1)
    assert "(413): at most 1 MB" in error


@pytest.mark.parametrize("left_bytes", [32 * MIB, 0])
def test_a_file_that_shrinks_is_not_sent(
    anyscribe: Program, tampering: TamperingServer, tmp_path: Path, left_bytes: int
) -> None:
    """A file that shrinks during the upload ends it; missing bytes are not filled in."""
    recording = make_wav(tmp_path / "long.wav", 64 * MIB)
    tampering.tamper = lambda: os.truncate(recording, left_bytes)
    error = the_error(anyscribe(recording, *AS_IT_IS, base_url=tampering.url), 6)
    assert "shorter" in error
    assert [request.complete for request in tampering.requests] == [False]


def test_a_file_that_grows_is_sent_as_it_was(anyscribe: Program, tampering: TamperingServer, tmp_path: Path) -> None:
    """Bytes added during the upload are not sent, since the length was already declared; the user is told."""
    recording = make_wav(tmp_path / "long.wav", 64 * MIB)
    before = sha256(recording)

    def grow() -> None:
        with recording.open("ab") as file:
            file.write(b"more" * 1000)

    tampering.tamper = grow
    run = anyscribe(recording, *AS_IT_IS, base_url=tampering.url)
    assert (run.code, run.text) == (0, "hello\n"), run.err
    (request,) = tampering.requests
    assert (request.complete, request.part("file").sha256) == (True, before)
    assert "grew" in run.err
    assert error_lines(run) == []


def test_a_file_that_goes_away_between_attempts(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """A file that is gone before a retry is an unreadable input."""
    recording = tmp_path / "talk.ogg"
    recording.write_bytes((media / "hello.ogg").read_bytes())

    def remove(_: Request) -> Reply:
        recording.unlink()
        return Reply(503, headers={"retry-after-ms": "1"})

    server.answer(remove)
    assert "no such file" in the_error(anyscribe(recording, base_url=server.url), 6)
    assert len(server.requests) == 1
