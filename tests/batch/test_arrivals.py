"""Recordings that arrive in a folder while the program waits for them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import SAMPLE, listing, place
from loopback import json_reply
from programs import killed_late

from anyscribe.batch.arrivals import Arrivals
from anyscribe.batch.inputs import Source

if TYPE_CHECKING:
    from loopback import LoopbackServer
    from programs import Program

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


class Folder:
    """A folder in which files grow, and a clock that is set by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.time_s = 1_000_000.0
        self.arrivals = Arrivals(self._find, 5, clock=lambda: self.time_s, now=lambda: self.time_s)

    def _find(self) -> list[Source]:
        return [Source(path, Path(path.name)) for path in sorted(self.path.iterdir())]

    def write(self, name: str, body: bytes) -> None:
        """Add to a file."""
        with (self.path / name).open("ab") as file:
            file.write(body)
        os.utime(self.path / name, (self.time_s, self.time_s))

    def after(self, seconds: float) -> list[str]:
        """Let time pass, with a look every second, and return what is ready then."""
        ready = []
        for _ in range(int(seconds)):
            self.time_s += 1
            ready += [source.path.name for source in self.arrivals.take()]
        return ready


def test_a_recording_is_taken_when_it_has_stopped_growing(tmp_path: Path):
    """What was there long before is ready at once; what grows, when it stays as it is; what changes later, again."""
    folder = Folder(tmp_path)
    folder.write("old", b"x")
    folder.time_s += 60
    folder.write("new", b"x")
    folder.write("empty", b"")
    assert folder.after(1) == ["old"]
    for _ in range(10):
        folder.write("new", b"x")
        assert folder.after(3) == []
    assert folder.after(10) == ["new"]
    assert folder.after(20) == []
    folder.write("old", b"y")
    assert (folder.after(3), folder.after(10)) == ([], ["old"])
    # Removed, and another one of the same name and size.
    (tmp_path / "old").unlink()
    assert folder.after(5) == []
    folder.write("old", b"xy")
    assert folder.after(10) == ["old"]


def wait_for(condition: object, *, seconds: float = 20) -> None:
    """Wait until a condition holds."""
    ends_s = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < ends_s
        time.sleep(0.02)


@needs_posix
def test_watching_a_folder(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """What is there and what arrives is transcribed; a recording that cannot be read does not end it; Ctrl-C does."""
    folder = tmp_path / "in"
    folder.mkdir()
    place(folder, "a.ogg")
    server.answer(json_reply({"text": "one"}))
    command = ("in", "--watch", "--settle", "0.2", "-r")
    with anyscribe.start(*command, base_url=server.url) as process, killed_late(process):
        wait_for((folder / "a.txt").exists)
        (folder / "broken.ogg").write_bytes(b"no sound")
        (folder / "deep").mkdir()
        (folder / "deep" / "b.part").write_bytes(SAMPLE.read_bytes())
        (folder / "deep" / "b.part").rename(folder / "deep" / "b.ogg")
        wait_for((folder / "deep" / "b.txt").exists)
        # Its results would be those of another recording.
        (folder / "a.mp3").write_bytes(SAMPLE.read_bytes())
        assert process.stderr is not None
        lines = []
        while not lines or "results of the same name" not in lines[-1]:
            lines.append(process.stderr.readline().decode())
            assert lines[-1]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, len(server.requests)) == (130, 2)
    assert "interrupted: 2 done, 1 failed" in err.decode()
    assert any("broken.ogg" in line for line in lines)
    assert "--suffix full" in lines[-1]
    assert listing(folder) == ["a.mp3", "a.ogg", "a.txt", "broken.ogg", "deep/b.ogg", "deep/b.txt"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["a.ogg", "--watch"], "a.ogg is neither"), (["nowhere", "--watch"], "nowhere is neither"), (["."], "")],
)
def test_only_folders_are_watched(anyscribe: Program, server: LoopbackServer, arguments: list[str], named: str):
    """A file, or a folder that is not there, cannot be watched; a server that refuses the key ends it."""
    place(anyscribe.cwd, "a.ogg")
    if named:
        run = anyscribe(*arguments, base_url=server.url)
        assert (run.code, len(server.requests), named in run.err) == (2, 0, True)
    else:
        server.answer(json_reply({"error": {"message": "bad key"}}, 401))
        assert anyscribe(".", "--watch", "--settle", "0.2", base_url=server.url).code == 4
