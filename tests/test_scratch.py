"""Temporary folders are private and are removed when their user ends, even after a failure."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from loopback import Fault, Reply, json_reply
from served import environment_of, field, form, recording, request, serving, until

from anyscribe.errors import OutputError
from anyscribe.scratch import Scratch, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program
    from whispering import Reciter

pytest_plugins = ["whispering"]

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create temporary folders inside the test's own folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_private_and_gone(temporary: Path):
    """A temporary folder is private and is removed, even after an error."""
    with Scratch().folder() as folder:
        assert folder.parent.parent == temporary
        assert folder.parent.name.startswith("anyscribe-")
        assert os.name == "nt" or folder.parent.stat().st_mode & 0o077 == 0
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


def test_no_folder_after_the_end(temporary: Path):
    """A thread that is late creates nothing any more."""
    scratch = Scratch()
    scratch.close()
    with pytest.raises(OutputError, match="the program is ending"), scratch.folder():
        pass
    assert list(temporary.iterdir()) == []


WRITING = """
import itertools, os, signal, sys, threading
from anyscribe.scratch import Scratch

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


STUCK = """
import os, sys, threading
from anyscribe.scratch import Scratch

scratch, unlink, is_inside = Scratch(), os.unlink, threading.Event()

def unlink_never(*arguments, **options):
    if threading.current_thread() is not threading.main_thread():
        is_inside.set()
        threading.Event().wait()
    unlink(*arguments, **options)

def remove():
    with scratch.folder() as folder:
        for name in "abc":
            (folder / name).write_bytes(b"sound")
        os.unlink = unlink_never

threading.Thread(target=remove, daemon=True).start()
is_inside.wait()
scratch.close()
os._exit(7)
"""


def test_end_while_a_thread_is_removing(temporary: Path):
    """If the process ends while one of its threads is in the middle of a removal, nothing is left."""
    env = {**os.environ, "TMPDIR": str(temporary)}
    assert subprocess.run([sys.executable, "-c", STUCK], env=env, check=False, timeout=20).returncode == 7
    assert list(temporary.iterdir()) == []


INTERRUPTED = """
import os, signal, sys
from anyscribe.scratch import Scratch

scratch, mkdir = Scratch(), os.mkdir

def interrupted(path, mode=0o777, **options):
    mkdir(path, mode, **options)
    if os.path.basename(path) == sys.argv[1] or sys.argv[1] == "home":
        signal.raise_signal(signal.SIGINT)

os.mkdir = interrupted
try:
    with scratch.folder():
        sys.exit("it was not interrupted")
except KeyboardInterrupt:
    scratch.close()
os._exit(7)
"""


@pytest.mark.parametrize("place", ["home", "files"])
def test_interruption_while_it_is_created(temporary: Path, place: str):
    """A folder whose creation is interrupted is removed."""
    env = {**os.environ, "TMPDIR": str(temporary)}
    assert subprocess.run([sys.executable, "-c", INTERRUPTED, place], env=env, check=False, timeout=20).returncode == 7
    assert list(temporary.iterdir()) == []


HOLDING = """
import sys
from anyscribe.scratch import Scratch

with Scratch().folder() as folder:
    (folder / "a").write_bytes(b"sound")
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(temporary: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that has a temporary folder, until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING],
        env={**os.environ, "TMPDIR": str(temporary), "TEMP": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        yield process
        process.kill()


def test_left_over_of_a_killed_process(temporary: Path, holder: subprocess.Popen[bytes]):
    """The folder of a process that was killed is swept; the folder of one that is alive is not."""
    sweep()
    (home,) = temporary.iterdir()
    assert (home / "files" / "a").read_bytes() == b"sound"
    holder.kill()
    holder.wait(20)
    with Scratch().folder() as mine:
        sweep()
        assert list(temporary.iterdir()) == [mine.parent]
        assert mine.exists()
    assert list(temporary.iterdir()) == []


def test_left_over_in_the_middle_of_its_removal(temporary: Path, holder: subprocess.Popen[bytes]):
    """A folder whose removal was cut short is swept too."""
    (home,) = temporary.iterdir()
    (home / "files").rename(home / "going")
    holder.kill()
    holder.wait(20)
    sweep()
    assert list(temporary.iterdir()) == []


def test_what_is_not_ours_is_kept(temporary: Path, tmp_path_factory: pytest.TempPathFactory):
    """Folders without a lock, links, and files are not touched, whatever their names."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name in ("files", "going"):
        (elsewhere / name).mkdir()
        (elsewhere / name / "kept").write_bytes(b"sound")
    (elsewhere / "lock").touch()
    (temporary / "anyscribe-0123456789abcdef").symlink_to(elsewhere)
    no_lock = temporary / "anyscribe-1123456789abcdef" / "files"
    no_lock.mkdir(parents=True)
    linked_lock = temporary / "anyscribe-2123456789abcdef"
    linked_lock.mkdir()
    (linked_lock / "lock").symlink_to(elsewhere / "lock")
    (temporary / "anyscribe-3123456789abcdef").write_bytes(b"a file")
    for name in ("anyscribe-podcasts", "anyscribe-0123456789abcdef-mine", "other-0123456789abcdef"):
        (temporary / name / "files").mkdir(parents=True)
        (temporary / name / "lock").touch()
    before = sorted(map(str, [*temporary.rglob("*"), *elsewhere.rglob("*")]))
    sweep()
    assert sorted(map(str, [*temporary.rglob("*"), *elsewhere.rglob("*")])) == before


def test_links_in_a_left_over_are_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory):
    """Of a folder that is swept, links are removed, not what they lead to."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "kept").write_bytes(b"sound")
    home = temporary / "anyscribe-0123456789abcdef"
    (home / "files").mkdir(parents=True)
    (home / "files" / "link").symlink_to(elsewhere)
    (home / "going").symlink_to(elsewhere)
    (home / "lock").touch()
    sweep()
    assert (elsewhere / "kept").read_bytes() == b"sound"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can create them")
def test_folder_of_another_user_is_kept(temporary: Path):
    """Not even root sweeps the folder of another user."""
    home = temporary / "anyscribe-0123456789abcdef"
    (home / "files").mkdir(parents=True)
    (home / "lock").touch()
    os.chown(home, 12345, 12345)
    sweep()
    assert (home / "files").exists()
    os.chown(home, 0, 0)
    sweep()
    assert list(temporary.iterdir()) == []


def test_file_system_without_locks(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    """Without locks, folders are removed as usual, and never swept: they might be in use."""
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with Scratch().folder() as folder:
        sweep()
        assert folder.exists()
    assert list(temporary.iterdir()) == []


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_run_that_is_ended(anyscribe: Program, server: LoopbackServer, temporary: Path, number: signal.Signals):
    """A run that is asked to end leaves no audio behind; what one leaves that is killed, the next run removes."""
    place(anyscribe.cwd, "a.ogg")
    work = temporary / "temporary"
    work.mkdir()
    options = {"base_url": server.url, "env": {"TMPDIR": str(work)}}
    server.answer(Reply(fault=Fault.HANG))
    with anyscribe.start("a.ogg", "--upload", "flac", **options) as process:
        until(lambda: server.requests)
        assert [path.suffix for path in work.rglob("*") if path.is_file()] == ["", ".flac"]
        process.send_signal(number)
        process.communicate(timeout=20)
    assert bool(list(work.iterdir())) == (number == signal.SIGKILL)
    server.answer(json_reply({"text": "hello"}))
    assert anyscribe.as_process()("a.ogg", **options).text == "hello\n"
    assert list(work.iterdir()) == []


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_after_signal(anyscribe: Program, server: LoopbackServer, temporary: Path, number: signal.Signals):
    """More signals than one end a run just as cleanly, wherever the first has led to."""
    place(anyscribe.cwd, "a.ogg")
    work = temporary / "temporary"
    work.mkdir()
    server.answer(Reply(fault=Fault.HANG))
    for _ in range(3):
        requests = len(server.requests)
        with anyscribe.start("a.ogg", "--upload", "flac", base_url=server.url, env={"TMPDIR": str(work)}) as process:
            until(lambda: len(server.requests) > requests)  # noqa: B023 - called at once
            for _ in range(5):
                process.send_signal(number)
                process.poll()
            out, err = process.communicate(timeout=20)
        assert process.returncode == (130 if number == signal.SIGINT else 143)
        assert (out, b"Traceback" in err) == (b"", False)
        assert list(work.iterdir()) == []


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_server_that_is_ended(anyscribe: Program, reciter: Reciter, number: signal.Signals):
    """So it is with a server in the middle of an upload; the next server removes what a killed one left."""
    with serving(anyscribe, **reciter) as served:
        with served.connect() as connection:
            connection.sendall(request(form(field("model", "tiny.en"), recording()))[:5000])
            until(served.leftovers)
            served.signal(number)
            if number != signal.SIGKILL:
                until(lambda: "finishing requests in progress" in served.err_lines[-1])
                served.signal(number)
            served.wait()
        assert bool(served.leftovers()) == (number == signal.SIGKILL)
        with socket.create_server(("127.0.0.1", 0)) as other:
            # This one ends before it serves, but after it has swept.
            arguments = ("serve", "--model", "tiny.en", "--port", str(other.getsockname()[1]))
            assert anyscribe.as_process()(*arguments, env=environment_of(anyscribe, served.folder)).code == 1
        assert served.leftovers() == []


def test_the_search_for_the_folder_is_over_before_threads_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's search for a temporary folder writes a file, which a thread that is cut off would leave behind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    Scratch()
    assert tempfile.tempdir == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
