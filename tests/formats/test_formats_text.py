"""Plain text in paragraphs, where times or speakers are known: white space differs, and speakers are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from circumstances import place
from hypothesis import given
from hypothesis import strategies as st
from loopback import Reply, json_reply

from anyscribe.formats.paragraphs import text_in_paragraphs
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

SEGMENTS = (
    Segment(" One, two.", 0, 1_000, speaker="A"),
    Segment(" Three.", 1_500, 2_000, speaker="A"),
    Segment(" Four.", 2_000, 3_000, speaker="B"),
    Segment(" Five.", 5_000, 6_000, speaker="B"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One, two. Three. Four. Five.", "A: One, two. Three.\n\nB: Four.\n\nFive."),
        ("One, two.\nThree.\n\nFour.  Five.", "A: One, two.\nThree.\n\nB: Four.\n\nFive."),
        ("One, two. Three.Four. Five.", "A: One, two. Three.Four.\n\nB: Five."),
        ("One, two. Three. Four. And five.", "One, two. Three. Four. And five."),
        ("One, two. Three. Four. Five. Six.", "One, two. Three. Four. Five. Six."),
    ],
    ids=["usual", "own lines", "across a word", "other words", "more words"],
)
def test_paragraphs(text: str, expected: str):
    """A pause and another speaker begin one, with the name of the other; a text that segments do not say stays."""
    assert text_in_paragraphs(text, SEGMENTS) == expected


def test_paragraphs_without_spaces():
    """Scripts without spaces have paragraphs too."""
    segments = (Segment("\u56fe\u4e66\u9986\u3002", 0, 1_000), Segment("\u4f60\u597d\u3002", 4_000, 5_000))
    joined = "".join(segment.text for segment in segments)
    assert text_in_paragraphs(joined, segments) == "\n\n".join(segment.text for segment in segments)


@given(st.lists(st.tuples(st.text("ab .\n", max_size=5), st.integers(0, 3_000), st.sampled_from("AB"))), st.data())
def test_words_stay(spoken: list[tuple[str, int, str]], data: st.DataObject):
    """Whatever the segments are, the text has the same words."""
    segments = [
        Segment(text, 9_000 * index + start_ms, 9_000 * index + 8_000, speaker=speaker)
        for index, (text, start_ms, speaker) in enumerate(spoken)
    ]
    text = data.draw(st.sampled_from(["", " ", "\n"])).join(segment.text for segment in segments).strip()
    told = text_in_paragraphs(text, segments).split()
    assert [word for word in told if word not in {"A:", "B:"}] == text.split()


def test_only_known_times_make_paragraphs(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """For plain text alone no server is asked for times: its own text is passed on, and so is what it streams."""
    place(tmp_path, "a.ogg")
    said = "Welcome. Good bye."
    segments = [
        {"id": 0, "start": 0.0, "end": 0.2, "text": " Welcome."},
        {"id": 1, "start": 2.2, "end": 2.27, "text": " Good bye."},
    ]
    verbose = {"task": "transcribe", "language": "en", "duration": 2.27, "text": said, "segments": segments}
    server.answer(json_reply(verbose), Reply(body=f"{said}\n".encode(), content_type="text/plain"), json_reply(verbose))
    flags = ("a.ogg", "-m", "whisper-1", "--no-check", "--overwrite")
    assert anyscribe(*flags, "-f", "text,srt", base_url=server.url).code == 0
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "Welcome.\n\nGood bye.\n"
    assert anyscribe(*flags, base_url=server.url).text == f"{said}\n"
    assert server.requests[-1].fields["response_format"] == ["text"]
    assert anyscribe(*flags, "--stream", base_url=server.url).text == f"{said}\n"
