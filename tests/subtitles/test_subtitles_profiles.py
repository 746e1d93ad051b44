"""The profiles of publishers: their numbers reach the cues."""

from __future__ import annotations

from itertools import pairwise

import pytest
from spoken import spoken

from anyscribe.subtitles.cues import to_cues
from anyscribe.subtitles.placement import Cue, place
from anyscribe.subtitles.profile import limits_for
from anyscribe.subtitles.profiles import PROFILES
from anyscribe.transcript import Transcript

JAPANESE = "今日はいい天気です。"


@pytest.mark.parametrize(
    ("profile", "text", "language", "line_chars", "cps"),
    [
        ("netflix", "Good morning", None, 42, 17),
        ("netflix", JAPANESE, "en", 23, 4),
        ("netflix", "मैं घर जा रहा हूँ", None, 42, 22),
        ("netflix-sdh", "أنا ذاهب إلى البيت", None, 42, 23),
        ("netflix-sdh", "من به خانه می‌روم", "fa", 42, 20),
        ("netflix-children", "안녕하세요 여러분", None, 16, 9),
        ("netflix-children-sdh", "Good morning", "english", 42, 17),
        ("ted", JAPANESE, None, 42, 21),
    ],
)
def test_a_profile_has_numbers_by_language(
    profile: str, text: str, language: str | None, line_chars: int, cps: float
) -> None:
    """The language decides if it is known, otherwise the script."""
    limits = limits_for(text, PROFILES[profile].cues, language)
    assert (limits.max_line_chars, limits.max_cps) == (line_chars, cps)


@pytest.mark.parametrize("name", PROFILES)
def test_slow_speech_makes_cues_that_obey(name: str) -> None:
    """Line length, speed and gaps are those of the profile where the speaker leaves the time."""
    text = "We walked along the river, and then we had tea in the old house by the bridge. Nobody spoke. " * 6
    transcript = Transcript(text.strip(), words=spoken(text.split(), word_ms=420, gap_ms=60))
    limits = limits_for(text, PROFILES[name].cues)
    cues = to_cues(transcript, PROFILES[name].cues).segments
    for cue in cues:
        assert len(cue.text.splitlines()) <= limits.max_lines
        assert max(map(len, cue.text.splitlines())) <= limits.max_line_chars
        assert cue.end_ms - cue.start_ms >= limits.reading_ms(len(cue.text), len(cue.text.split()))
    gaps_ms = [right.start_ms - left.end_ms for left, right in pairwise(cues)]
    assert all(gap_ms == limits.gap_ms or gap_ms > limits.chain_ms for gap_ms in gaps_ms)


def test_words_a_minute_slow_down_a_cue() -> None:
    """Eight short words take 3 s at 160 a minute, and less by their characters; in Japanese words are not counted."""
    limits = limits_for("a b", PROFILES["dcmp"].cues)
    assert (limits.reading_ms(15), limits.reading_ms(15, 8)) == (1_334, 3_000)
    assert limits_for(JAPANESE, PROFILES["dcmp"].cues).max_wpm is None


def test_two_speakers_in_one_cue_get_the_profiles_dash() -> None:
    """Speakers who start together in too little time share a cue, with a dash before each."""
    limits = limits_for("", PROFILES["netflix"].cues)
    cues = [Cue("Yes.", 0, 100, "A"), Cue("No.", 0, 100, "B")]
    assert [cue.text for cue in place(cues, limits, duration_ms=150)] == ["-Yes.\n-No."]
