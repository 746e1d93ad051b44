"""What one run keeps, what the next one takes up, and what the user is told of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

import pytest

from anyscribe.events import Event, Notice
from anyscribe.recording.keeping import Asked, Keeper
from anyscribe.store import Stretch
from anyscribe.transcript import Answer, Span, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = "http://127.0.0.1:9/v1/audio/transcriptions"
SECOND = 16_000


class Recording:
    """A file of some bytes; its sound is nobody's business here."""

    filename = "talk.wav"
    media_type = "audio/wav"
    duration_ms = None

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
    """Give a folder for the store that is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def stretch(start_s: int, seconds: int) -> Stretch:
    """Give some of a recording's sound."""
    return Stretch(start_s * SECOND, seconds * SECOND, b"d" * 32)


def answer(text: str) -> Answer:
    """Give an answer."""
    return Answer(Transcript(text))


def lines(told: list[Event]) -> list[str]:
    """Give the notices among what was told."""
    return [event.message for event in told if isinstance(event, Notice)]


def test_stretches_that_overlap_are_not_both_used() -> None:
    """Of two runs that cut differently, each sample is taken up once, from the start on."""
    keeping = Keeper(Asked(SERVER, ())).of(Recording(b"x"), lambda _: None)
    for one in (stretch(0, 10), stretch(5, 10), stretch(10, 10), stretch(10, 20)):
        keeping.keep(one, answer(f"{one}"))
    again = Keeper(Asked(SERVER, ())).of(Recording(b"x"), lambda _: None)
    assert [kept.stretch for kept in again.recall()] == [stretch(0, 10), stretch(10, 20)]


def test_recordings_are_told_apart_by_size_and_content() -> None:
    """A file that is longer, or differs at its start or its end, is another recording."""
    content = bytes(1_000_000)
    Keeper(Asked(SERVER, ())).of(Recording(content), lambda _: None).keep(stretch(0, 1), answer(""))
    for other in (content + b"\0", b"x" + content[1:], content[:-1] + b"x"):
        assert not Keeper(Asked(SERVER, ())).of(Recording(other), lambda _: None).recall()
    assert Keeper(Asked(SERVER, ())).of(Recording(content), lambda _: None).recall()


def test_what_is_kept_and_what_is_not_are_named_in_one_line() -> None:
    """Times that follow each other are one; an answer that could not be kept is named as such."""
    told: list[Event] = []
    keeping = Keeper(Asked(SERVER, ())).of(Recording(b"x"), told.append)
    for one in (stretch(0, 10), stretch(10, 10), stretch(40, 10)):
        keeping.keep(one, answer(""))
    for span in (Span(0, 10_000), Span(10_000, 20_000), Span(20_000, 30_000), Span(40_000, 50_000)):
        keeping.note_answered(span)
    keeping.tell()
    kept = "kept: 00:00:00\u201300:00:20, 00:00:40\u201300:00:50; the same command goes on from there"
    assert lines(told) == [f"{kept}; not kept: 00:00:20\u201300:00:30; this will be asked for again"]


def test_what_is_said_to_be_kept_is_of_this_sound() -> None:
    """What turned out to be another recording's is not named among what is kept."""
    told: list[Event] = []
    keeper = Keeper(Asked(SERVER, ()))
    keeping = keeper.of(Recording(b"x"), told.append)
    for one in (stretch(0, 10), stretch(10, 10)):
        keeping.keep(one, answer(""))
    again = keeper.of(Recording(b"x"), told.append)
    again.tell_recalled(list(again.recall())[:1])
    again.tell()
    kept = "kept: 00:00:00\u201300:00:10; the same command goes on from there"
    assert lines(told) == ["00:00:00\u201300:00:10 was transcribed before and is not asked for again", kept]


def test_answers_of_this_machine_are_not_kept(state: Path) -> None:
    """What a built-in engine answered cost nothing: no store is made."""
    told: list[Event] = []
    keeping = Keeper(Asked(None, ())).of(Recording(b"x"), told.append)
    keeping.keep(stretch(0, 10), answer(""))
    keeping.forget()
    assert (keeping.recall(), told) == ((), [])
    assert not state.exists()


def test_words_that_could_not_be_deleted_are_told_of(state: Path) -> None:
    """Where the store breaks before a whole recording's answers are deleted from it, the user is told."""
    told: list[Event] = []
    keeping = Keeper(Asked(SERVER, ())).of(Recording(b"x"), told.append)
    keeping.keep(stretch(0, 10), answer(""))
    (state / "anyscribe" / "store.sqlite").write_bytes(b"no database " * 1000)
    keeping.forget()
    (line,) = lines(told)
    assert "could not be deleted" in line


def test_a_broken_store_is_tried_once(state: Path) -> None:
    """After the store failed once, nobody waits for it again, in this recording or another of the run."""
    told: list[Event] = []
    keeper = Keeper(Asked(SERVER, ()))
    keeping = keeper.of(Recording(b"x"), told.append)
    store = state / "anyscribe" / "store.sqlite"
    whole = store.read_bytes()
    store.write_bytes(b"no database " * 1000)
    keeping.keep(stretch(0, 10), answer(""))
    store.write_bytes(whole)
    keeping.keep(stretch(10, 10), answer(""))
    assert not keeper.of(Recording(b"x"), told.append).recall()
    (line,) = lines(told)
    assert "cannot be kept any more" in line
    assert not Keeper(Asked(SERVER, ())).of(Recording(b"x"), told.append).recall()
