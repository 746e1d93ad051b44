"""Speakers are kept: a cue never mixes two, and each format that has a place for the name writes it."""

from __future__ import annotations

import pytest

from anyscribe.formats import OUTPUT_FORMATS, srt
from anyscribe.recording.stitching import Part, stitch
from anyscribe.rendering import RenderOptions, render
from anyscribe.request import Granularity
from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.sentences import to_segments
from anyscribe.timespan import Span
from anyscribe.transcript import Segment, Transcript, Word

TEXT = "“Is it late?” No, it is not. Good."
WORDS = tuple(
    Word(text, at * 400, at * 400 + 300, speaker=speaker)
    for at, (text, speaker) in enumerate(
        [("is", "A"), ("it", "A"), ("late", "A"), ("no", "B"), ("it", "B"), ("is", None), ("not", "B"), ("good", "A")]
    )
)
TURNS = [("A", "“Is it late?”"), ("B", "No, it is not."), ("A", "Good.")]


@pytest.mark.parametrize(
    "segments", [(), (Segment("“Is it late?” No, it", 0, 1_900), Segment("is not. Good.", 2_000, 3_100))]
)
def test_words_name_the_speakers_of_cues(segments: tuple[Segment, ...]) -> None:
    """If only words name speakers, as Deepgram's do, a change of speaker begins a cue."""
    cues = to_cues(Transcript(TEXT, "en", 4_000, segments, WORDS)).segments
    assert [(cue.speaker, cue.text) for cue in cues] == TURNS


def test_words_name_the_speakers_of_segments() -> None:
    """So do they for the segments of a transcript that has none."""
    segments = to_segments(Transcript(TEXT, "en", 4_000, (), WORDS))
    assert [(segment.speaker, segment.text) for segment in segments] == TURNS


@pytest.mark.parametrize("name", ["srt", "vtt", "md", "verbose_json"])
def test_every_format_with_a_place_for_speakers_names_them(name: str) -> None:
    """Speakers of words are in the document."""
    names = tuple(
        word if word.speaker != "A" else Word(word.text, word.start_ms, word.end_ms, speaker="Ann") for word in WORDS
    )
    options = RenderOptions(granularities=(Granularity.SEGMENT, Granularity.WORD))
    assert "Ann" in render(Transcript(TEXT, "en", 4_000, (), names), OUTPUT_FORMATS[name], options)


def test_subrip_names_a_speaker_once() -> None:
    """SubRip has no place for a speaker: the name is written before the text where the speaker changes."""
    segments = (
        Segment("Hi", 0, 1_000, speaker="Ann\nB. "),
        Segment("you", 1_000, 2_000, speaker="Ann\nB. "),
        Segment("Bye", 2_000, 3_000, speaker="C-->D"),
        Segment("so", 3_000, 4_000),
        Segment("on", 4_000, 5_000, speaker="C-->D"),
    )
    written = srt.render(Transcript("", segments=segments))
    lines = [line for line in written.splitlines() if line and not line[0].isdigit()]
    assert lines == ["Ann B.: Hi", "you", "C--\u2060>D: Bye", "so", "C--\u2060>D: on"]


def test_pieces_keep_the_speakers_of_words() -> None:
    """When pieces become a recording, words keep their speakers."""
    stitched = stitch([Part(Span(0, 5_000), Transcript(TEXT, words=WORDS))] * 2, duration_ms=10_000)
    assert [word.speaker for word in stitched.words] == [word.speaker for word in WORDS] * 2


def test_a_segment_without_words_keeps_its_own_time() -> None:
    """Its words are spread over its own time, and not over the gap between its neighbours' words."""
    segments = (Segment("one two", 0, 1_000), Segment("three four", 5_000, 6_000), Segment("five six", 9_000, 10_000))
    words = (Word("one", 0, 400), Word("two", 500, 1_000), Word("five", 9_000, 9_400), Word("six", 9_500, 10_000))
    cues = to_cues(Transcript("one two three four five six", "en", 10_000, segments, words)).segments
    assert [(cue.text, cue.start_ms) for cue in cues] == [("one two", 0), ("three four", 5_000), ("five six", 9_000)]
