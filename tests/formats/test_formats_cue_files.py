"""Subtitles of anybody are read for what they say: text, times, speakers, and words if the file times them."""

from __future__ import annotations

import pytest
from hard import hard, written

from anyscribe.formats.documents import KnownDocument, read_transcript

ASS = """[Script Info]
; made by hand
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,a note
Dialogue: 0,0:00:03.00,0:00:04.00,Default,Bob,0,0,0,,{\\an8\\i1}Over{\\i0} here,\\Nfriend
Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ada,0,0,0,,Hello\\hthere
Dialogue: 1,0:00:01.00,0:00:02.00,Default,Ada,0,0,0,,{\\bord3}Hello\\hthere
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
  xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="de">
<tt:head><tt:metadata>
<ttm:agent xml:id="a1" type="person"><ttm:name type="full">J&#252;rgen &amp; Co</ttm:name></ttm:agent>
</tt:metadata></tt:head>
<tt:body><tt:div>
<tt:p begin="00:00:01:05" end="00:00:02.000" ttm:agent="a1"><tt:span>Guten</tt:span>
   <tt:span>Tag</tt:span><tt:br/>zusammen</tt:p>
<tt:p begin="3s" dur="1500ms">Danke!</tt:p>
</tt:div></tt:body></tt:tt>
"""
ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.310 align:start position:0%
~
hello<00:00:00.400><c> there</c>

00:00:02.310 --> 00:00:02.320 align:start position:0%
hello there
~

00:00:02.320 --> 00:00:04.000 align:start position:0%
hello there
how<00:00:02.900><c> are</c><00:00:03.200><c> you</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
how are you
~

00:00:04.010 --> 00:00:05.000 align:start position:0%
how are you
fine
""".replace("~", " ")


def read(text: str, extension: str = "") -> KnownDocument:
    found = read_transcript(text, extension)
    assert found is not None
    return found


def said(text: str, extension: str = "") -> list[tuple[str | None, str, int, int]]:
    segments = read(text, extension).transcript.segments
    return [(segment.speaker, segment.text, segment.start_ms, segment.end_ms) for segment in segments]


def test_ass():
    """Dialogue is read in order of time without overrides, comments, drawings, and shadows on other layers."""
    assert said(ASS) == [
        ("Ada", "Hello\u00a0there", 1_000, 2_000),
        ("Bob", "Over here,\nfriend", 3_000, 4_000),
    ]
    assert read(ASS).has_cues


def test_ttml():
    """Names of elements may have any prefix, agents are called by their names, and times count frames or seconds."""
    assert said(TTML) == [
        ("Jürgen & Co", "Guten Tag\nzusammen", 1_200, 2_000),
        (None, "Danke!", 3_000, 4_500),
    ]
    assert read(TTML).transcript.language == "de"


def test_ttml_with_times_inside():
    """A paragraph without times, or without an end, has those of what is inside it."""
    spans = '<span begin="0s" end="1s">Hello</span> <span begin="1s" end="2s">there</span>'
    text = f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p>{spans}</p><p begin="5s">{spans}</p></div></body></tt>'
    assert said(text) == [(None, "Hello there", 0, 2_000), (None, "Hello there", 5_000, 7_000)]


@pytest.mark.parametrize("name", ["srt", "vtt", "ass", "ttml"])
def test_our_own_are_read_back(name: str):
    """What we write is read back: marks, arrows, braces, scripts, and names where the format has a place for them."""
    segments = read(written(name, hard())).transcript.segments
    expected = hard().segments
    texts = [segment.text.replace("\x01", "\ufffd" if name == "ttml" else "\x01") for segment in expected]
    if name == "srt":
        # SubRip has tags, and no way to write what only looks like one.
        texts[0] = texts[0].replace("<b>", "").replace("</b>", "")
        assert [segment.text.split(": ", 1)[-1].split() for segment in segments] == [
            text.split(": ", 1)[-1].split() for text in texts
        ]
        return
    assert [segment.text for segment in segments] == texts
    names = [segment.speaker for segment in expected]
    assert [segment.speaker for segment in segments] == [
        name_.replace(",", ";") if name_ and name == "ass" else name_ for name_ in names
    ]


def test_captions_that_roll_up():
    """Each line is read once, ends when the next one comes, and its words have the times that stand among them."""
    found = read(ROLLING)
    assert [(segment.text, segment.start_ms, segment.end_ms) for segment in found.transcript.segments] == [
        ("hello there", 160, 2_310),
        ("how are you", 2_320, 4_000),
        ("fine", 4_010, 5_000),
    ]
    assert [(word.text, word.start_ms, word.end_ms) for word in found.transcript.words] == [
        ("hello", 160, 400),
        ("there", 400, 2_310),
        ("how", 2_320, 2_900),
        ("are", 2_900, 3_200),
        ("you", 3_200, 4_000),
        ("fine", 4_010, 5_000),
    ]
    assert any("roll up" in remark for remark in found.remarks)
    assert found.transcript.language == "en"


def test_a_refrain_does_not_roll_up():
    """Lines that are said again stay."""
    cues = "".join(f"{at}\n00:00:0{at},000 --> 00:00:0{at + 1},000\nLa la la\n\n" for at in range(1, 6))
    assert len(said(cues)) == 5


def test_karaoke():
    r"""The syllables of ``\k`` make words with their times; an empty one is a pause."""
    line = "Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{\\k20}{\\k30}Hel{\\kf20}lo {\\k10}{\\k50}there"
    text = f"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n{line}\n"
    words = read(text).transcript.words
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("Hello", 1_200, 1_700),
        ("there", 1_800, 2_300),
    ]


def test_what_is_not_understood_is_left_out_and_named():
    """A damaged place costs nothing else; a file of which nothing is understood is an error."""
    first, last = "1\n00:00:01,000 --> 00:00:02,000\nHi\n\n", "3\n00:00:05,000 --> 00:00:06,000\nYes\n"
    text = f"{first}2\n00:00:03,000 --> soon\nBye\n\n{last}"
    assert [segment.text for segment in read(text).transcript.segments] == ["Hi", "Yes"]
    assert read(text).remarks == ("a place is left out, as in line 6: no times: 00:00:03,000 --> soon",)
    cut = read("1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n")
    assert (cut.transcript.text, len(cut.remarks)) == ("Hi", 1)
    with pytest.raises(ValueError, match="line 2: no times"):
        read_transcript("1\n00:00:01,000 --> soon\nHi\n", ".srt")


@pytest.mark.parametrize(
    "text",
    [
        "Subtitles by Ann\n\n1\n00:00:01,000 --> 00:00:02,000\n<i>Hi</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n",
        "1\r\r\n00:00:01,000 --> 00:00:02,000\r\r\nHi\r\r\n\r\r\n2\r\r\n00:00:03,000 --> 00:00:04,000\r\r\nBye\r\r\n",
        "1\n\n00:00:01,000 --> 00:00:02,000\n\n{\\an8}Hi\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\nBye\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n00:03.000 --> 00:04.000\nBye\n",
        "1\n0:0:1 --> 0:0:2\nHi\n2\n00:00:03.000 --> 00:00:04.000\nBye",
    ],
    ids=["text before", "two carriage returns", "doubled lines", "named srt", "loose"],
)
def test_subrip_as_it_is_found(text: str):
    """The same cues are found in every variant; tags and positions are no text."""
    assert [(name, start) for _, name, start, _ in said(text, ".srt")] == [("Hi", 1_000), ("Bye", 3_000)]


def test_voices():
    """A single voice is the speaker; what only looks like a reference is text."""
    one = "00:01.000 --> 00:02.000\n<v Q&amp;A>AT&T; &amp; x</v>"
    two = "00:03.000 --> 00:04.000\n<v A>Hi</v>\n<v B>Bye</v>"
    cues = f"WEBVTT\n\n{one}\n\n{two}\n"
    assert said(cues) == [("Q&A", "AT&T; & x", 1_000, 2_000), (None, "Hi\nBye", 3_000, 4_000)]


def test_ctm():
    """Words with start and length; comments and silence are none, and several recordings are an error."""
    text = ";; by hand\ntalk 1 0.10 0.40 Hello 0.9\ntalk 1 0.5 0.1 <eps>\ntalk 1 .60 .4 there.\n"
    transcript = read(text).transcript
    assert [(word.text, word.start_ms, word.end_ms, word.probability) for word in transcript.words] == [
        ("Hello", 100, 500, 0.9),
        ("there.", 600, 1_000, None),
    ]
    assert transcript.text == "Hello there."
    with pytest.raises(ValueError, match="2 recordings"):
        read_transcript(text + "other 1 0.1 0.4 Hi\n")
    assert read("talk A 0.1 0.4 Hi 0.9 lex ada\ntalk B 0.5 0.1 Ho\n").transcript.speakers == ("ada", "Channel B")
    assert read_transcript("In May 2 3 of us went") is None


@pytest.mark.parametrize("name", ["sbv", "lrc", "tsv"])
def test_simple_formats_are_read_back(name: str):
    """What we write is read back, with the names that stand before the text."""
    expected = hard().segments
    found = read(written(name, hard()).replace("\n", "\r\n"))
    assert found.has_cues
    assert [segment.start_ms for segment in found.transcript.segments] == [segment.start_ms for segment in expected]
    texts = [segment.text.split(": ", 1)[-1].split() for segment in found.transcript.segments]
    assert texts == [segment.text.split(": ", 1)[-1].split() for segment in expected]


def test_lyrics():
    """A line that is sung again comes again, lines last until the next one, and times of words are no text."""
    text = "[ti:A song]\n[00:01.00][00:09.50]<00:01.00>La <00:01.50>la\n[00:05.00]Oh\n[00:07.00]\n"
    assert said(text) == [
        (None, "La la", 1_000, 5_000),
        (None, "Oh", 5_000, 7_000),
        (None, "La la", 9_500, 13_500),
    ]
    assert read_transcript("[Music] [00:12] And so on") is None
