"""The store: kept answers are available to every process of their user until they are deleted."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.request import ResponseFormat
from anyscribe.result import Result, ServerRendering
from anyscribe.store import KeptAnswer, KeptAnswers, StoreError, Stretch, store_path
from anyscribe.store.written_answers import read_answer, write_answer
from anyscribe.transcript import Segment, Timing, Transcript, Word

if TYPE_CHECKING:
    from pathlib import Path

RECORDING = b"r" * 32
DAY_S = 24 * 3600

any_text = st.text(st.characters())
times = st.integers(-(10**12), 10**12)
maybe_number = st.none() | st.floats(allow_nan=False)
segments = st.builds(
    Segment,
    any_text,
    times,
    times,
    seek=st.none() | times,
    tokens=st.none() | st.lists(st.integers()).map(tuple),
    temperature=maybe_number,
    avg_logprob=maybe_number,
    compression_ratio=maybe_number,
    no_speech_prob=maybe_number,
    speaker=st.none() | any_text,
)
words = st.builds(Word, any_text, times, times, maybe_number, st.sampled_from(Timing))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=10,
)
transcripts = st.builds(
    Transcript,
    any_text,
    st.none() | any_text,
    st.none() | times,
    st.lists(segments, max_size=3).map(tuple),
    st.lists(words, max_size=3).map(tuple),
    st.dictionaries(any_text, json_values, max_size=3),
)
renderings = st.builds(ServerRendering, st.sampled_from(ResponseFormat), st.binary(max_size=50))
answers = st.builds(Result, transcripts, st.none() | renderings)


def kept(start_sample: int = 0, text: str = "hello", samples: int = 10) -> KeptAnswer:
    """Return an answer to keep."""
    return KeptAnswer(Stretch(start_sample, samples, b"d" * 32), Result(Transcript(text)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a path for a store, in a folder that does not exist yet."""
    return tmp_path / "state" / "anyscribe" / "store.sqlite"


@given(answers)
def test_an_answer_comes_back_as_it_was(answer: Result) -> None:
    """Every answer that an engine can give is read back equal, including its types."""
    again = read_answer(write_answer(answer), answer.rendering.body if answer.rendering else b"")
    assert again == answer
    assert repr(again) == repr(answer)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rendered_as": null, "transcript": {"text": 1, "new": 2}}', "\x00"])
def test_what_is_no_answer_is_not_read(text: str) -> None:
    """A damaged row, or one of another version, is an error that the store can skip."""
    with pytest.raises(ValueError, match=r".+"):
        read_answer(text, b"")


def test_what_is_kept_is_there_for_the_next_process(path: Path) -> None:
    """Answers come back in the order of the recording, each with its stretch; a later one replaces an earlier one."""
    store = KeptAnswers(path)
    store.keep(RECORDING, kept(20, "second"))
    store.keep(RECORDING, kept(0, "first, wrong"))
    store.keep(RECORDING, kept(0, "first"))
    store.keep(b"another", kept(0, "elsewhere"))
    assert KeptAnswers(path).of(RECORDING) == [kept(0, "first"), kept(20, "second")]


def test_what_is_forgotten_is_gone_from_the_disk(path: Path) -> None:
    """Forgetting removes one recording's words from the file, and keeps the others."""
    store = KeptAnswers(path)
    store.keep(RECORDING, kept(0, "a secret " * 2000))
    store.keep(b"another", kept(0, "elsewhere"))
    store.forget(RECORDING)
    assert store.of(RECORDING) == []
    assert store.of(b"another") == [kept(0, "elsewhere")]
    assert b"a secret" not in path.read_bytes()
    assert list(path.parent.iterdir()) == [path]


def test_leftovers_go_after_a_month(path: Path) -> None:
    """Answers that were not used for 30 days are deleted when the store is next opened, and no younger ones."""
    now_s = 1e9
    KeptAnswers(path, clock=lambda: now_s).keep(RECORDING, kept())
    assert KeptAnswers(path, clock=lambda: now_s + 29 * DAY_S).of(RECORDING) == [kept()]
    assert KeptAnswers(path, clock=lambda: now_s + 31 * DAY_S).of(RECORDING) == []


def test_a_damaged_row_is_passed_over(path: Path) -> None:
    """An answer that cannot be read counts as not kept; the others are still there."""
    store = KeptAnswers(path)
    store.keep(RECORDING, kept(0))
    store.keep(RECORDING, kept(10))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE kept_answer SET answer = '{}' WHERE start_sample = 0")
    assert store.of(RECORDING) == [kept(10)]


def test_many_may_use_it_at_once(path: Path) -> None:
    """Threads and processes that write at the same time, also while the store is being created, lose nothing."""
    code = (
        "import sys, pathlib\n"
        "from anyscribe.result import Result\n"
        "from anyscribe.store import *\n"
        "from anyscribe.transcript import Transcript\n"
        "store = KeptAnswers(pathlib.Path(sys.argv[1]))\n"
        "for number in range(20):\n"
        "    stretch = Stretch(int(sys.argv[2]) + number, 1, b'')\n"
        "    store.keep(b'r' * 32, KeptAnswer(stretch, Result(Transcript('hello'))))\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path), str(start)]) for start in (1000, 2000)]

    def keep(start: int) -> None:
        store = KeptAnswers(path)
        for number in range(20):
            store.keep(RECORDING, kept(start + number))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(keep, [0, 100, 200, 300]))
    assert [process.wait(60) for process in processes] == [0, 0]
    assert len(KeptAnswers(path).of(RECORDING)) == 6 * 20


def test_a_lock_is_waited_for_and_not_for_ever(path: Path) -> None:
    """A write of another process delays this one; a lock that never ends makes the store unusable."""
    store = KeptAnswers(path, patience_s=10)
    hasty = KeptAnswers(path, patience_s=0.05)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            hasty.keep(RECORDING, kept())
        threading.Timer(0.3, other.execute, ["COMMIT"]).start()
        store.keep(RECORDING, kept())
    assert store.of(RECORDING) == [kept()]


@pytest.mark.parametrize("content", [b"no database " * 1000, b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_file_is_named_and_left(path: Path, content: bytes) -> None:
    """The error names the file, which may belong to another program; the file is not changed."""
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        KeptAnswers(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_store_of_the_future_is_left_alone(path: Path) -> None:
    """A newer version's store is not written by this version."""
    KeptAnswers(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(StoreError, match="newer version"):
        KeptAnswers(path)


def test_a_folder_that_cannot_be_is_an_error_of_the_store(tmp_path: Path) -> None:
    """If the folder cannot be created, the error is the store's own."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        KeptAnswers(tmp_path / "file" / "store.sqlite")


def test_a_store_that_was_deleted_meanwhile_is_made_again(path: Path) -> None:
    """Deleting the file loses what was kept in it, and nothing else."""
    store = KeptAnswers(path)
    path.unlink()
    path.parent.rmdir()
    store.keep(RECORDING, kept())
    assert store.of(RECORDING) == [kept()]


@pytest.mark.skipif(os.name != "posix", reason="limits")
def test_a_full_disk_is_an_error_of_the_store(path: Path) -> None:
    """An answer that does not fit is not kept, and earlier answers are still there."""
    code = (
        "import sys, pathlib, resource\n"
        "from anyscribe.result import Result\n"
        "from anyscribe.store import *\n"
        "from anyscribe.transcript import Transcript\n"
        "store = KeptAnswers(pathlib.Path(sys.argv[1]))\n"
        "store.keep(b'r' * 32, KeptAnswer(Stretch(0, 10, b'd' * 32), Result(Transcript('hello'))))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    store.keep(b'r' * 32, KeptAnswer(Stretch(10, 10, b''), Result(Transcript('x' * 1_000_000))))\n"
        "except StoreError as error:\n"
        "    sys.exit(str(error) and 42)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 42
    assert KeptAnswers(path).of(RECORDING) == [kept()]


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_it_is_private(path: Path) -> None:
    """Folder and file are private from the start, and are made private again if their modes were changed."""
    before = os.umask(0)
    try:
        KeptAnswers(path)
    finally:
        os.umask(before)
    assert [made.stat().st_mode & 0o777 for made in (path.parent, path)] == [0o700, 0o600]
    path.parent.chmod(0o777)
    path.chmod(0o666)
    KeptAnswers(path)
    assert [made.stat().st_mode & 0o777 for made in (path.parent, path)] == [0o700, 0o600]


def test_its_place_is_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`XDG_STATE_HOME` moves the store; a relative path would depend on the working directory, and is refused."""
    if sys.platform in {"darwin", "win32"}:
        pytest.skip("another convention")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert store_path() == tmp_path / "anyscribe" / "store.sqlite"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert store_path() == tmp_path / "home" / ".local" / "state" / "anyscribe" / "store.sqlite"
    # Older versions of platformdirs return such a path unchanged, newer ones ignore it.
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    with contextlib.suppress(StoreError):
        assert store_path().is_absolute()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can change its user")
def test_who_has_no_home_has_no_store() -> None:
    """A user whom the system does not know, as in many containers, gets an error, and no folder is created."""
    code = (
        "import os, sys\n"
        "from anyscribe.store import *\n"
        "os.environ.pop('HOME', None), os.environ.pop('XDG_STATE_HOME', None)\n"
        "os.setuid(54321)\n"
        "try:\n"
        "    store_path()\n"
        "except StoreError:\n"
        "    sys.exit(42)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 42
