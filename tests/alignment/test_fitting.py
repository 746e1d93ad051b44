"""Words that fit the sound stand, words that do not are left out, and a place that is lost is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.alignment.sphinx.fitting import fitting, place_lost
from anyscribe.alignment.sphinx.grammar import Placed

FRAMES = 20
LONGEST_MS = 1_000


def placed(scores: list[float], frames: int = FRAMES) -> list[Placed]:
    """Words one after the other, each with how well the sound fits it a frame."""
    return [Placed(token, token * frames, (token + 1) * frames, score * frames) for token, score in enumerate(scores)]


def fits(scores: list[float], frames: int = FRAMES) -> str:
    words = placed(scores, frames)
    return "".join(".x"[not one] for one in fitting(words, [LONGEST_MS] * len(words)))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([-20] * 8, "........"),
        # One word that is read wrongly.
        ([-20, -20, -20, -100, -20, -20, -20], "...x..."),
        # Two words between such: they may fit by chance. Three that fit well do not.
        ([-20] * 5 + [-90, -20, -20, -90] + [-20] * 5, ".....xxxx....."),
        ([-20] * 5 + [-90, -20, -20, -20, -90] + [-20] * 5, ".....x...x....."),
        # Three that fit just enough.
        ([-20] * 5 + [-90, -55, -55, -55, -90] + [-20] * 5, ".....xxxxx....."),
        # In noise all words fit badly.
        ([-40, -40, -46, -46, -46, -64, -46, -64, -46], "........."),
        # The text is somewhere else.
        ([-80, -78, -90, -64, -85, -64, -79, -82], "xxxxxxxx"),
    ],
)
def test_words_stand_where_the_sound_fits_them(scores: list[float], expected: str):
    """By their own fit, by that of the words around them, and by that of the whole window."""
    assert fits(scores) == expected


def test_a_word_that_is_too_long_does_not_stand():
    """However well the sound fits it."""
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
        # Behind it the text was found again.
        ("......xxxxxx.....", 17),
        ("......xxxxx....", 6),
        ("xxxxxx", 0),
        ("..xxxxx", 2),
    ],
)
def test_the_place_is_lost_where_nothing_fits_any_more(pattern: str, lost: int):
    """Five words in a row that fit are the text; five at the end that do not are the loss of it."""
    assert place_lost([sign == "." for sign in pattern]) == lost


@given(st.lists(st.floats(-200, 0)))
def test_each_word_is_judged_and_none_that_fits_badly_stands(scores: list[float]):
    """For any scores."""
    judged = fits(scores)
    assert len(judged) == len(scores)
    assert all(score >= -80 for score, sign in zip(scores, judged, strict=True) if sign == ".")
