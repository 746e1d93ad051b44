"""What one run keeps, what the next one uses, and what the user is told of it."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from anyscribe.audio import Recording
from anyscribe.events import Event, Notice
from anyscribe.recording.answers import AnswerBook, RecordingAnswers, question_of
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.result import Result
from anyscribe.store import Store, Stretch
from anyscribe.timespan import Span
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyscribe.request import Granularity

SERVER = "http://127.0.0.1:9/v1/audio/transcriptions"
REQUEST = TranscriptionRequest(ResponseFormat.JSON, model="whisper-1")
SECOND = 16_000


class Asking:
    """What knows the form that is asked for next."""

    def kept_as(self, *, in_pieces: bool) -> tuple[ResponseFormat, tuple[Granularity, ...]]:  # noqa: ARG002 - always the same
        """Return it."""
        return ResponseFormat.JSON, ()


class Kept:
    """A recording and its answers in a store."""

    def __init__(self, folder: Path, store: Store | None) -> None:
        path = folder / "talk.wav"
        path.write_bytes(b"sound")
        self.recording = Recording(path, "talk.wav", "audio/wav", 5, 60_000)
        self.told: list[Event] = []
        self.book = AnswerBook(store, question_of(SERVER, REQUEST), (SERVER, ()))

    def answers(self) -> RecordingAnswers:
        """Begin with the recording."""
        return RecordingAnswers(self.book, self.recording, Asking(), self.told.append)  # type: ignore[arg-type]

    @property
    def lines(self) -> list[str]:
        """The messages so far."""
        return [str(event.message) for event in self.told if isinstance(event, Notice)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a path for a store."""
    return tmp_path / "store" / "answers.sqlite"


@pytest.fixture
def kept(tmp_path: Path, path: Path) -> Iterator[Kept]:
    """Return a recording with a store."""
    with contextlib.closing(Store(path, pytest.fail)) as store:
        yield Kept(tmp_path, store)


def stretch(start_s: int, seconds: int) -> Stretch:
    """Return a stretch of a recording."""
    return Stretch(start_s * SECOND, seconds * SECOND, b"d" * 32)


def answer(text: str = "") -> Result:
    """Return an answer."""
    return Result(Transcript(text))


def test_stretches_that_overlap_are_not_both_used(kept: Kept) -> None:
    """If two runs cut differently, each sample is used once, from the start on."""
    first = kept.answers()
    for one in (stretch(0, 10), stretch(5, 10), stretch(10, 10), stretch(10, 20)):
        first.save(one, answer(f"{one}"))
    again = kept.answers()
    assert [one.stretch for one in again.load()] == [stretch(0, 10), stretch(10, 20)]
    assert again.unanswered_ms() == 30_000
    assert again.whole() is None
    assert again.has_pieces()


def test_what_is_kept_and_what_is_not_are_named_in_one_line(kept: Kept) -> None:
    """Adjacent times are merged; an answer that could not be kept is named as such."""
    answers = kept.answers()
    for one in (stretch(0, 10), stretch(10, 10), stretch(40, 10)):
        answers.save(one, answer())
    for span in (Span(0, 10_000), Span(10_000, 20_000), Span(20_000, 30_000), Span(40_000, 50_000)):
        answers.note_answered(span)
    answers.report()
    line = "kept: 00:00:00\u201300:00:20, 00:00:40\u201300:00:50; the same command continues from there"
    assert kept.lines == [f"{line}; not kept: 00:00:20\u201300:00:30; this will be sent again"]


def test_what_is_said_to_be_kept_is_of_this_sound(kept: Kept) -> None:
    """Answers that turned out to belong to other sound are not named as kept."""
    first = kept.answers()
    for one in (stretch(0, 10), stretch(10, 10)):
        first.save(one, answer())
    again = kept.answers()
    again.note_used(list(again.load())[:1])
    again.report()
    line = "kept: 00:00:00\u201300:00:10; the same command continues from there"
    assert kept.lines == ["00:00:00\u201300:00:10 was transcribed before and is not sent again", line]


def test_without_a_store_nothing_is_kept(tmp_path: Path) -> None:
    """What a built-in engine says costs nothing."""
    kept = Kept(tmp_path, None)
    answers = kept.answers()
    with answers.claimed():
        answers.save_whole(answer())
        answers.save(stretch(0, 10), answer())
    assert (answers.whole(), list(answers.load()), kept.lines) == (None, [], [])


def test_a_broken_store_is_tried_once(kept: Kept, path: Path) -> None:
    """After the store has failed, it is not tried again, for this recording or another of the run."""
    answers = kept.answers()
    answers.save(stretch(0, 10), answer())
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE answer RENAME TO lost")
    answers.save(stretch(10, 10), answer())
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE lost RENAME TO answer")
    answers.save(stretch(20, 10), answer())
    assert not kept.answers().load()
    (line,) = kept.lines
    assert "can no longer be kept" in line
