"""Temporary folders are private, and go with what needed them, however that ends."""

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
    """Let temporary folders be made where the test can see them."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_private_and_gone(temporary: Path):
    """Nobody else can look in, and nothing is left, also where something fails."""
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
    """All folders can be removed while they are in use; the contexts end quietly then."""
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
    """A thread that still writes finds no folder any more once it is being removed, so that it cannot come back."""
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
    """Where no temporary folder can be made, it is said what to change."""
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
    """Nothing is left of a process that was told to end while a thread of its own still wrote."""
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
