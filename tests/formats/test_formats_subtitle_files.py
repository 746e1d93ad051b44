"""ass, ttml, sbv, lrc and cues of single words: what other programs read in them is what was said."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import av
import pytest
from hard import TEXTS, hard, written

from anyscribe.formats import KARAOKE, Metadata
from anyscribe.formats.cue_files.ass import read_ass
from anyscribe.formats.wire import parse
from anyscribe.rendering import RenderOptions, render
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Segment, Timing, Transcript, Word

SAID = [text.replace("\x01", "\ufffd") for _, _, text in TEXTS]
NO_TIMES = Transcript("One two three.", duration_ms=3_000)


def plain(text: str) -> str:
    """Return a text without line breaks and invisible joiners."""
    return " ".join(text.replace("\u2060", "").split())


def decoded(document: str, extension: str) -> list[tuple[int, str]]:
    """Return start in milliseconds and text of each event, as FFmpeg reads them."""
    found = []
    with av.open(io.BytesIO(document.encode()), format=extension) as container:
        for packet in container.demux(subtitles=0):
            if packet.size:
                found += [(packet.pts * packet.time_base, sub.ass.decode()) for sub in packet.decode()]
    return [(round(time * 1000), event.split(",", 8)[-1]) for time, event in found]


def test_ass_for_ffmpeg():
    """FFmpeg, whose escapes are libass's, reads text with every mark that means something there."""
    events = decoded(written("ass", hard()), "ass")
    assert [time for time, _ in events] == [start_ms for _, start_ms, _ in TEXTS]
    unescaped = [re.sub(r"\\([{}])", r"\1", event.replace("\\N", " ")) for _, event in events]
    assert [plain(text) for text in unescaped] == [text.replace("\ufffd", "\x01") for text in SAID]


def test_ass_for_pysubs2():
    """Times, speakers and remarks are where pysubs2 looks for them."""
    pysubs2 = pytest.importorskip("pysubs2")
    # It reads no more than 99 hours.
    transcript = hard()
    file = pysubs2.SSAFile.from_string(written("ass", replace(transcript, segments=transcript.segments[:-1])))
    assert [event.start for event in file] == [start_ms for _, start_ms, _ in TEXTS[:-1]]
    assert [event.name for event in file] == [(name or "").replace(",", ";") for name, _, _ in TEXTS[:-1]]
    assert file.info["Title"] == "My talk <1>"
    assert "; anyscribe 1.2, 2026-05-01, model whisper-1, http://localhost/v1, cues bbc\n" in written("ass", hard())
    assert "; anyscribe" not in written("ass", hard(), made=None)
    assert len(pysubs2.SSAFile.from_string(written("ass", Transcript("")))) == 0
    (only,) = pysubs2.SSAFile.from_string(written("ass", NO_TIMES))
    assert (only.start, only.end, only.text) == (0, 3_000, "One two three.")


def test_karaoke():
    """Each word is lit while it is said, pauses are counted too, and all of them are as long as the line is shown."""
    words = (Word("Hi,", 100, 300), Word("you", 500, 900), Word("all.", 900, 1_400))
    segments = (Segment("Hi, you all.", 0, 2_000),)
    document = render(Transcript("Hi, you all.", segments=segments, words=words), KARAOKE, RenderOptions())
    assert isinstance(document, str)
    assert document.endswith(",,{\\k20}Hi,{\\k20} {\\k40}you {\\k50}all.\n")
    lit = render(hard(), KARAOKE, RenderOptions())
    assert isinstance(lit, str)
    for cue in read_ass(lit).cues:
        assert sum(map(int, re.findall(r"\\k(\d+)", cue.content))) * 10 == cue.length_ms
    texts = [re.sub(r"\{\\k\d+\}", "", line.split(",,", 2)[-1]) for line in lit.splitlines() if "Dialogue" in line]
    assert texts == [line.split(",,", 2)[-1] for line in written("ass", hard()).splitlines() if "Dialogue" in line]
    assert all(len(re.findall(r"\\k", line)) for line in lit.splitlines() if "Dialogue" in line)
    assert ",Arial,58,&H00FFFFFF,&H00A0A0A0,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,0,2,60,60,54,-1\n" in lit
    estimated = render(NO_TIMES, KARAOKE, RenderOptions())
    assert isinstance(estimated, str)
    assert estimated.count("\\k") == 3


def test_ttml_for_ttconv():
    """Ttconv reads the document and finds nothing to complain about."""
    reader = pytest.importorskip("ttconv.imsc.reader")
    model = reader.to_model(ET.ElementTree(read_xml(written("ttml", hard()))))
    assert model.get_lang() == "en"
    (division,) = model.get_body()
    paragraphs = list(division)
    begins = [round((paragraph.get_begin() or 0) * 1000) for paragraph in paragraphs]
    assert begins == [start_ms for _, start_ms, _ in TEXTS]
    texts = ["".join(_texts(paragraph)) for paragraph in paragraphs]
    assert [plain(text) for text in texts] == SAID
    assert 'tts:direction="rtl"' in written("ttml", hard())
    empty = reader.to_model(ET.ElementTree(read_xml(written("ttml", Transcript("")))))
    assert list(empty.get_body()) == []


def read_xml(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - it is our own


def _texts(element):
    for child in element:
        if type(child).__name__ == "Br":
            yield " "
        elif type(child).__name__ == "Text":
            yield child.get_text()
        else:
            yield from _texts(child)


def test_ttml_tells_speakers_and_how_it_was_made():
    """Speakers are agents; the title and the remark are in the head."""
    root = read_xml(written("ttml", hard()))
    space = "{http://www.w3.org/ns/ttml#metadata}"
    assert [name.text for name in root.iter(f"{space}name")] == ["Ada, B", "مريم", "Zed"]
    assert [one.text for one in root.iter(f"{space}title")] == ["My\ntalk <1>"]
    assert [one.text for one in root.iter(f"{space}desc")] == [
        "anyscribe 1.2, 2026-05-01, model whisper-1, http://localhost/v1, cues bbc"
    ]
    agents = [paragraph.get(f"{space}agent") for paragraph in root.iter("{http://www.w3.org/ns/ttml}p")]
    assert agents == ["speaker1", "speaker2", None, "speaker1", "speaker3", "speaker1"]


def test_sbv():
    """A text that looks like a time stays text; a name is before the text where the speaker changes."""
    document = written("sbv", hard())
    blocks = document.split("\n\n")
    assert blocks[0].startswith("0:00:00.000,0:00:0")
    assert blocks[1].endswith("مريم: أهلا بكم في المكتبة.")
    assert blocks[5].startswith("100:00:00.000,100:00:0")
    assert len(re.findall(r"^\d+:\d+:\d+\.\d+,\d+:\d+:\d+\.\d+$", document, re.MULTILINE)) == len(TEXTS)
    assert written("sbv", Transcript("")) == ""
    assert written("sbv", NO_TIMES) == "0:00:00.000,0:00:03.000\nOne two three.\n\n"


def test_lrc():
    """FFmpeg reads the lines; minutes are more than 99 if they must, and an empty line ends what is not followed."""
    document = written("lrc", hard(), "Talk")
    lines = document.splitlines()
    assert lines[0] == "[ti:Talk]"
    assert lines[1].startswith("[00:00.00]Ada, B: It was <b>")
    assert [line for line in lines if line.startswith("[6000:00.00]")] == ["[6000:00.00]Ada, B: The end\x01."]
    events = decoded(document, "lrc")
    texts = [plain(text) for _, text in events if text]
    assert len(texts) == len(TEXTS)
    assert texts[-1].startswith("Ada, B: The end")
    assert written("lrc", Transcript(""), "") == ""


def test_cues_of_single_words():
    """Each word of the text has a cue with its time and its marks; those without a time are estimated."""
    for name, wire in (("srt-words", ResponseFormat.SRT), ("vtt-words", ResponseFormat.VTT)):
        cues = parse(written(name, hard()), wire).segments
        assert "".join(cue.text for cue in cues).startswith('Itwas<b>5&"6"</b>--')
        assert [cue.start_ms for cue in cues][:3] == [0, 300, 600]
        assert {"المكتبة.", "一二三图书馆。", "Over", "you!"} <= {cue.text for cue in cues}
        bare = Transcript(
            "Hello, world!", segments=(Segment("Hello, world!", 0, 1_000),), words=(Word("hello", 0, 400),)
        )
        assert [cue.text for cue in parse(written(name, bare), wire).segments] == ["Hello,", "world!"]
        assert [cue.text for cue in parse(written(name, NO_TIMES), wire).segments] == ["One", "two", "three."]
        assert parse(written(name, Transcript("")), wire).segments == ()


def test_words_that_are_estimated_are_called_so():
    """Formats for research tell estimated times from others."""
    segments = (Segment("One two.", 0, 1_000),)
    assert 'text = "estimated"' in written("textgrid", Transcript("One two.", segments=segments))
    assert Timing.ESTIMATED.value in written("eaf", Transcript("One two.", segments=segments))


def test_metadata_is_optional():
    """Without title and remark there is neither."""
    assert "Title" not in written("ass", hard(), "", made=None)
    assert "ttm:desc" not in written("ttml", hard(), made=None)
    assert Metadata().provenance is None
