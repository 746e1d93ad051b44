"""Streamed text ends up in a pipe as the same bytes as text that comes whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_texts import PLACES, SPOKEN, pieces_of

from anyscribe.errors import OutputError
from anyscribe.formats import TEXT, Metadata
from anyscribe.terminal.live_text import StreamedText
from anyscribe.transcript import Transcript

ANY = SPOKEN | st.text(max_size=80) | st.text(" \t\n\r\x1c\u3000\u2028ab", max_size=40)


def stream(deltas: list[str], final: str) -> tuple[str, str]:
    """Return what is written while the pieces come, and what is written at the end."""
    text = StreamedText()
    return "".join(map(text.add, deltas)), text.finish(final)


@given(ANY, PLACES)
def test_any_pieces_give_the_whole(text: str, places: list[int]):
    """However a text is divided, it is written as if it came whole, and as early as possible."""
    before, after = stream(pieces_of(text, places), text)
    whole = Transcript(text.strip())
    assert before + after == TEXT.render(whole, Metadata())
    assert after.strip() == ""


@given(ANY, PLACES)
def test_every_piece_is_written_at_once(text: str, places: list[int]):
    """At any moment all received text is written, except whitespace that may turn out to be the last."""
    streamed = StreamedText()
    come = written = ""
    for piece in pieces_of(text, places):
        come += piece
        written += streamed.add(piece)
        assert written == come.strip()
        assert streamed.has_begun == bool(written)


@given(ANY)
def test_stream_that_was_ignored(text: str):
    """If no piece came, the end writes everything."""
    assert stream([], text) == ("", f"{text.strip()}\n" if text.strip() else "")


@given(ANY, st.integers(0, 100))
def test_pieces_that_are_missing(text: str, place: int):
    """Text that is missing from the pieces is written at the end."""
    before, after = stream([text[:place]], text)
    assert before + after == (f"{text.strip()}\n" if text.strip() else "")


@given(st.lists(st.sampled_from(["one", "two,", "\u4f60\u597d", "e\u0301"]), min_size=1), st.data())
def test_other_white_space_is_no_other_text(words: list[str], data: st.DataObject):
    """If the final text differs only in whitespace, the line is ended, and nothing else is written."""
    blanks = st.sampled_from([" ", "  ", "\n", "\n\n", "\u3000"])
    streamed, final = ("".join(word + data.draw(blanks) for word in words) for _ in range(2))
    assert stream([streamed], final) == (streamed.strip(), "\n")


@pytest.mark.parametrize(
    ("streamed", "final"),
    [("hello", "Hello"), ("hello world", "hello"), ("hello", ""), ("one two", "one too many"), ("a\u0301", "\u00e1")],
)
def test_other_text(streamed: str, final: str):
    """A final text that changes written text is an error, which says how to get the final text."""
    with pytest.raises(OutputError, match="final text differs from the text that it streamed") as caught:
        stream([streamed], final)
    assert str(caught.value.remedy) == "output FILE takes the final text"


def test_rest_after_other_white_space():
    """If whitespace differs and the final text continues, the continuation is written."""
    assert stream(["one  two", " three"], "one two\nthree four\n") == ("one  two three", " four\n")
