"""Start and end times of cues."""

from __future__ import annotations

from itertools import pairwise

import pytest
from spoken import spoken

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.profile import CueProfile
from anyscribe.transcript import Segment, Transcript, Word

SEVEN = "Seven.."


def times(transcript: Transcript, profile: CueProfile | None = None) -> list[tuple[int, int]]:
    """Return start and end of each cue."""
    return [(cue.start_ms, cue.end_ms) for cue in to_cues(transcript, profile or CueProfile()).segments]


def of_segments(*spans: tuple[int, int], text: str = SEVEN, duration_ms: int | None = 100_000) -> Transcript:
    """Return a transcript of segments at these times, all with the same text."""
    return Transcript("", None, duration_ms, tuple(Segment(text, *span) for span in spans))


def test_a_cue_stays_for_at_least_five_sixths_of_a_second() -> None:
    """A short word stays visible during the silence after it."""
    assert times(of_segments((1_000, 1_200))) == [(1_000, 1_833)]


def test_a_cue_stays_until_it_can_be_read() -> None:
    """Forty characters spoken in one second are shown for two."""
    assert times(of_segments((1_000, 2_000), text="a" * 40)) == [(1_000, 3_000)]
    assert times(of_segments((1_000, 2_000), text="a" * 40), CueProfile(max_cps=10)) == [(1_000, 5_000)]


def test_a_cue_that_can_be_read_ends_with_its_speech() -> None:
    """A cue is not shown longer than needed."""
    assert times(of_segments((1_000, 3_000))) == [(1_000, 3_000)]


@pytest.mark.parametrize(("second_ms", "end_ms"), [(3_000, 2_916), (3_083, 2_999), (3_500, 3_416), (3_501, 3_000)])
def test_gaps_are_two_frames_or_more_than_twelve(second_ms: int, end_ms: int) -> None:
    """A gap of at most half a second is closed to two frames; a longer one is kept."""
    assert times(of_segments((1_000, 3_000), (second_ms, 9_000)))[0] == (1_000, end_ms)


def test_gaps_are_told_in_frames() -> None:
    """At 50 frames a second, two frames are 40 milliseconds and twelve are 240."""
    profile = CueProfile(frame_rate=50)
    assert times(of_segments((1_000, 3_000), (3_240, 9_000)), profile)[0] == (1_000, 3_200)
    assert times(of_segments((1_000, 3_000), (3_241, 9_000)), profile)[0] == (1_000, 3_000)


def test_a_cue_makes_way_for_the_next_one() -> None:
    """Reading time is taken from silence, never from another cue."""
    assert times(of_segments((1_000, 1_200), (1_500, 3_000), text="a" * 40))[0] == (1_000, 1_416)
    assert times(of_segments((3_000, 8_000), (0, 5_000))) == [(0, 2_916), (3_000, 8_000)]


def test_no_cue_stands_longer_than_the_limit() -> None:
    """A cue keeps the limit even if a server stretched a word over a silence, or to close a gap."""
    assert times(of_segments((1_000, 30_000), text="Music")) == [(1_000, 8_000)]
    assert times(of_segments((1_000, 7_900), (8_300, 9_300)))[0] == (1_000, 8_000)
    assert times(of_segments((1_000, 9_000), text="Music"), CueProfile(max_cue_ms=500)) == [(1_000, 1_500)]


def test_no_cue_outlasts_the_recording() -> None:
    """A cue never ends after the recording, neither for reading nor if a server states a later end."""
    assert times(of_segments((1_000, 1_200), duration_ms=1_500)) == [(1_000, 1_500)]
    assert times(of_segments((0, 8_000), (9_000, 9_500), duration_ms=6_000)) == [(0, 5_816), (5_900, 6_000)]
    assert times(of_segments((-500, 900))) == [(0, 900)]


def test_cues_that_start_together_share_their_time() -> None:
    """Two simultaneous speakers are shown one after the other, each for a share of the time by length."""
    transcript = Transcript(
        "", segments=(Segment("a" * 30, 1_000, 5_000, speaker="A"), Segment("b" * 10, 1_000, 5_000, speaker="B"))
    )
    first, second = to_cues(transcript).segments
    assert (first.speaker, first.start_ms, second.speaker, second.end_ms) == ("A", 1_000, "B", 5_000)
    assert second.start_ms - first.end_ms == 84
    assert 2 < (first.end_ms - first.start_ms) / (second.end_ms - second.start_ms) < 3


def test_more_cues_than_there_is_time_for_become_one() -> None:
    """If there is no time to show a text, it is merged, not dropped."""
    transcript = Transcript("", None, 2, tuple(Segment(text, 0, 0, speaker="A") for text in "abc"))
    assert to_cues(transcript).segments == (Segment("a\nb\nc", 0, 2, speaker="A"),)
    transcript = Transcript("", None, 2, tuple(Segment(text, 0, 0, speaker=text) for text in "abc"))
    assert to_cues(transcript).segments == (Segment("a\nb\nc", 0, 2),)


def test_a_cue_starts_with_its_first_word() -> None:
    """The start is never moved to gain time."""
    words = spoken(["Extraordinarily", "incomprehensible."], word_ms=100, gap_ms=10, first_ms=3_000)
    assert times(Transcript("Extraordinarily incomprehensible.", None, 9_000, (), words)) == [(3_000, 4_650)]


def test_words_that_overlap_or_go_backwards_make_cues_that_do_not() -> None:
    """Inconsistent times from a model are corrected."""
    words = (
        Word("One.", 0, 9_000),
        Word("Two.", 2_000, 1_000),
        Word("Three.", 2_000, 12_000),
        Word("Four.", 6_000, 6_000),
    )
    transcript = Transcript("One. Two. Three. Four.", None, 8_000, (), words)
    cues = to_cues(transcript).segments
    assert " ".join(cue.text for cue in cues).replace("\n", " ") == transcript.text
    assert all(left.end_ms + 84 <= right.start_ms for left, right in pairwise(cues))
