"""Markdown: a title, paragraphs with their time, and nothing in the text that becomes markup."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from adversarial_texts import adversarial_text
from hypothesis import given
from hypothesis import strategies as st
from loopback import json_reply
from markdown_it import MarkdownIt

from anyscribe.formats import OUTPUT_FORMATS, Metadata
from anyscribe.formats.prose import running_text
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

SENTENCE = "It was a long sentence that went on for a while and said very little about anything at all. "


def written(transcript: Transcript, title: str = "") -> str:
    """Write a document."""
    return OUTPUT_FORMATS["md"].render(transcript, Metadata(title))


def shown(document: str) -> list[str]:
    """Return the text of each block as a reader of Markdown sees it; a block that is not text fails the test."""
    html = MarkdownIt().enable("strikethrough").enable("table").render(document)
    blocks = re.findall(r"<(h1|p)>(.*?)</\1>\n?", html, re.DOTALL)
    assert "".join(f"<{name}>{text}</{name}>\n" for name, text in blocks) == html
    return [unescape(re.sub(r"</?strong>", "", text)) for _, text in blocks]


def test_document():
    """A pause, another speaker and the title make the blocks of a document."""
    segments = (
        Segment(" Welcome.", 0, 1_000, speaker="A"),
        Segment(" Come in.", 1_200, 2_000, speaker="A"),
        Segment("Thank you.", 2_100, 3_000, speaker="B_1"),
        Segment("Later.", 5_000, 3_605_000, speaker="B_1"),
        Segment("The end.", 3_607_000, 3_608_000),
    )
    assert written(Transcript("ignored", segments=segments), "My *talk*") == (
        "# My \\*talk\\*\n\n"
        "**00:00:00 A:** Welcome. Come in.\n\n"
        "**00:00:02 B\\_1:** Thank you.\n\n"
        "**00:00:05 B\\_1:** Later.\n\n"
        "**01:00:07** The end.\n"
    )


def test_long_paragraphs_end_with_a_sentence():
    """Without pauses, a paragraph ends at the first sentence after 600 characters."""
    segments = tuple(
        Segment(SENTENCE if number % 3 else SENTENCE.replace(".", ","), number * 1_000, number * 1_000 + 1_000)
        for number in range(40)
    )
    *paragraphs, last = shown(written(Transcript("", segments=segments)))
    assert all(600 <= len(text) <= 600 + 3 * len(SENTENCE) for text in paragraphs)
    assert all(text.endswith(".") for text in paragraphs)
    assert len(last) < 900


def test_text_without_times():
    """Without times there is one paragraph without a stamp; silence is empty."""
    assert written(Transcript("One\ntwo.")) == "One two.\n"
    assert written(Transcript("")) == ""
    assert written(Transcript(""), "talk") == "# talk\n"


@pytest.mark.parametrize("text", ["# no heading", "- no list", "1. no list", "2) no list", "+ no", "=== ", "<b>no</b>"])
def test_text_is_no_markup(text: str):
    """Text that looks like Markdown is shown as it is."""
    assert shown(written(Transcript(text))) == [running_text([text])]
    assert shown(written(Transcript("", segments=(Segment(text, 0, 1),)), text)) == [
        running_text([text]),
        f"00:00:00 {running_text([text])}",
    ]


PLAIN = adversarial_text.filter(
    lambda text: not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|https?:", text)
)


@given(PLAIN | st.text(st.sampled_from("ab1. )(#*_`~[]<>&;!|\\-+=$:/'\"")))
def test_any_text_is_shown_as_it_is(text: str):
    """Whatever was said, a reader of the document sees it."""
    expected = [running_text([text])] if running_text([text]) else []
    assert shown(written(Transcript(text))) == expected
    stamped = shown(written(Transcript("", segments=(Segment(text, 61_000, 62_000),))))
    assert stamped == [f"00:01:01 {part}" for part in expected]


def test_no_server_is_asked_for_it(anyscribe: Program, server: LoopbackServer, media: Path):
    """Servers do not know the format, so segments are requested and the document is made here."""
    segments = [{"id": 0, "start": 0.5, "end": 2.0, "text": " Welcome to the town library."}]
    server.answer(json_reply({"task": "transcribe", "duration": 2.3, "text": "Welcome.", "segments": segments}))
    run = anyscribe(media / "hello.mp3", "-f", "md", "-m", "whisper-1", base_url=server.url)
    assert (run.code, run.text) == (0, "# hello\n\n**00:00:00** Welcome to the town library.\n"), run.err
    assert server.requests[0].fields["response_format"] == ["verbose_json"]
