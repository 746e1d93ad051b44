"""Subtitles in two languages: matched by time, in a line each where they fit."""

from __future__ import annotations

from anyscribe.subtitles.profile import DEFAULT_PROFILE
from anyscribe.subtitles.second_language import with_second_language
from anyscribe.transcript import Segment, Transcript

ENGLISH = (
    Segment("We have waited here\nfor a long time.", 0, 3_000, speaker="Ada"),
    Segment("Nobody came.", 3_100, 5_000),
    Segment("So we left.", 5_100, 7_000),
)


def both(*second: Segment, first: tuple[Segment, ...] = ENGLISH) -> list[str]:
    """Return the texts of the cues in both languages."""
    made = with_second_language(
        Transcript("", "en", segments=first), Transcript("", "de", segments=second), DEFAULT_PROFILE
    )
    assert [cue.start_ms for cue in made.segments] == sorted(cue.start_ms for cue in made.segments)
    return [cue.text for cue in made.segments]


def test_the_same_division():
    """Each language has one line if it fits, though it was in two before, and although times differ a little."""
    assert both(
        Segment("Wir haben hier\nlange gewartet.", 200, 2_800),
        Segment("Niemand kam.", 3_300, 5_300),
        Segment("Also gingen wir.", 5_400, 7_400),
    ) == [
        "We have waited here for a long time.\nWir haben hier lange gewartet.",
        "Nobody came.\nNiemand kam.",
        "So we left.\nAlso gingen wir.",
    ]


def test_a_long_cue_over_several():
    """What is longer than a line is divided where its clauses end, in proportion to the time; all of it is there."""
    text = "Wir haben hier sehr lange gewartet, doch niemand ist gekommen, und so sind wir gegangen."
    cues = both(Segment(text, 0, 7_000))
    assert [cue.split("\n", 1)[1].replace("\n", " ") for cue in cues] == [
        "Wir haben hier sehr lange gewartet,",
        "doch niemand ist gekommen,",
        "und so sind wir gegangen.",
    ]


def test_a_short_cue_over_several():
    """What fits in a line stays for as long as its author wants."""
    assert [cue.splitlines()[-1] for cue in both(Segment("Wir gingen.", 3_000, 7_000))] == [
        "We have waited here for a long time.",
        "Wir gingen.",
        "Wir gingen.",
    ]


def test_several_cues_over_one():
    """They are put together; if they are too long for a line, they get two."""
    parts = (Segment("Wir haben hier so lange", 0, 1_500), Segment("auf euch alle gewartet.", 1_500, 3_000))
    (first, *_) = both(*parts)
    assert first.splitlines()[0] == "We have waited here for a long time."
    assert " ".join(first.splitlines()[1:]) == "Wir haben hier so lange auf euch alle gewartet."
    assert all(len(line) <= 42 for line in first.splitlines())


def test_dialogue_and_what_is_alone():
    """Lines of two speakers stay apart, and a cue without a counterpart is one of its own."""
    first = (Segment("- Hi.\n- Hello.", 0, 1_000),)
    second = (Segment("- Na?\n- Hallo.", 0, 1_000), Segment("(Beifall)", 2_000, 3_000))
    assert both(*second, first=first) == ["- Hi.\n- Hello.\n- Na?\n- Hallo.", "(Beifall)"]
    assert both(first=first) == ["- Hi.\n- Hello."]
