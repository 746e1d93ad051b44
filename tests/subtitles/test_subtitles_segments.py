"""Segments made from words: sentences with times."""

from __future__ import annotations

from spoken import spoken

from anyscribe.subtitles.sentences import to_segments
from anyscribe.transcript import Segment, Transcript, Word


def test_each_sentence_is_a_segment() -> None:
    """A segment has the text of its sentence, from the first word's onset to the last one's end."""
    text = "We met Dr. Smith at five. He was late, as ever! Was he?"
    assert to_segments(Transcript(text, words=spoken(text.split()))) == (
        Segment("We met Dr. Smith at five.", 0, 1_750),
        Segment("He was late, as ever!", 1_800, 3_250),
        Segment("Was he?", 3_300, 3_850),
    )


def test_a_pause_ends_a_segment_too() -> None:
    """More than a second of silence splits a sentence."""
    words = (Word("Well", 0, 500), Word("no", 1_501, 2_000), Word("yes", 2_900, 3_400))
    assert to_segments(Transcript("Well, no, yes", words=words)) == (
        Segment("Well,", 0, 500),
        Segment("no, yes", 1_501, 3_400),
    )


def test_no_segment_is_longer_than_half_a_minute() -> None:
    """A text without full stops is split, at its clauses if it has some."""
    tokens = [f"word{number}{',' if number % 50 == 49 else ''}" for number in range(300)]
    segments = to_segments(Transcript(" ".join(tokens), words=spoken(tokens)))
    assert " ".join(segment.text for segment in segments) == " ".join(tokens)
    assert all(segment.end_ms - segment.start_ms <= 30_000 for segment in segments)
    assert all(segment.text.endswith(",") for segment in segments)


def test_segments_that_are_there_stay() -> None:
    """Segments from a server are not split again."""
    segments = (Segment("Hi. You.", 0, 600),)
    assert to_segments(Transcript("Hi. You.", segments=segments, words=spoken(["Hi.", "You."]))) == segments


def test_without_words_there_are_none() -> None:
    """Text without words has no times."""
    assert to_segments(Transcript("Hi. You.", duration_ms=9_000)) == ()
    assert to_segments(Transcript("", words=(Word(" ", 0, 1),))) == ()


def test_words_of_another_text_say_what_they_say() -> None:
    """Words that differ from the text give segments with their own text, as in cues."""
    assert to_segments(Transcript("Something else was said", words=spoken(["Hi.", "You."]))) == (
        Segment("Hi.", 0, 250),
        Segment("You.", 300, 550),
    )
