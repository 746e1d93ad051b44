"""The speed of the uploads decides the encoding of the next piece."""

from __future__ import annotations

from anyscribe.audio import Encoding
from anyscribe.events import Delta, Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.recording.bandwidth import Bandwidth
from anyscribe.recording.progress import PieceProgress
from anyscribe.timespan import Span


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def test_nothing_is_lost_until_the_link_is_known_to_be_slow() -> None:
    """FLAC is sent at first, Opus as soon as an upload turns out to be slow, and FLAC again when it becomes fast."""
    clock = Clock()
    link = Bandwidth(clock)
    assert link.better_encoding() is Encoding.FLAC
    link.note("a", 100_000, is_done=False)
    clock.now_s = 1.0
    link.note("a", 400_000, is_done=False)
    assert link.better_encoding() is Encoding.OPUS
    clock.now_s = 2.0
    link.note("a", 9_000_000, is_done=True)
    assert link.better_encoding() is Encoding.FLAC


def test_what_the_system_buffers_tells_nothing() -> None:
    """The first chunks are sent at once on any link; only a small upload that is complete by then counts as fast."""
    clock = Clock()
    link = Bandwidth(clock)
    link.note("a", 4_000_000, is_done=False)
    clock.now_s = 0.1
    link.note("a", 4_200_000, is_done=False)
    clock.now_s = 10.0
    link.note("a", 4_600_000, is_done=False)
    assert link.better_encoding() is Encoding.OPUS
    link = Bandwidth(clock)
    link.note("a", 4_000_000, is_done=True)
    assert link.better_encoding() is Encoding.FLAC


def test_uploads_share_the_link() -> None:
    """Four uploads of half a megabyte a second each make a link of two megabytes a second."""
    clock = Clock()
    link = Bandwidth(clock)
    for name in "abcd":
        link.note(name, 0, is_done=False)
    clock.now_s = 1.0
    for name in "abcd":
        link.note(name, 500_000, is_done=False)
    assert link.better_encoding() is Encoding.FLAC


def test_events_of_pieces_become_the_recordings() -> None:
    """Progress adds up and never exceeds the whole, text is in order, and messages about a piece name its times."""
    told: list[object] = []
    progress = PieceProgress(told.append, Bandwidth(), 40_000)
    first, second = progress.of_piece(0, Span(0, 20_000)), progress.of_piece(1, Span(20_000, 40_000))
    second(Sent(50, 100))
    second(Sent(100, 100))
    second(Delta("two"))
    second(Transcribed(1, 2))
    first(Retrying("no luck", 1.0, 1))
    first(Notice("empty", of_recording=True))
    first(Notice("of any"))
    first(Trace("> POST"))
    first(Delta("one"))
    progress.note_answered(0, Span(0, 20_000))
    progress.note_answered(1, Span(20_000, 40_000))
    progress.note_done(0, Span(0, 20_000))
    progress.note_done(1, Span(20_000, 40_000))
    place = "00:00:00\u201300:00:20: "
    retrying, empty, of_any, post, *deltas = (event for event in told if not isinstance(event, Transcribed))
    assert (type(retrying), str(retrying.reason)) == (Retrying, f"{place}no luck")
    assert (type(empty), str(empty.message)) == (Notice, f"{place}empty")
    assert of_any == Notice("of any")
    assert (type(post), str(post.message)) == (Trace, f"{place}> POST")
    assert deltas == [Delta("one"), Delta(" two")]
    done = [(event.done_ms, event.total_ms) for event in told if isinstance(event, Transcribed)]
    assert done == sorted(done)
    assert done[0] == (4_000, 40_000)
    assert done[-1] == (40_000, 40_000)
