"""The limits of a cue: set by the user, or else by the script."""

from __future__ import annotations

import pytest

from anyscribe.subtitles.profile import CueProfile, Script, limits_for, script_of

ENGLISH = "Good morning"
JAPANESE = "\u4eca\u65e5\u306fGoogle\u3067\u691c\u7d22\u3057\u307e\u3059\u3002"
CHINESE = "\u6211\u5728\u5317\u4eac\u7684iPhone"
KOREAN = "\uc548\ub155\ud558\uc138\uc694 \uc5ec\ub7ec\ubd84"
THAI = "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e23\u0e31\u0e1a"


@pytest.mark.parametrize(
    ("text", "script", "line_chars", "cps"),
    [
        (ENGLISH, Script.ANY, 42, 20),
        ("", Script.ANY, 42, 20),
        ("\u041f\u0440\u0438\u0432\u0435\u0442", Script.ANY, 42, 20),
        (JAPANESE, Script.JAPANESE, 23, 7),
        (CHINESE, Script.CHINESE, 16, 11),
        (KOREAN, Script.KOREAN, 16, 14),
        (THAI, Script.THAI, 35, 20),
        (f"{ENGLISH * 9} {CHINESE}", Script.ANY, 42, 20),
    ],
)
def test_the_script_sets_the_defaults(text: str, script: Script, line_chars: int, cps: float) -> None:
    """Line length and reading speed depend on the script of most of the text; names in another script do not count."""
    limits = limits_for(text, CueProfile())
    assert (script_of(text), limits.script) == (script, script)
    assert (limits.max_line_chars, limits.max_cps) == (line_chars, cps)


def test_what_a_user_sets_counts_in_every_script() -> None:
    """Each option overrides the script's default separately."""
    limits = limits_for(JAPANESE, CueProfile(max_line_chars=30, max_lines=3, max_cue_ms=5_000))
    assert (limits.max_line_chars, limits.max_lines, limits.max_cue_ms, limits.max_cps) == (30, 3, 5_000, 7)
    limits = limits_for(JAPANESE, CueProfile(max_cps=9.5))
    assert (limits.max_line_chars, limits.max_lines, limits.max_cue_ms, limits.max_cps) == (23, 2, 7_000, 9.5)


def test_frames_become_milliseconds() -> None:
    """Gaps are at least two frames, and gaps of at most twelve frames are closed, for any frame rate."""
    limits = limits_for(ENGLISH, CueProfile())
    assert (limits.gap_ms, limits.chain_ms) == (84, 500)
    limits = limits_for(ENGLISH, CueProfile(frame_rate=29.97))
    assert (limits.gap_ms, limits.chain_ms) == (67, 400)


def test_reading_takes_at_least_the_shortest_cue() -> None:
    """A word of three letters lasts as long as the shortest cue, a longer text as long as reading takes."""
    limits = limits_for(ENGLISH, CueProfile())
    assert [limits.reading_ms(chars) for chars in (3, 16, 17, 61)] == [833, 833, 850, 3_050]
