"""Text is broken into lines that fit, without loss."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sample_texts import ANY_TEXT, CLUSTERS, FAMILY, PLACES, SCOTLAND, SPOKEN, pieces_of
from wcwidth import iter_graphemes

from anyscribe.terminal.cells import LINE_ENDS, cells_of
from anyscribe.terminal.wrapping import without_end, wrap

COLUMNS = st.integers(1, 12) | st.integers(13, 200)


@given(ANY_TEXT, COLUMNS)
def test_lines_are_the_text(text: str, columns: int):
    """The lines, joined, are the text, for any text and any width."""
    lines = wrap(text, columns)
    assert "".join(lines) == text
    assert all(lines[:-1])


@given(ANY_TEXT, COLUMNS)
def test_lines_fit(text: str, columns: int):
    """No line is wider than the window, unless it is a single character; line ends occur only at the ends of lines."""
    for line in wrap(text, columns):
        assert cells_of(line) <= columns or len(list(iter_graphemes(without_end(line)))) == 1
        assert not LINE_ENDS & set(without_end(line))


@given(ANY_TEXT, COLUMNS, PLACES)
@example(text="12345678\u2764\ufe0fx", columns=9, places=[9])
@example(text=f"a {FAMILY}", columns=9, places=list(range(20)))
def test_lines_stay_what_they_are(text: str, columns: int, places: list[int]):
    """However a text is divided, full lines are broken as if it came whole: no line changes afterwards."""
    lines: list[str] = []
    last = ""
    for piece in pieces_of(text, places):
        *full, last = wrap(last + piece, columns)
        lines += full
    assert [*lines, last] == wrap(text, columns)


@given(SPOKEN, COLUMNS)
def test_clusters_stay_whole(text: str, columns: int):
    """No line begins within a grapheme cluster."""
    starts = {0}
    for cluster in iter_graphemes(text):
        starts.add(max(starts) + len(cluster))
    place = 0
    for line in wrap(text, columns):
        assert place in starts
        place += len(line)


@given(st.lists(st.sampled_from(["a", "word", "longer", "caf\u00e9", "\u05e9\u05dc\u05d5\u05dd"])), st.integers(8, 60))
def test_words_stay_whole(words: list[str], columns: int):
    """Words that fit the window are not broken, spaces are at the ends of lines, and lines are as full as possible."""
    lines = wrap(" ".join(words), columns)
    assert "".join(lines).split() == [word for line in lines for word in line.split()]
    for line, following in pairwise(lines):
        assert line.endswith(" ")
        assert not following.startswith(" ")
        assert cells_of(line) + cells_of(following.split()[0]) >= columns


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_one_character(cluster: str):
    """Each cluster is one character for the reader, regardless of its neighbours."""
    for neighbour in ("x", " ", "\n", "\u4f60", "\U0001f600"):
        assert list(iter_graphemes(neighbour + cluster + neighbour)) == [neighbour, cluster, neighbour]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("\u0301a", ["\u0301", "a"]),
        ("\n\u0301", ["\n", "\u0301"]),
        ("a\u200d b\u200d\u3000", ["a\u200d", " ", "b\u200d", "\u3000"]),
        ("\U0001f1e9\U0001f1ea\U0001f1ebx", ["\U0001f1e9\U0001f1ea", "\U0001f1eb", "x"]),
    ],
)
def test_clusters_of_odd_texts(text: str, parts: list[str]):
    """Marks without a letter and halves of flags stand alone; joiners do not reach over spaces."""
    assert list(iter_graphemes(text)) == parts


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("abc", 3),
        ("a\n", 1),
        ("\u4f60\u597d", 4),
        ("e\u0301", 1),
        ("\u05e9\u05b8", 1),
        ("\u0915\u093e", 2),
        ("\u2764\ufe0f", 2),
        ("\U0001f44d\U0001f3fd", 4),
        ("\U0001f1e9\U0001f1ea", 2),
        (FAMILY, 8),
        (SCOTLAND, 2),
        ("\u00ad", 1),
    ],
)
def test_widest_count(text: str, cells: int):
    """Text counts as wide as it is on the terminal that shows it widest."""
    assert cells_of(text) == cells


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("the library is old", 8, ["the ", "library ", "is old"]),
        ("the library is old", 11, ["the ", "library is ", "old"]),
        ("one\ntwo\n\nthree", 10, ["one\n", "two\n", "\n", "three"]),
        ("see https://example.org/", 10, ["see ", "https://ex", "ample.org/"]),
        ("12345 67890", 5, ["12345", " ", "67890"]),
        ("\u4f60\u597d\u4f60\u597d\u3002\u4f60", 8, ["\u4f60\u597d\u4f60", "\u597d\u3002\u4f60"]),
        ("\u4f60\u597d\u300c\u4f60\u597d\u300d", 6, ["\u4f60\u597d", "\u300c\u4f60", "\u597d\u300d"]),
        ("\u4f60 library", 8, ["\u4f60 ", "library"]),
        ("hi\u4f60\u597d", 5, ["hi\u4f60", "\u597d"]),
        ("a\u00a0b c", 4, ["a\u00a0b ", "c"]),
        ("xx a\u00a0b", 5, ["xx ", "a\u00a0b"]),
        ("\u4f60\u597d", 1, ["\u4f60", "\u597d"]),
        ("", 5, [""]),
    ],
)
def test_lines(text: str, columns: int, lines: list[str]):
    """Lines are broken where readers expect it, and elsewhere only if necessary."""
    assert wrap(text, columns) == lines
