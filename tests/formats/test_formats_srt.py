"""SubRip is written so that every reader finds the same cues, and read in every known variant."""

from __future__ import annotations

import contextlib
import re

import pytest
from adversarial_texts import adversarial_text
from documents import render
from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.formats.cue_text import cue_text
from anyscribe.formats.wire import parse, recognise
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Segment, Transcript

SRT = ResponseFormat.SRT
segment_lists = st.lists(st.builds(Segment, adversarial_text, st.integers(0, 10**9), st.integers(0, 10**9)), max_size=6)


def cues_of(text: str) -> list[tuple[str, int, int]]:
    return [(segment.text, segment.start_ms, segment.end_ms) for segment in parse(text, SRT).segments]


def test_cues_are_numbered_and_each_has_a_blank_line_after_it() -> None:
    """The file looks as players expect it: numbers from 1, comma, line feeds, no byte order mark."""
    transcript = Transcript("", segments=(Segment(" Hi,\r\nall ", 0, 1_500), Segment("Bye", 1_500, 360_000_000)))
    assert render(transcript, SRT) == (
        "1\n00:00:00,000 --> 00:00:01,500\nHi,\nall\n\n2\n00:00:01,500 --> 100:00:00,000\nBye\n\n"
    )


def test_silence_is_an_empty_file_and_back() -> None:
    """Without cues the file is empty, and an empty file or whitespace has no cues."""
    assert render(Transcript(""), SRT) == ""
    assert parse("", SRT) == Transcript("")
    assert parse("\ufeff\r\n \n", SRT) == Transcript("")


def test_cues_are_written_by_start_and_last_at_least_a_millisecond() -> None:
    """Wrong order and length are corrected, and segments without text are dropped."""
    transcript = Transcript("", segments=(Segment("b", 20, 10), Segment(" \n", 15, 16), Segment("a", 10, 10)))
    assert cues_of(render(transcript, SRT)) == [("a", 10, 11), ("b", 20, 21)]


@given(segment_lists)
@settings(deadline=None)
def test_cues_survive_any_text(segments: list[Segment]) -> None:
    """Cues are read back as written; only line endings, spaces around lines and NUL are changed."""
    written = render(Transcript("", segments=tuple(segments)), SRT)
    expected = [
        (cue_text(segment.text), segment.start_ms, max(segment.end_ms, segment.start_ms + 1))
        for segment in sorted(segments, key=lambda segment: segment.start_ms)
        if cue_text(segment.text)
    ]
    assert cues_of(written) == expected
    assert recognise(written) is (SRT if expected else None)


@given(segment_lists)
@settings(deadline=None)
def test_a_naive_reader_finds_the_same_number_of_cues(segments: list[Segment]) -> None:
    """Splitting at empty lines or counting arrows finds the right number of cues, for any text."""
    written = render(Transcript("", segments=tuple(segments)), SRT)
    cues = sum(bool(cue_text(segment.text)) for segment in segments)
    assert written.count("-->") == cues
    assert len([block for block in written.split("\n\n") if block]) == cues
    assert len(re.findall(r"^\s*$", written, re.MULTILINE)) == (cues + 1 if cues else 1)
    assert not re.search("[\r\v\f\x1c-\x1e\x85\u2028\u2029\0]", written)


@given(adversarial_text)
def test_text_made_safe_holds_all_that_is_not_white_space(text: str) -> None:
    """Making a text safe for a cue loses only line endings and spaces, and is idempotent."""
    safe = cue_text(text)
    assert "".join(safe.split()) == "".join(text.replace("\0", "\ufffd").split())
    assert cue_text(safe) == safe


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n00:00:03,000 --> 00:00:04,000\nBye", id="BOM"),
        pytest.param(
            "1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye\r\n", id="CRLF"
        ),
        pytest.param("1\r00:00:01,000 --> 00:00:02,000\rHi\r\r2\r00:00:03,000 --> 00:00:04,000\rBye\r", id="CR"),
        pytest.param(
            "1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n".replace("\n", "\r\r\n"),
            id="CRCRLF",
        ),
        pytest.param("00:00:01,000 --> 00:00:02,000\nHi\n\n00:00:03,000 --> 00:00:04,000\nBye\n\n", id="no numbers"),
        pytest.param(
            "\n\n\n1\n00:00:01,000 --> 00:00:02,000\nHi\n\n\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n",
            id="blank lines",
        ),
        pytest.param(
            "1\n\n00:00:01,000 --> 00:00:02,000\n\nHi\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\nBye\n",
            id="doubled lines",
        ),
        pytest.param(
            "1\n00:00:01,000 --> 00:00:02,000\nHi\n2\n00:00:03,000 --> 00:00:04,000\nBye\n", id="no blank lines"
        ),
        pytest.param(
            "1\n00:00:01,000 --> 00:00:02,000 X1:40 X2:600 Y1:20 Y2:50\nHi\n\n7\n0:0:3.0-->0:0:4.0\nBye",
            id="coordinates",
        ),
        pytest.param(
            "1\n00:00:00,000 --> 00:00:01,000\n\n2\n00:00:01,000 --> 00:00:02,000\nHi\n\n"
            "3\n00:00:03,000 --> 00:00:04,000\nBye\n",
            id="a cue without text",
        ),
        pytest.param(
            "2\n00:00:03,000 --> 00:00:04,000\nBye\n\n1\n00:00:01,000 --> 00:00:02,000\nHi\n", id="out of order"
        ),
    ],
)
def test_subrip_of_others_is_read(text: str) -> None:
    """In every variant the same two cues are found, and their texts are joined."""
    assert cues_of(text) == [("Hi", 1_000, 2_000), ("Bye", 3_000, 4_000)]
    assert parse(text, SRT).text == "Hi Bye"
    assert recognise(text) is SRT


def test_minutes_past_59_are_read() -> None:
    """LocalAI keeps counting minutes after 59."""
    assert cues_of("1\n01:75:03,000 --> 01:75:04,000\nHi\n") == [("Hi", 8_103_000, 8_104_000)]


def test_a_text_of_digits_stays_a_text() -> None:
    """A number is a cue's number only directly above a timing line."""
    assert cues_of("00:00:01,000 --> 00:00:02,000\n42\n\n00:00:03,000 --> 00:00:04,000\n43\n") == [
        ("42", 1_000, 2_000),
        ("43", 3_000, 4_000),
    ]


def test_a_blank_line_inside_a_text_loses_nothing() -> None:
    """Text after an empty line without a timing line belongs to the cue before."""
    assert cues_of("1\n00:00:01,000 --> 00:00:02,000\nHi\n\nall --> of you\nBye\n".replace("all", "and all\nof")) == [
        ("Hi\nand all\nof --> of you\nBye", 1_000, 2_000)
    ]


def test_an_arrow_inside_a_text_is_text() -> None:
    """Some servers write unescaped arrows below the timing line."""
    assert cues_of("1\n00:00:01,000 --> 00:00:02,000\na --> b\n") == [("a --> b", 1_000, 2_000)]


def test_an_end_before_the_start_is_mended() -> None:
    """A cue never ends before it starts."""
    assert cues_of("1\n00:00:02,000 --> 00:00:01,000\nHi\n") == [("Hi", 2_000, 2_000)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hello there", 1),
        ("\n\n<html>\n", 3),
        ("1\n", 1),
        ("1\nHi\n", 1),
        ("1\n00:00:01,000 --> soon\nHi\n", 1),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n00:00:03,000 --> 00:", 6),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi\n\nx --> y\nBye\n", 5),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n", 5),
    ],
)
def test_what_is_malformed_is_an_error_that_names_the_line(text: str, line: int) -> None:
    """Text before the first cue, unreadable timings and truncated files are one-line errors."""
    with pytest.raises(ValueError, match=rf"^line {line}: ") as caught:
        parse(text, SRT)
    assert "\n" not in str(caught.value)


def test_lines_of_japanese_are_joined_without_blanks() -> None:
    """The running text has no spaces if the script has none, and has spaces for Korean."""
    timing = "00:00:01,000 --> 00:00:02,000"
    assert (
        parse(f"{timing}\n\u4eca\u65e5\u306f\n\u6674\u308c\u3002\n", SRT).text == "\u4eca\u65e5\u306f\u6674\u308c\u3002"
    )
    assert parse(f"{timing}\n\uc548\ub155\n\uc138\uc0c1\n", SRT).text == "\uc548\ub155 \uc138\uc0c1"


@given(adversarial_text)
def test_reading_anything_gives_cues_or_a_value_error(text: str) -> None:
    """Any text is read or raises a ValueError."""
    with contextlib.suppress(ValueError):
        assert all(segment.text and segment.start_ms <= segment.end_ms for segment in parse(text, SRT).segments)
