"""The emulated screen in other tests shows what a terminal would."""

from __future__ import annotations

import pytest
from emulator import Emulator, without_spacing_marks

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def screen_of(text: str, columns: int = 10, **how: object) -> Emulator:
    """Return a screen with a text written on it."""
    screen = Emulator(columns, 4, **how)  # type: ignore[arg-type] # options of the emulator
    screen.feed(text.replace("\n", "\r\n").encode())
    return screen


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("abc\ndef", ["abc", "def"]),
        ("abcdefghij", ["abcdefghij"]),
        ("abcdefghij\nk", ["abcdefghij", "k"]),
        ("abcdefghijk", ["abcdefghij", "k"]),
        ("old\rn", ["nld"]),
        ("old\r\x1b[2Knew", ["new"]),
        ("old\nolder\noldest\x1b[1A\r\x1b[J", ["old", ""]),
        ("abcdefghijkl\x1b[1A\x1b[J", ["ab"]),
        ("a\nb\nc\x1b[2A\rX", ["X", "b", "c"]),
        ("a\nb\x1b[9A\rX", ["X", "b"]),
        ("1\n2\n3\n4\n5\n6\x1b[9A\rX", ["1", "2", "X", "4", "5", "6"]),
        ("\u4f60\u597d\u4f60\u597d\u4f60\u597d", ["\u4f60\u597d\u4f60\u597d\u4f60", "\u597d"]),
        ("123456789\u4f60", ["123456789", "\u4f60"]),
        ("e\u0301\u0327x", ["e\u0301\u0327x"]),
        (f"12345678{FAMILY}", ["12345678\U0001f468\u200d", "\U0001f469\u200d\U0001f467"]),
        ("ab  \rX", ["Xb  "]),
    ],
)
def test_rows(text: str, rows: list[str]):
    """Text fills rows, lines begin where they should, and control sequences have their effects."""
    assert [row.text for row in screen_of(text).rows] == rows


def test_terminals_differ():
    """Emoji of several code points, and vowel signs, take as many cells as the kind of terminal gives them."""
    assert screen_of(f"{FAMILY}x").cursor_column == 7
    assert screen_of(f"{FAMILY}x", is_joining=True).cursor_column == 3
    assert screen_of("\u263a\ufe0f\U0001f1e9\U0001f1eax").cursor_column == 4
    assert screen_of("\u263a\ufe0f\U0001f1e9\U0001f1eax", is_joining=True).cursor_column == 5
    assert screen_of("\u0915\u093e").cursor_column == 2
    assert screen_of("\u0915\u093e", cells_of=without_spacing_marks).cursor_column == 1


def test_resizing():
    """A line that is too long continues below but remains one line, and the cursor stays at its place in the line."""
    screen = screen_of("first line\nabcdefgh")
    screen.resize(5, 4)
    assert [row.text for row in screen.rows] == ["first", " line", "abcde", "fgh"]
    screen.feed(b"X")
    assert screen.shown == ["first line", "abcdefghX"]
    screen.resize(20, 4)
    screen.feed(b"Y")
    assert [row.text for row in screen.rows] == ["first line", "abcdefghXY"]


@pytest.mark.parametrize("text", ["\x1b]0;title\x07            ", "\x1b[2J", "\x1b[5;5H", "bell\x07", "back\b"])
def test_unsupported_sequences(text: str):
    """Sequences that text does not need are errors, so that no test overlooks them."""
    with pytest.raises(ValueError, match=r"unsupported|no control sequence|a control character"):
        screen_of(text)
