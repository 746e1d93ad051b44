"""csv, tsv, docx and markers for editors."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hard import MADE, TEXTS, hard, written

from anyscribe.formats import OUTPUT_FORMATS, TIMED_TEXT, Metadata
from anyscribe.formats.frames import exact_rate, frames_of, timecode
from anyscribe.rendering import RenderOptions, render
from anyscribe.subtitles.profile import CueProfile
from anyscribe.transcript import Segment, Transcript

NO_TIMES = Transcript("One two three.", duration_ms=3_000)


def test_tsv_is_whispers():
    """Three columns with times in milliseconds, as OpenAI's program writes them."""
    rows = [line.split("\t") for line in written("tsv", hard()).splitlines()]
    assert rows[0] == ["start", "end", "text"]
    assert [int(row[0]) for row in rows[1:]] == [start_ms for _, start_ms, _ in TEXTS]
    assert [row[2] for row in rows[1:]] == [text for _, _, text in TEXTS]
    tabbed = Transcript("", segments=(Segment("a\tb\nc", 0, 0),))
    assert written("tsv", tabbed) == "start\tend\ttext\n0\t1\ta b c\n"
    assert written("tsv", NO_TIMES) == "start\tend\ttext\n0\t3000\tOne two three.\n"
    assert written("tsv", Transcript("")) == "start\tend\ttext\n"


def test_csv_opens_safely():
    """No cell begins like a formula, and Excel sees that it is UTF-8."""
    document = written("csv", hard())
    assert document.startswith("\ufeffstart,end,speaker,text\r\n")
    rows = list(csv.reader(io.StringIO(document.removeprefix("\ufeff"))))[1:]
    assert [row[2] for row in rows] == [name or "" for name, _, _ in TEXTS]
    assert [row[3].lstrip("'") for row in rows] == [text for _, _, text in TEXTS]
    assert rows[5][0] == "100:00:00.000"
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", " =2", "\uff1d1", "'=1"]
    segments = tuple(Segment(text, at, at + 1, speaker=text) for at, text in enumerate(evil))
    cells = [cell for row in csv.reader(io.StringIO(written("csv", Transcript("", segments=segments)))) for cell in row]
    assert not [cell for cell in cells if re.match(r"\s*[=+\-@\uff1d]", cell)]


def test_text_with_times():
    """A time and a speaker before each paragraph."""
    document = render(hard(), TIMED_TEXT, RenderOptions())
    assert isinstance(document, str)
    blocks = document.removesuffix("\n").split("\n\n")
    assert blocks[0].startswith('[00:00:00] Ada, B: It was <b>5 & "6"</b>')
    assert blocks[2].startswith("[00:00:06] 一二三")
    assert blocks[-1].startswith("[100:00:00] Ada, B: The end")
    assert render(NO_TIMES, TIMED_TEXT, RenderOptions()) == "One two three.\n"
    assert render(Transcript(""), TIMED_TEXT, RenderOptions()) == ""


def test_docx():
    """Times, names and words are there; words that the model was not sure of are marked; nothing is lost."""
    docx = pytest.importorskip("docx")
    rendered = render(hard(), OUTPUT_FORMATS["docx"], RenderOptions(metadata=Metadata("My talk", MADE)))
    assert isinstance(rendered, bytes)
    document = docx.Document(io.BytesIO(rendered))
    title, *paragraphs = document.paragraphs
    assert (title.text, title.style.name) == ("My talk", "Title")
    texts = [paragraph.text for paragraph in paragraphs]
    assert texts[0] == f"00:00:00 Ada, B: {TEXTS[0][2]}"
    assert texts[1] == f"00:00:03 مريم: {TEXTS[1][2]}"
    assert texts[-1] == "100:00:00 Ada, B: The end\ufffd."
    marked = [[run.text for run in paragraph.runs if run.font.highlight_color] for paragraph in paragraphs]
    assert marked[0] == ["It"]
    assert paragraphs[1].runs[-1].font.rtl
    assert [run.text for run in paragraphs[0].runs if run.bold] == ["Ada, B: "]
    assert all(run.font.rtl for run in paragraphs[1].runs)
    assert "<w:bidi/>" in paragraphs[1].paragraph_format.element.xml
    assert "<w:bidi/>" not in paragraphs[0].paragraph_format.element.xml
    assert re.findall(r"<w:lang ([^>]*)/>", document.styles.element.xml) == ['w:val="en" w:eastAsia="en" w:bidi="en"']
    properties = document.core_properties
    assert (properties.title, properties.comments, properties.author) == ("My talk", str(MADE), "")
    assert properties.created.date().isoformat() == "2026-05-01"
    for transcript in (Transcript(""), NO_TIMES):
        rendered = render(transcript, OUTPUT_FORMATS["docx"], RenderOptions())
        assert isinstance(rendered, bytes)
        shown = [paragraph.text for paragraph in docx.Document(io.BytesIO(rendered)).paragraphs]
        assert shown == (["00:00:00 One two three."] if transcript.text else [])


def test_frame_rates():
    """People write 23.976 and mean 24000/1001; a timecode counts whole frames."""
    assert exact_rate(23.976) == exact_rate(23.98) == exact_rate(24_000 / 1_001)
    assert (exact_rate(25), exact_rate(29.97) * 1001) == (25, 30_000)
    assert exact_rate(12.5) * 2 == 25
    assert timecode(frames_of(3_600_000, exact_rate(25)), exact_rate(25)) == "01:00:00:00"
    assert timecode(frames_of(3_603_600, exact_rate(23.976)), exact_rate(23.976)) == "01:00:00:00"
    assert timecode(49, exact_rate(24)) == "00:00:02:01"


def test_edl():
    """Markers at their frames, in a color for each speaker; no text ends a field early."""
    options = RenderOptions(CueProfile(frame_rate=25.0), metadata=Metadata("A|b"))
    document = render(hard(), OUTPUT_FORMATS["edl"], options)
    assert isinstance(document, str)
    assert document.startswith("TITLE: A|b\nFCM: NON-DROP FRAME\n\n001  001      V     C        01:00:00:00 ")
    markers = re.findall(r"^ \|C:ResolveColor(\w+) \|M:([^|]*) \|D:(\d+)$", document, re.MULTILINE)
    assert [color for color, _, _ in markers] == ["Blue", "Green", "Red", "Blue", "Yellow", "Blue"]
    assert markers[1][1:] == ("مريم: أهلا بكم في المكتبة.", "30")
    assert written("edl", Transcript("")).count("ResolveColor") == 0


def test_otio():
    """OpenTimelineIO's own library reads the markers, where it is there."""
    document = written("otio", hard())
    assert json.loads(document)["metadata"] == {"anyscribe": {"provenance": str(MADE)}}
    assert json.loads(written("otio", hard(), made=None))["metadata"] == {}
    otio = pytest.importorskip("opentimelineio")
    timeline = otio.adapters.read_from_string(document, "otio_json")
    assert timeline.name == "My talk <1>"
    markers = timeline.tracks.markers
    assert [marker.marked_range.start_time.to_seconds() * 1000 for marker in markers] == [at for _, at, _ in TEXTS]
    assert markers[4].name == "Zed: Over you!"
    assert timeline.duration().to_seconds() == 360_005
    assert len(otio.adapters.read_from_string(written("otio", Transcript("")), "otio_json").tracks.markers) == 0
