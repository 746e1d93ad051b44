"""Displayed text cannot control the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.terminal.escaping import printable

REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
DIRECTED = REORDERING | frozenset("\u061c\u200e\u200f")
INVISIBLE = frozenset("\u00ad\u180e\u200b\u2028\u2029\u2060\u2064\u206a\ufeff\ufff9\U000e0001\U000e0041")

ANY_TEXT = st.text(st.characters(), max_size=200)


@given(ANY_TEXT)
def test_no_control_is_left(text: str):
    """No control except tab and line feed is left, none that reorders text, and nothing that UTF-8 cannot write."""
    shown = printable(text)
    assert not REORDERING & set(shown)
    assert {character for character in shown if unicodedata.category(character) in ("Cc", "Cs")} <= {"\n", "\t"}
    shown.encode()


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str):
    """Text for one line has no line break, no tab, and nothing that sets a direction or is invisible either."""
    shown = printable(text, one_line=True)
    assert not (DIRECTED | INVISIBLE) & set(shown)
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cs")]


@given(
    st.text(
        st.characters(
            exclude_categories=("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"), exclude_characters="\u17b4\u17b5\u3164\uffa0"
        )
    )
)
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
        ("talk\u202egpj.mp3", r"talk\u202egpj.mp3"),
        ("\u2067right\u2069", r"\u2067right\u2069"),
    ],
)
def test_controls_are_shown_as_escapes(text: str, shown: str):
    """A control character is shown as its escape, so that it is visible and has no effect."""
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("talk\u202e3pm.exe", r"talk\u202e3pm.exe"),
        ("talk\u200b.mp3", r"talk\u200b.mp3"),
        ("\ufefftalk\u2028.mp3", r"\ufefftalk\u2028.mp3"),
        ("\U000e0041.mp3", r"\U000e0041.mp3"),
        ("\u05e9\u05dc\u05d5\u05dd.mp3", "\u05e9\u05dc\u05d5\u05dd.mp3"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.mp3",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.mp3",
        ),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467\u2764\ufe0f.mp3",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467\u2764\ufe0f.mp3",
        ),
        ("\u8fbb\U000e0100.mp3", "\u8fbb\U000e0100.mp3"),
    ],
)
def test_names(name: str, shown: str):
    """In a name, what cannot be seen is an escape; names of every script are shown as they are."""
    assert printable(name, one_line=True) == shown


def test_marks_of_direction_stay_in_a_transcript():
    """Text of scripts that are written from right to left keeps its marks and its line breaks."""
    text = "\u200f\u05e9\u05dc\u05d5\u05dd, \u200eHello\u200f!\u2028\u0e2a\u200b\u0e27\u00ad"
    assert printable(text) == text
