"""Displayed text cannot control the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.terminal.escaping import printable

ANY_TEXT = st.text(st.characters(), max_size=200)


@given(ANY_TEXT)
def test_no_control_is_left(text: str):
    """No control character except tab and line feed is left, and nothing that cannot be written as UTF-8."""
    shown = printable(text)
    assert {character for character in shown if unicodedata.category(character) in ("Cc", "Cs")} <= {"\n", "\t"}
    shown.encode()


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str):
    """Text for one line has no line feed and no tab either."""
    shown = printable(text, one_line=True)
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cs")]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_all_else_is_shown_as_it_is(text: str):
    """Text in any script, with marks, joiners and emoji, is unchanged."""
    assert printable(text) == printable(text, one_line=True) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("over\rwritten", r"over\x0dwritten"),
        ("two\r\nlines", "two\nlines"),
        ("back\b\x7f", r"back\x08\x7f"),
        ("caf\udce9", "caf\ufffd"),
    ],
)
def test_controls_are_shown_as_escapes(text: str, shown: str):
    """A control character is shown as its escape, so that it is visible and has no effect."""
    assert printable(text) == shown
