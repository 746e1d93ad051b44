"""Temporary folders are private and are removed when their user ends, even after a failure."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from anyscribe.audio import Scratch
from anyscribe.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create temporary folders inside the test's own folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_private_and_gone(temporary: Path):
    """A temporary folder is private and is removed, even after an error."""
    with Scratch().folder() as folder:
        assert folder.parent == temporary
        assert folder.name.startswith("anyscribe-")
        assert os.name == "nt" or folder.stat().st_mode & 0o077 == 0
        (folder / "below").mkdir()
        (folder / "below" / "a").write_bytes(b"sound")
    assert list(temporary.iterdir()) == []
    with pytest.raises(FileNotFoundError), Scratch().folder() as folder:
        (folder / "a").rename(folder / "b" / "c")
    assert list(temporary.iterdir()) == []


def test_gone_before_the_context_ends(temporary: Path):
    """All folders can be removed while in use; their contexts then end without an error."""
    scratch = Scratch()
    with scratch.folder() as one, scratch.folder() as other:
        (one / "a").write_bytes(b"sound")
        scratch.close()
        assert not one.exists()
        assert not other.exists()
        with pytest.raises(FileNotFoundError):
            (one / "b").write_bytes(b"sound")
    assert list(temporary.iterdir()) == []


def test_nothing_comes_in_while_it_is_emptied(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    """Once removal starts, a thread that still writes no longer finds the folder and so cannot recreate it."""
    remove = shutil.rmtree

    def late(path: Path, **options: bool) -> None:
        with pytest.raises(FileNotFoundError):
            (folder / "late").write_bytes(b"sound")
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", late)
    with Scratch().folder() as folder:
        (folder / "a").write_bytes(b"sound")
    assert list(temporary.iterdir()) == []


def test_no_folder_to_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """If no temporary folder can be created, the error says what to change."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match=r"\(No such file or directory\): set TMPDIR to another"), Scratch().folder():
        pass


WRITING = """
import itertools, os, signal, sys, threading
from anyscribe.audio import Scratch

scratch = Scratch()

def write():
    with scratch.folder() as folder:
        for number in itertools.count():
            (folder / str(number)).write_bytes(b"sound" * 100)
            if number == 20:
                print("ready", flush=True)

signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    threading.Thread(target=write, daemon=True).start()
    while True:
        signal.pause()
finally:
    {end}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("end", ["scratch.close(); os._exit(9)", "scratch.close()"], ids=["at once", "in order"])
def test_process_that_is_ended(temporary: Path, number: signal.Signals, end: str):
    """A process that ends on a signal leaves nothing behind, even if one of its threads is still writing."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITING.format(end=end)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert len(list(temporary.iterdir())) == 1
        process.send_signal(number)
        process.wait(20)
    assert list(temporary.iterdir()) == []
