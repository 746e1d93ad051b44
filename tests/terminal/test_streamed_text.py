"""A text that comes in pieces ends up in a pipe as the same bytes as one that comes whole."""

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
    """Give what is written while the pieces come, and what at the end."""
    text = StreamedText()
    return "".join(map(text.add, deltas)), text.finish(final)


@given(ANY, PLACES)
def test_any_pieces_give_the_whole(text: str, places: list[int]):
    """However a text is cut into pieces, it is written as if it had come whole, and as early as can be."""
    before, after = stream(pieces_of(text, places), text)
    whole = Transcript(text.strip())
    assert before + after == TEXT.render(whole, Metadata())
    assert after.strip() == ""


@given(ANY, PLACES)
def test_every_piece_is_written_at_once(text: str, places: list[int]):
    """At any moment all that has come is written, but for white space that may turn out to be the last."""
    streamed = StreamedText()
    come = written = ""
    for piece in pieces_of(text, places):
        come += piece
        written += streamed.add(piece)
        assert written == come.strip()
        assert streamed.has_begun == bool(written)


@given(ANY)
def test_stream_that_was_ignored(text: str):
    """Where no piece came, the end gives everything."""
    assert stream([], text) == ("", f"{text.strip()}\n" if text.strip() else "")


@given(ANY, st.integers(0, 100))
def test_pieces_that_are_missing(text: str, place: int):
    """What the pieces left out at the end is written then."""
    before, after = stream([text[:place]], text)
    assert before + after == (f"{text.strip()}\n" if text.strip() else "")


@given(st.lists(st.sampled_from(["one", "two,", "\u4f60\u597d", "e\u0301"]), min_size=1), st.data())
def test_other_white_space_is_no_other_text(words: list[str], data: st.DataObject):
    """A final text with other white space between the same words ends the line, and no more is said of it."""
    blanks = st.sampled_from([" ", "  ", "\n", "\n\n", "\u3000"])
    streamed, final = ("".join(word + data.draw(blanks) for word in words) for _ in range(2))
    assert stream([streamed], final) == (streamed.strip(), "\n")


@pytest.mark.parametrize(
    ("streamed", "final"),
    [("hello", "Hello"), ("hello world", "hello"), ("hello", ""), ("one two", "one too many"), ("a\u0301", "\u00e1")],
)
def test_other_text(streamed: str, final: str):
    """A final text that takes back what was written is an error, which says where the final text is to be had."""
    with pytest.raises(OutputError, match="final text differs from the text that it streamed") as caught:
        stream([streamed], final)
    assert str(caught.value.remedy) == "output FILE takes the final text"


def test_rest_after_other_white_space():
    """Where white space differs and the final text goes on, what goes on is written."""
    assert stream(["one  two", " three"], "one two\nthree four\n") == ("one  two three", " four\n")
