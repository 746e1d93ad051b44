"""WebVTT is written so that no text can break it, and read in every known variant."""

from __future__ import annotations

import contextlib
import re

import pytest
from adversarial_texts import adversarial_text
from documents import render
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anyscribe.formats.cue_text import cue_text
from anyscribe.formats.wire import parse, recognise
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Segment, Transcript

VTT = ResponseFormat.VTT
segment_lists = st.lists(
    st.builds(
        Segment,
        adversarial_text,
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        speaker=st.none() | adversarial_text,
    ),
    max_size=6,
)


def cues_of(text: str) -> list[tuple[str, int, int, str | None]]:
    return [(cue.text, cue.start_ms, cue.end_ms, cue.speaker) for cue in parse(text, VTT).segments]


def test_a_file_has_a_header_and_cues_set_apart_by_blank_lines() -> None:
    """The file looks as browsers expect it: header, dot, escapes, a voice tag for a speaker."""
    transcript = Transcript(
        "", segments=(Segment("Q&A <b> -->", 0, 1_500), Segment("Bye", 1_500, 360_000_000, speaker="Ann\nB. > C"))
    )
    assert render(transcript, VTT) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nQ&amp;A &lt;b&gt; --&gt;\n"
        "\n00:00:01.500 --> 100:00:00.000\n<v Ann B. &gt; C>Bye\n"
    )


def test_silence_is_a_header_and_back() -> None:
    """Without cues the file is still valid."""
    assert render(Transcript(""), VTT) == "WEBVTT\n"
    assert parse("WEBVTT\n", VTT) == Transcript("")


@given(segment_lists)
@settings(deadline=None)
def test_cues_survive_any_text(segments: list[Segment]) -> None:
    """Cues and speakers are read back as written; only whitespace and NUL are changed."""
    written = render(Transcript("", segments=tuple(segments)), VTT)
    assert cues_of(written) == [
        (
            cue_text(segment.text),
            segment.start_ms,
            max(segment.end_ms, segment.start_ms + 1),
            " ".join(cue_text(segment.speaker or "").split()) or None,
        )
        for segment in sorted(segments, key=lambda segment: segment.start_ms)
        if cue_text(segment.text)
    ]
    assert recognise(written) is VTT


@given(segment_lists)
@example([Segment("a", 0, 1, speaker="--")])
@settings(deadline=None)
def test_no_text_breaks_the_file(segments: list[Segment]) -> None:
    """There are as many arrows as cues, and every unescaped `&` and `<` is written by the renderer."""
    written = render(Transcript("", segments=tuple(segments)), VTT)
    cues = sum(bool(cue_text(segment.text)) for segment in segments)
    assert written.count("-->") == cues
    assert len(written.split("\n\n")) == cues + 1
    assert not re.search(r"&(?!amp;|lt;|gt;)|<(?!v )", written)
    assert not re.search("[\r\v\f\x1c-\x1e\x85\u2028\u2029\0]", written)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n00:03.000 --> 00:04.000\nBye", id="BOM, no hours"),
        pytest.param(
            "WEBVTT - title\r\nKind: captions\r\n\r\n00:00:01.000 --> 00:00:02.000\r\nHi\r\n\r\n"
            "00:00:03.000 --> 00:00:04.000\r\nBye\r\n",
            id="CRLF, header with metadata",
        ),
        pytest.param("WEBVTT\r\r00:01.000 --> 00:02.000\rHi\r\r00:03.000 --> 00:04.000\rBye\r", id="CR"),
        pytest.param(
            "\n\nWEBVTT\n\n\n\n00:01.000 --> 00:02.000\nHi\n\n\n00:03.000 --> 00:04.000\nBye", id="blank lines"
        ),
        pytest.param("WEBVTT\n00:01.000 --> 00:02.000\nHi\n00:03.000 --> 00:04.000\nBye\n", id="no blank lines"),
        pytest.param(
            "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\nNOTE\nnot said\n\n"
            "intro\n00:01.000 --> 00:02.000 align:start position:0%\nHi\n\nNOTE not said\n\n"
            "2\n00:03.000 --> 00:04.000\nBye\n",
            id="notes, styles, regions, identifiers, settings",
        ),
        pytest.param("WEBVTT\n\nNOTE\n00:01.000 --> 00:02.000\nHi\n\n00:03,0 --> 00:04,0\nBye\n", id="NOTE as a name"),
        pytest.param(
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<c.loud><i>H</i>i</c>\n\n00:03.000 --> 00:04.000\nB<00:03.500>ye\n",
            id="tags",
        ),
    ],
)
def test_webvtt_of_others_is_read(text: str) -> None:
    """Whichever other blocks the file holds, the same two cues are found, and their texts are joined."""
    assert cues_of(text) == [("Hi", 1_000, 2_000, None), ("Bye", 3_000, 4_000, None)]
    assert parse(text, VTT).text == "Hi Bye"
    assert recognise(text) is VTT


@pytest.mark.parametrize(
    ("payload", "text", "speaker"),
    [
        ("<v Ann>Hi</v>", "Hi", "Ann"),
        ("<v.first.loud Ann  Lee>Hi", "Hi", "Ann Lee"),
        ("<v Q&amp;A>Hi", "Hi", "Q&A"),
        ("<v Ann>Hi</v>\n<v Bob>Bye</v>", "Hi\nBye", None),
        ("Oh <v Ann>Hi</v>", "Oh Hi", None),
        ("AT&T &amp; R&amp;amp;D&nbsp;x &#65; &lrm;&copy=", "AT&T & R&amp;D\xa0x A \u200e&copy=", None),
        ("a <b and c> d <you>", "a <b and c> d <you>", None),
        ("<lang en>Hi</lang> <ruby>x<rt>y</rt></ruby>", "Hi xy", None),
        ("a&#10;&#10;b&#0;", "a\nb\ufffd", None),
    ],
)
def test_tags_and_references_are_resolved(payload: str, text: str, speaker: str | None) -> None:
    """WebVTT tags are removed, a single voice is the speaker, references are decoded once, and the rest is text."""
    assert cues_of(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{payload}\n") == [(text, 1_000, 2_000, speaker)]


def test_a_blank_line_inside_a_text_loses_nothing() -> None:
    """Text after an empty line without a timing line belongs to the cue before."""
    assert cues_of("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\nand all\n") == [("Hi\nand all", 1_000, 2_000, None)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("WEBVTTX\n", 1),
        ("\n1\n00:01.000 --> 00:02.000\nHi", 2),
        ("WEBVTT\n\nHello there\n", 3),
        ("WEBVTT\n\n00:01.000 --> soon\nHi\n", 3),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\nname\n00:03.000 --> 00:\n", 7),
    ],
)
def test_what_is_malformed_is_an_error_that_names_the_line(text: str, line: int) -> None:
    """A missing header, text before the first cue and unreadable timings are one-line errors."""
    with pytest.raises(ValueError, match=rf"^line {line}: ") as caught:
        parse(text, VTT)
    assert "\n" not in str(caught.value)


@given(adversarial_text)
def test_reading_anything_gives_cues_or_a_value_error(text: str) -> None:
    """Any text is read or raises a ValueError."""
    with contextlib.suppress(ValueError):
        segments = parse(f"WEBVTT\n\n{text}", VTT).segments
        assert all(segment.text and segment.start_ms <= segment.end_ms for segment in segments)
