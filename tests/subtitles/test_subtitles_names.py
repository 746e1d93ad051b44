"""Names that stand before the text of a cue take room of their own."""

from __future__ import annotations

import pytest

from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.formats.documents import read_transcript
from anyscribe.rendering import RenderOptions, render
from anyscribe.transcript import Segment, Transcript, Word

SAID = "the quick brown fox has jumped over it and the lazy dog did not even look up at all"


def talk(*, has_words: bool) -> Transcript:
    """Return two long turns of people with long names, and one turn in which the first one goes on."""
    segments, words = [], []
    for number, name in enumerate(("Maria Magdalena", "Bartholomew", "Bartholomew", "Maria Magdalena")):
        start_ms = number * 8_000
        segments.append(Segment(SAID, start_ms, start_ms + 7_000, speaker=name))
        for at, word in enumerate(SAID.split()):
            words.append(Word(word, start_ms + at * 380, start_ms + at * 380 + 350))
    text = " ".join([SAID] * len(segments))
    return Transcript(text, "en", 40_000, tuple(segments), tuple(words) if has_words else ())


@pytest.mark.parametrize("has_words", [True, False])
def test_lines_with_names_are_no_longer_than_others(has_words: bool):  # noqa: FBT001 - a case
    """With its name, no line is longer than the limit, no cue has a third line, and no word is lost or said twice."""
    document = render(talk(has_words=has_words), OUTPUT_FORMATS["srt"], RenderOptions())
    assert isinstance(document, str)
    found = read_transcript(document)
    assert found is not None
    cues = found.transcript.segments
    assert max(len(line) for cue in cues for line in cue.text.splitlines()) <= 42
    assert max(cue.text.count("\n") for cue in cues) <= 1
    named = [cue.text for cue in cues if ": " in cue.text]
    assert [text.partition(":")[0] for text in named] == ["Maria Magdalena", "Bartholomew", "Maria Magdalena"]
    text = " ".join(cue.text.replace("\n", " ").rpartition(": ")[2] for cue in cues)
    assert text == talk(has_words=True).text


def test_formats_with_a_place_for_names_break_as_before():
    """WebVTT has the name in a tag, which takes no room."""
    plain = render(Transcript(SAID, "en", 8_000, (Segment(SAID, 0, 7_000),)), OUTPUT_FORMATS["vtt"], RenderOptions())
    named = Transcript(SAID, "en", 8_000, (Segment(SAID, 0, 7_000, speaker="Maria"),))
    document = render(named, OUTPUT_FORMATS["vtt"], RenderOptions())
    assert isinstance(document, str)
    assert document.replace("<v Maria>", "") == plain
