"""The page as a document: every word in its place, nothing in the text that becomes markup, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from adversarial_texts import adversarial_text
from hypothesis import given, settings
from loopback import json_reply

from anyscribe.batch import media_links
from anyscribe.formats import OUTPUT_FORMATS, Metadata, Provenance
from anyscribe.rendering import RenderOptions, render
from anyscribe.timespan import Span
from anyscribe.transcript import Finding, Segment, Timing, Transcript, Word

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

HTML = OUTPUT_FORMATS["html"]
JAPANESE = tuple(Word(one, at * 100, at * 100 + 90) for at, one in enumerate("庭で待つ"))


class Page(HTMLParser):
    """A page as a browser reads it."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, int, int]] = []
        self.parts: dict[str, str] = {}
        self.paragraphs: list[str] = []
        self._open: list[str] = []
        self._is_main = self._is_word = False
        self.feed(document)
        self.paragraphs = [paragraph.strip() for paragraph in self.paragraphs]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        members = dict(attrs)
        self._is_main = self._is_main or tag == "main"
        self.tags.append((tag, members))
        self._open.append(tag)
        if tag == "p" and self._is_main:
            self.paragraphs.append("")
        self._is_word = "data-m" in members
        if self._is_word:
            self.words.append(("", int(members["data-m"] or 0), int(members["data-d"] or 0)))

    def handle_endtag(self, tag: str) -> None:
        """Note an element's end."""
        self._is_word = False
        self._is_main = self._is_main and tag != "main"
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note text."""
        tag, members = self.tags[-1] if self.tags else ("", {})
        self.parts[members.get("id") or tag] = self.parts.get(members.get("id") or tag, "") + data
        if self._is_main and self.paragraphs:
            self.paragraphs[-1] += data
            if self._is_word:
                said, *times = self.words[-1]
                self.words[-1] = (said + data, *times)


def written(transcript: Transcript, **metadata: Any) -> str:
    """Write a page."""
    document = render(transcript, HTML, RenderOptions(metadata=Metadata(**metadata)))
    assert isinstance(document, str)
    return document


@settings(max_examples=20)
@given(adversarial_text, adversarial_text, adversarial_text)
def test_nothing_in_a_text_becomes_markup(said: str, speaker: str, title: str):
    """Whatever is said, by whomever: the page has the same elements, and its data are JSON."""
    marks = "</script><!--\u2028 \ud800"
    segment = Segment(f"a {said}{marks}", 0, 1_000, speaker=f"B{speaker}{marks}")
    findings = (Finding(Span(0, 500), f"says {said}{marks}", "loop"),)
    document = written(Transcript(segment.text, "en", None, (segment,), findings=findings), title=f"T{title}{marks}")
    harmless = Transcript("a", "en", None, (Segment("a", 0, 1_000, speaker="B"),), findings=findings)
    page, plain = Page(document), Page(written(harmless, title="T"))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert json.loads(page.parts["data"])["speakers"] == [segment.speaker]
    document.encode("utf-8", "replace")


def test_only_its_own_script_and_style_are_allowed():
    """The policy names their digests; there is no other address in the page than the recording's."""
    document = written(Transcript("Hello."), title="talk", media="a%20b.mp3")
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', document)[0]
    script = document.rpartition('<script type="module">')[2].partition("</script>")[0]
    style = document.partition("<style>")[2].partition("</style>")[0]
    for content in (script, style):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert re.findall(r'(?:src|href)="([^"]*)"', document) == ["a%20b.mp3"]
    assert "://" not in document


def test_words_are_those_of_the_text():
    """Words without their marks, in parts or spelled otherwise cover the whole text, each with its time."""
    words = [("don", 0), ("'t", 200), ("stop", 400), ("now", 800), ("at", 1_200), ("nine", 1_600)]
    spoken = tuple(Word(text, start, start + 200, 0.9) for text, start in words)
    segments = (Segment("Don't stop, now!", 0, 1_000), Segment("At 9 (sharp).", 1_200, 2_000))
    page = Page(written(Transcript("ignored", segments=segments, words=spoken)))
    assert [said for said, _, _ in page.words] == ["Don't", "stop,", "now!", "At", "9", "(sharp)."]
    assert page.words[0] == ("Don't", 0, 400)
    assert page.words[2] == ("now!", 800, 200)
    assert page.paragraphs == ["00:00:00 Don't stop, now! At 9 (sharp)."]


def test_two_voices_at_once():
    """What one says while another one speaks stays with its speaker, in order of time."""
    long = tuple(
        Word(text, at * 1_000, at * 1_000 + 900, speaker="A") for at, text in enumerate(["one", "two", "three"])
    )
    words = sorted((*long, Word("yes", 1_100, 1_300, speaker="B")), key=lambda word: word.start_ms)
    segments = (Segment("One two three.", 0, 2_900, speaker="A"), Segment("Yes.", 1_100, 1_300, speaker="B"))
    page = Page(written(Transcript("One two three. Yes.", segments=segments, words=tuple(words))))
    assert page.paragraphs == ["00:00:00 A: One two three.", "00:00:01 B: Yes."]
    assert page.words[-1] == ("Yes.", 1_100, 200)
    # Named by the words alone, speakers have their turns.
    both = (Segment("One two three. Yes.", 0, 3_300),)
    words = [*long, Word("yes", 3_100, 3_300, speaker="B")]
    turns = Page(written(Transcript("One two three. Yes.", segments=both, words=tuple(words))))
    assert turns.paragraphs == ["00:00:00 A: One two three.", "00:00:03 B: Yes."]


@pytest.mark.parametrize(
    ("transcript", "paragraphs"),
    [
        (Transcript(""), ["Nothing is said."]),
        (Transcript("One\n\n two <b>."), ["One", "two <b>."]),
        (
            Transcript("A. B.", segments=(Segment("A.", 0, 900), Segment("B.", 3_600_000, 3_601_000))),
            ["00:00:00 A.", "01:00:00 B."],
        ),
        (
            Transcript("庭で待つ。", segments=(Segment("庭で", 0, 400), Segment("待つ。", 400, 900)), words=JAPANESE),
            ["00:00:00 庭で待つ。"],
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_is_left_out(transcript: Transcript, paragraphs: list[str]):
    """Nothing said, no times, segments alone, a script without spaces."""
    assert Page(written(transcript)).paragraphs == paragraphs


def test_marks_and_notes():
    """Unsure words, how times were found, how it was made, language and direction."""
    aligned = Word("بكم", 400, 900, 0.9, Timing.ALIGNED, confidence=0.3)
    words = (Word("مرحبا", 0, 400, 0.25), aligned, Word("جدا", 900, 999, 0.9))
    transcript = Transcript("مرحبا بكم جدا", "arabic", 1_000, (Segment("مرحبا بكم جدا", 0, 1_000),), words)
    made = Provenance("whisper-1", "http://here", "2026-01-02", "1.0", "bbc")
    document = written(transcript, title="T", provenance=made)
    found = [members for tag, members in Page(document).tags if "data-m" in members]
    assert [members.get("class") for members in found] == ["u", "u", None]
    assert (found[0]["data-p"], found[1]["data-c"], found[1]["data-t"]) == ("0.25", "0.3", "aligned")
    assert '<main id="text" lang="ar" dir="rtl"' in document
    assert "Made with whisper-1, http://here, 2026-01-02, anyscribe 1.0" in document


def test_each_paragraph_runs_as_its_text_does():
    """A guest who speaks Arabic runs from right to left in an English talk, and the other way round."""
    english, arabic = Segment("How are you?", 0, 900, speaker="A"), Segment("بخير شكرا", 1_000, 1_900, speaker="B")
    for first, second, own in ((english, arabic, "rtl"), (arabic, english, "ltr")):
        text = f"{first.text} {first.text} {second.text}"
        document = written(Transcript(text, segments=(first, first, second)))
        directions = [members.get("dir") for tag, members in Page(document).tags if tag == "p" and "data-s" in members]
        assert directions == [None, own]


def test_recording_of_a_page(anyscribe: Program, server: LoopbackServer, tmp_path: Path, media: Path):
    """A page finds its recording from where it is, or has it inside if it is small; the server is asked for words."""
    words = [{"word": "Hello", "start": 0, "end": 1}]
    server.answer(*[json_reply({"text": "Hello", "duration": 2.27, "segments": [], "words": words})] * 4)
    (tmp_path / "a #1").mkdir()
    recording = tmp_path / "a #1" / "h\u00e4user & 50%.wav"
    recording.write_bytes((media / "hello.wav").read_bytes())

    def source(page: str) -> str | None:
        document = (tmp_path / page).read_text(encoding="utf-8")
        return next(members.get("src") for tag, members in Page(document).tags if tag in ("audio", "video"))

    assert (
        anyscribe(recording, "-m", "whisper-1", "-f", "html", "-d", "out/deep", "--no-check", base_url=server.url).code
        == 0
    )
    asked = server.requests[0].fields
    assert asked["timestamp_granularities[]"] == ["segment", "word"]
    assert source("out/deep/h\u00e4user & 50%.html") == "../../a%20%231/h%C3%A4user%20%26%2050%25.wav"
    assert anyscribe(recording, "-o", "in.html", "--embed", "--no-check", base_url=server.url).code == 0
    kind, _, sound = (source("in.html") or "").partition(";base64,")
    assert (kind[:11], base64.b64decode(sound)) == ("data:audio/", recording.read_bytes())
    with recording.open("ab") as file:
        file.truncate(media_links.MOST_EMBEDDED_BYTES + 1)
    run = anyscribe(recording, "-o", "large.html", "--embed", "--no-check", base_url=server.url)
    assert "and a page holds 16 MiB at most" in run.err
    assert source("large.html") == "a%20%231/h%C3%A4user%20%26%2050%25.wav"
    run = anyscribe("-", "-o", "pipe.html", "--no-check", stdin=(media / "hello.ogg").read_bytes(), base_url=server.url)
    assert (run.code, source("pipe.html")) == (0, None)
