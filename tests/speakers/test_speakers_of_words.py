"""Words and segments get the speakers of the turns they are in."""

from __future__ import annotations

from anyscribe.speakers.diarizer import SpeakerTurn
from anyscribe.speakers.words import with_turns_of
from anyscribe.timespan import Span
from anyscribe.transcript import Segment, Transcript, Word

TURNS = [SpeakerTurn(Span(0, 1_000), 0), SpeakerTurn(Span(1_100, 2_000), 1), SpeakerTurn(Span(5_000, 6_000), 0)]
TEXT = " Is it (late)? “No!” it… is not. Oh."
TIMES_MS = {"Is": 0, "it": 300, "late": 820, "No": 1_150, "it…": 1_400, "is": 1_600, "not": 1_800, "Oh": 5_900}
WORDS = tuple(Word(text, start_ms, start_ms + 200, speaker="C") for text, start_ms in TIMES_MS.items())
SAID = [(" Is it (late)? ", "speaker 1", 0, 1_020), ("“No!” it… is not. ", "speaker 2", 1_150, 2_000)]


def told(transcript: Transcript) -> list[tuple[str, str | None, int, int]]:
    """Return what a test compares of segments."""
    return [(one.text, one.speaker, one.start_ms, one.end_ms) for one in transcript.segments]


def test_a_segment_is_divided_where_the_speaker_changes() -> None:
    """No character is lost, marks stay with their word, and what described the whole text is dropped."""
    transcript = Transcript(TEXT, segments=(Segment(TEXT, 0, 6_000, tokens=(1, 2), avg_logprob=-0.5),), words=WORDS)
    found = with_turns_of(transcript, TURNS)
    assert told(found) == [*SAID, ("Oh.", "speaker 1", 5_900, 6_000)]
    assert {(one.tokens, one.avg_logprob) for one in found.segments} == {(None, -0.5)}
    assert [word.speaker for word in found.words] == ["speaker 1"] * 3 + ["speaker 2"] * 4 + ["speaker 1"]
    assert found.text == TEXT


def test_segments_that_stay_whole() -> None:
    """Cues that a user has keep their text; one in which two speak has no speaker."""
    segments = (Segment(TEXT, 0, 4_000), Segment("Oh.", 5_800, 6_000))
    found = with_turns_of(Transcript(TEXT, segments=segments, words=WORDS), TURNS, keeps_segments=True)
    assert told(found) == [(TEXT, None, 0, 4_000), ("Oh.", "speaker 1", 5_800, 6_000)]


def test_segments_without_their_words() -> None:
    """A segment without words has the speaker of most of its time, or of what is nearest; one of other words stays."""
    segments = (Segment("Late", 900, 1_900), Segment("Oh", 3_000, 3_100), Segment("Ja", 9_000, 9_000))
    assert [one.speaker for one in with_turns_of(Transcript("", segments=segments), TURNS).segments] == [
        "speaker 2", "speaker 2", "speaker 1",
    ]  # fmt: skip
    other = Transcript("", segments=(Segment("Другое.", 0, 2_000),), words=WORDS)
    assert told(with_turns_of(other, TURNS)) == [("Другое.", "speaker 1", 0, 2_000)]
