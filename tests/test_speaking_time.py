"""Every word has a speaking time, which follows its pronunciation."""

# ruff: noqa: RUF001 - the tests need wide characters that look like narrow ones

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.speaking_time import speaking_ms


@given(st.text())
def test_every_word_has_a_length(text):
    """A word with a letter or digit takes time to speak; punctuation need not."""
    for token in text.split():
        has_something_to_say = any(character.isalpha() or character.isdigit() for character in token)
        assert speaking_ms(token) > 0 or not has_something_to_say


@pytest.mark.parametrize("mark", [".", "...", "–", "»", "。", "「", "😀"])
def test_punctuation_takes_no_time(mark):
    """Punctuation adds nothing to the length of a word."""
    assert speaking_ms("word" + mark) == speaking_ms("word")
    assert speaking_ms(mark) == 0


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("to", "tomorrow"),
        ("four", "2026"),
        ("2", "25"),
        ("a", "€5"),
        ("く", "国"),
        ("é", "étude"),
        ("한", "한국어"),
        ("ส", "ดี๒"),
    ],
)
def test_what_is_said_longer_is_longer(shorter, longer):
    """Speaking times follow pronunciation, not spelling: digits are read out."""
    assert speaking_ms(shorter) < speaking_ms(longer)


def test_accents_add_nothing():
    """An accented letter counts as one letter, composed or not."""
    assert speaking_ms("été") == speaking_ms("e\u0301te\u0301") == speaking_ms("ete")
