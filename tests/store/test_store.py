"""The store: what was paid for is there for every process of its user, however the last one ended."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.request import Granularity, ResponseFormat
from anyscribe.result import Result, ServerRendering
from anyscribe.store import WHOLE, KeptAnswer, NewerStoreError, Question, Store, StoreError, Stretch, store_path
from anyscribe.store.database import Database
from anyscribe.store.encoding import read_answer, write_answer
from anyscribe.transcript import Segment, Timing, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDING = b"r" * 32
QUESTION = Question("http://127.0.0.1:9/v1/audio/transcriptions", "whisper-1", "[]")
JSON = (ResponseFormat.JSON, ())
NOW_S = 1e9
DAY_S = 24 * 3600
VERBOSE = (ResponseFormat.VERBOSE_JSON, (Granularity.WORD,))

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


def told_nothing(line: str) -> None:
    """Fail if anything is told."""
    raise AssertionError(line)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a path for a store, in a folder that does not exist yet."""
    return tmp_path / "data" / "anyscribe" / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """Return a new store."""
    with contextlib.closing(Store(path, told_nothing)) as opened:
        yield opened


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


def test_what_is_kept_is_there_for_the_next_process(path: Path, store: Store) -> None:
    """Answers come back in the order of the recording, each with its stretch; a later one replaces an earlier one."""
    store.keep(RECORDING, QUESTION, JSON, kept(20, "second"), 1)
    store.keep(RECORDING, QUESTION, JSON, kept(0, "first, wrong"), 1)
    store.keep(RECORDING, QUESTION, JSON, kept(0, "first"), 1)
    store.keep(b"another", QUESTION, JSON, kept(0, "elsewhere"), 1)
    with contextlib.closing(Store(path, told_nothing)) as other:
        assert other.answers(RECORDING, QUESTION, JSON) == [kept(0, "first"), kept(20, "second")]


@pytest.mark.parametrize(
    "other",
    [
        Question("http://127.0.0.1:8/v1/audio/transcriptions", "whisper-1", "[]"),
        Question(QUESTION.server, "another", "[]"),
        Question(QUESTION.server, "whisper-1", '[["language", "de"]]'),
    ],
)
def test_another_question_has_no_answer(store: Store, other: Question) -> None:
    """Server, model and form count."""
    store.keep(RECORDING, QUESTION, JSON, kept(), 1)
    assert store.answers(RECORDING, other, JSON) == []


def test_the_form_that_is_asked_for_is_preferred_then_the_richest(store: Store) -> None:
    """One answer for each stretch, whatever form it was asked in."""
    whole = {
        asked: KeptAnswer(WHOLE, Result(Transcript(asked[0].value)))
        for asked in ((ResponseFormat.TEXT, ()), JSON, VERBOSE)
    }
    for asked, answer in whole.items():
        store.keep(RECORDING, QUESTION, asked, answer, 1)
    assert store.answers(RECORDING, QUESTION, JSON) == [whole[JSON]]
    assert store.answers(RECORDING, QUESTION, (ResponseFormat.SRT, ())) == [whole[VERBOSE]]


def test_a_lock_is_waited_for_and_not_for_ever(path: Path, store: Store) -> None:
    """A write of another process delays this one; a lock that never ends makes the store unusable."""
    hasty = Database(path, told_nothing, patience_s=0.05)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"), hasty.writing():
            pass
        threading.Timer(0.3, other.execute, ["COMMIT"]).start()
        store.keep(RECORDING, QUESTION, JSON, kept(), 1)
    hasty.close()
    assert store.answers(RECORDING, QUESTION, JSON) == [kept()]


def test_a_damaged_row_is_passed_over(path: Path, store: Store) -> None:
    """An answer that cannot be read counts as not kept; the others are still there."""
    store.keep(RECORDING, QUESTION, JSON, kept(0), 1)
    store.keep(RECORDING, QUESTION, JSON, kept(10), 1)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE answer SET answer = '{}' WHERE start_sample = 0")
    assert store.answers(RECORDING, QUESTION, JSON) == [kept(10)]


def test_many_may_use_it_at_once(path: Path) -> None:
    """Threads and processes that write at the same time, also while the store is being created, lose nothing."""
    code = (
        "import sys, pathlib\n"
        "from anyscribe.request import ResponseFormat\n"
        "from anyscribe.result import Result\n"
        "from anyscribe.store import *\n"
        "from anyscribe.transcript import Transcript\n"
        "store = Store(pathlib.Path(sys.argv[1]), print)\n"
        f"question = Question({QUESTION.server!r}, 'whisper-1', '[]')\n"
        "for number in range(20):\n"
        "    answer = KeptAnswer(Stretch(int(sys.argv[2]) + number, 1, b''), Result(Transcript('hello')))\n"
        "    store.keep(b'r' * 32, question, (ResponseFormat.JSON, ()), answer, 1)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path), str(start)]) for start in (1000, 2000)]
    with contextlib.closing(Store(path, told_nothing)) as store:

        def keep(start: int) -> None:
            for number in range(20):
                store.keep(RECORDING, QUESTION, JSON, kept(start + number), 1)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(keep, [0, 100, 200, 300]))
        assert [process.wait(60) for process in processes] == [0, 0]
        assert len(store.answers(RECORDING, QUESTION, JSON)) == 6 * 20


@pytest.mark.parametrize("content", [b"no database " * 1000, b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_file_is_set_aside(path: Path, content: bytes) -> None:
    """It is renamed, never deleted; the line names where it is now."""
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    told: list[str] = []
    with contextlib.closing(Store(path, told.append)) as store:
        store.keep(RECORDING, QUESTION, JSON, kept(), 1)
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == content
    assert str(aside) in told[0]


def test_a_file_that_never_was_a_store_is_left_alone(tmp_path: Path) -> None:
    """A recording that is given by mistake keeps its name, its content and its mode."""
    recording = tmp_path / "talk.wav"
    recording.write_bytes(b"RIFF" + bytes(2000))
    before = recording.stat()
    with pytest.raises(StoreError, match=r"talk\.wav is no store"):
        Store(recording, told_nothing)
    assert list(tmp_path.iterdir()) == [recording]
    assert (recording.stat().st_mode, recording.stat().st_size) == (before.st_mode, before.st_size)


def test_a_store_of_the_future_is_left_alone(path: Path) -> None:
    """A newer version's store is not written by this version."""
    path.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerStoreError, match="newer version"):
        Store(path, told_nothing)


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_only_the_user_can_read_it(path: Path) -> None:
    """The folder, the file, its log and its locks are private."""
    with contextlib.closing(Store(path, told_nothing)) as store:
        store.keep(RECORDING, QUESTION, JSON, kept(), 1)
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_version_1_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it kept of unfinished recordings is found for 30 days, as it promised; its file is gone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    old = tmp_path / "state" / "anyscribe" / "store.sqlite"
    old.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(old)) as connection, connection:
        columns = "recording, start_sample, samples, sound, answer, body, kept_s"
        connection.execute(f"CREATE TABLE kept_answer ({columns})")
        row = (RECORDING, 0, 10, b"d" * 32, write_answer(kept().answer), b"", int(NOW_S))
        connection.execute("INSERT INTO kept_answer VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for days, found in ((29, [kept()]), (31, [])):
        with contextlib.closing(Store(store_path(), told_nothing, clock=lambda: NOW_S + days * DAY_S)) as store:  # noqa: B023 - called at once
            assert store.old_answers(RECORDING) == found
        assert not old.exists()


def test_a_file_is_read_once(store: Store, tmp_path: Path) -> None:
    """Its digest is known as long as it has not changed."""
    file = tmp_path / "talk.wav"
    file.write_bytes(b"sound")
    os.utime(file, (1e9, 1e9))
    digest = store.digest_of_file(file)
    assert store.known_digest(file, file.stat()) == digest
    file.write_bytes(b"other")
    assert store.known_digest(file, file.stat()) is None
    assert store.digest_of_file(file) != digest


def test_outdated_results(store: Store, tmp_path: Path) -> None:
    """A file is outdated if it is unchanged and would look different; not if somebody edited it."""
    file = tmp_path / "talk.srt"
    file.write_bytes(b"subtitles")
    store.note_output(file, b"subtitles", b"recipe", rendering="short lines")
    assert not store.is_outdated(file, lambda: b"recipe", rendering="short lines")
    assert store.is_outdated(file, lambda: b"recipe", rendering="long lines")
    assert not store.is_outdated(file, lambda: b"another recording", rendering="long lines")
    os.utime(file, (1e9, 1e9))
    assert store.is_outdated(file, lambda: b"recipe", rendering="long lines")
    file.write_bytes(b"subtitleZ")
    assert not store.is_outdated(file, lambda: b"recipe", rendering="long lines")


def test_failures_are_known_until_success(store: Store, tmp_path: Path) -> None:
    """The last reason counts."""
    store.note_failure(tmp_path / "a.wav", "first")
    store.note_failure(tmp_path / "a.wav", "second")
    (failure,) = store.failures()
    assert (failure.path, failure.message) == (str(tmp_path / "a.wav"), "second")
    store.forget_failure(tmp_path / "a.wav")
    assert store.failures() == []


def test_one_thread_at_a_time_has_a_claim(store: Store) -> None:
    """Claims of other questions do not wait."""
    waited: list[str] = []
    order: list[str] = []

    def second() -> None:
        with store.claims.held(b"question", lambda: waited.append("second")):
            order.append("second")

    with store.claims.held(b"question", lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        with store.claims.held(b"another", lambda: pytest.fail("it is free")):
            pass
        while not waited:
            time.sleep(0.01)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_stores_of_a_process_share_its_claims(path: Path, store: Store) -> None:
    """Python programs open one for each recording: closing one must not end the claims of the others."""
    waited: list[int] = []
    with store.claims.held(b"question", lambda: None):
        with contextlib.closing(Store(path, told_nothing)) as other:
            assert other.claims is store.claims
        code = (
            "import sys, pathlib\n"
            "from anyscribe.store import Store\n"
            "def wait(): sys.exit(7)\n"
            "with Store(pathlib.Path(sys.argv[1]), print).claims.held(b'question', wait): pass\n"
        )
        waited.append(subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode)
    assert waited == [7]


def test_a_process_that_dies_gives_up_its_claims(path: Path, store: Store) -> None:
    """Its claim is waited for while it lives, and no longer."""
    code = (
        "import sys, pathlib, time\n"
        "from anyscribe.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]), print)\n"
        "with store.claims.held(b'question', print):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        waited: list[int] = []

        def wait() -> None:
            waited.append(1)
            process.kill()

        with store.claims.held(b"question", wait):
            assert waited


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"store\.sqlite"):
        Store(tmp_path / "file" / "store.sqlite", told_nothing)
