"""Words that fit the audio are kept, others are dropped, and a lost place in the text is detected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.alignment.sphinx.fitting import fitting, place_lost
from anyscribe.alignment.sphinx.grammar import Placed

FRAMES = 20
LONGEST_MS = 1_000


def placed(scores: list[float], frames: int = FRAMES) -> list[Placed]:
    """Return consecutive words with these scores per frame."""
    return [Placed(token, token * frames, (token + 1) * frames, score * frames) for token, score in enumerate(scores)]


def fits(scores: list[float], frames: int = FRAMES) -> str:
    words = placed(scores, frames)
    return "".join(".x"[not one] for one in fitting(words, [LONGEST_MS] * len(words)))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([-20] * 8, "........"),
        # One misread word.
        ([-20, -20, -20, -100, -20, -20, -20], "...x..."),
        # Two words between bad ones may fit by chance; three that fit well do not.
        ([-20] * 5 + [-90, -20, -20, -90] + [-20] * 5, ".....xxxx....."),
        ([-20] * 5 + [-90, -20, -20, -20, -90] + [-20] * 5, ".....x...x....."),
        # Three that barely fit.
        ([-20] * 5 + [-90, -55, -55, -55, -90] + [-20] * 5, ".....xxxxx....."),
        # In noise all words fit badly.
        ([-40, -40, -46, -46, -46, -64, -46, -64, -46], "........."),
        # The text is elsewhere.
        ([-80, -78, -90, -64, -85, -64, -79, -82], "xxxxxxxx"),
    ],
)
def test_words_stand_where_the_sound_fits_them(scores: list[float], expected: str):
    """A word is kept by its own fit, that of the words around it, and that of the whole window."""
    assert fits(scores) == expected


def test_a_word_that_is_too_long_does_not_stand():
    """A word that is too long is dropped, however well it fits."""
    assert fits([-20] * 3, LONGEST_MS // 10 + 1) == "xxx"


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [
        ("", 0),
        ("........", 8),
        # A bad end of a few words: the next window starts there anyway.
        ("......xxxx", 10),
        ("......x.....", 12),
        ("......xxxxx", 6),
        # The text is found again after it.
        ("......xxxxxx.....", 17),
        ("......xxxxx....", 6),
        ("xxxxxx", 0),
        ("..xxxxx", 2),
    ],
)
def test_the_place_is_lost_where_nothing_fits_any_more(pattern: str, lost: int):
    """Five fitting words in a row confirm the text; five bad ones at the end mean that the place is lost."""
    assert place_lost([sign == "." for sign in pattern]) == lost


@given(st.lists(st.floats(-200, 0)))
def test_each_word_is_judged_and_none_that_fits_badly_stands(scores: list[float]):
    """For any scores, each word is judged and no badly fitting word is kept."""
    judged = fits(scores)
    assert len(judged) == len(scores)
    assert all(score >= -80 for score, sign in zip(scores, judged, strict=True) if sign == ".")
