"""What one run keeps, what the next one uses, and what the user is told of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

import pytest

from anyscribe.audio import Selection
from anyscribe.events import Event, Notice
from anyscribe.recording.resume import AnswerCache, Question
from anyscribe.result import Result
from anyscribe.store import Stretch
from anyscribe.timespan import Span
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = "http://127.0.0.1:9/v1/audio/transcriptions"
SECOND = 16_000


class Recording:
    """A file of some bytes; its audio is not needed here."""

    filename = "talk.wav"
    media_type = "audio/wav"
    duration_ms = None
    selection = Selection()

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size_bytes = len(content)

    def open(self) -> BinaryIO:
        """Open it."""
        return io.BytesIO(self.content)

    def pcm(self) -> Iterator[bytes]:
        """Decode nothing."""
        yield from ()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a private folder for the store."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def stretch(start_s: int, seconds: int) -> Stretch:
    """Return a stretch of a recording."""
    return Stretch(start_s * SECOND, seconds * SECOND, b"d" * 32)


def answer(text: str) -> Result:
    """Return an answer."""
    return Result(Transcript(text))


def lines(told: list[Event]) -> list[str]:
    """Return the messages of the notices among the events."""
    return [event.message for event in told if isinstance(event, Notice)]


def test_stretches_that_overlap_are_not_both_used() -> None:
    """If two runs cut differently, each sample is used once, from the start on."""
    answers = AnswerCache(Question(SERVER, ())).of(Recording(b"x"), lambda _: None)
    for one in (stretch(0, 10), stretch(5, 10), stretch(10, 10), stretch(10, 20)):
        answers.save(one, answer(f"{one}"))
    again = AnswerCache(Question(SERVER, ())).of(Recording(b"x"), lambda _: None)
    assert [kept.stretch for kept in again.load()] == [stretch(0, 10), stretch(10, 20)]


def test_recordings_are_told_apart_by_size_and_content() -> None:
    """A file that is longer, or differs at its start or end, is another recording."""
    content = bytes(1_000_000)
    AnswerCache(Question(SERVER, ())).of(Recording(content), lambda _: None).save(stretch(0, 1), answer(""))
    for other in (content + b"\0", b"x" + content[1:], content[:-1] + b"x"):
        assert not AnswerCache(Question(SERVER, ())).of(Recording(other), lambda _: None).load()
    assert AnswerCache(Question(SERVER, ())).of(Recording(content), lambda _: None).load()


def test_what_is_kept_and_what_is_not_are_named_in_one_line() -> None:
    """Adjacent times are merged; an answer that could not be kept is named as such."""
    told: list[Event] = []
    answers = AnswerCache(Question(SERVER, ())).of(Recording(b"x"), told.append)
    for one in (stretch(0, 10), stretch(10, 10), stretch(40, 10)):
        answers.save(one, answer(""))
    for span in (Span(0, 10_000), Span(10_000, 20_000), Span(20_000, 30_000), Span(40_000, 50_000)):
        answers.note_answered(span)
    answers.report()
    kept = "kept: 00:00:00\u201300:00:20, 00:00:40\u201300:00:50; the same command continues from there"
    assert lines(told) == [f"{kept}; not kept: 00:00:20\u201300:00:30; this will be sent again"]


def test_what_is_said_to_be_kept_is_of_this_sound() -> None:
    """Answers that turned out to belong to another recording are not named as kept."""
    told: list[Event] = []
    cache = AnswerCache(Question(SERVER, ()))
    answers = cache.of(Recording(b"x"), told.append)
    for one in (stretch(0, 10), stretch(10, 10)):
        answers.save(one, answer(""))
    again = cache.of(Recording(b"x"), told.append)
    again.note_used(list(again.load())[:1])
    again.report()
    kept = "kept: 00:00:00\u201300:00:10; the same command continues from there"
    assert lines(told) == ["00:00:00\u201300:00:10 was transcribed before and is not sent again", kept]


def test_answers_of_this_machine_are_not_kept(state: Path) -> None:
    """Answers of a built-in engine cost nothing, so no store is created."""
    told: list[Event] = []
    answers = AnswerCache(Question(None, ())).of(Recording(b"x"), told.append)
    answers.save(stretch(0, 10), answer(""))
    answers.discard()
    assert (answers.load(), told) == ((), [])
    assert not state.exists()


def test_words_that_could_not_be_deleted_are_told_of(state: Path) -> None:
    """If the store breaks before a complete recording's answers are deleted from it, the user is told."""
    told: list[Event] = []
    answers = AnswerCache(Question(SERVER, ())).of(Recording(b"x"), told.append)
    answers.save(stretch(0, 10), answer(""))
    (state / "anyscribe" / "store.sqlite").write_bytes(b"no database " * 1000)
    answers.discard()
    (line,) = lines(told)
    assert "could not be deleted" in line


def test_a_broken_store_is_tried_once(state: Path) -> None:
    """After the store has failed once, it is not tried again, for this recording or another of the run."""
    told: list[Event] = []
    cache = AnswerCache(Question(SERVER, ()))
    answers = cache.of(Recording(b"x"), told.append)
    store = state / "anyscribe" / "store.sqlite"
    whole = store.read_bytes()
    store.write_bytes(b"no database " * 1000)
    answers.save(stretch(0, 10), answer(""))
    store.write_bytes(whole)
    answers.save(stretch(10, 10), answer(""))
    assert not cache.of(Recording(b"x"), told.append).load()
    (line,) = lines(told)
    assert "can no longer be kept" in line
    assert not AnswerCache(Question(SERVER, ())).of(Recording(b"x"), told.append).load()
