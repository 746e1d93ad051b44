"""What is mended has the same characters, keeps what stands around them, and leaves nothing that can be mended."""

from __future__ import annotations

import re

import pytest
from damaged_files import damaged_file
from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.formats import srt, vtt
from anyscribe.formats.cue_files.reading import read
from anyscribe.lint.judging import judge
from anyscribe.subtitles.profiles import PROFILES
from anyscribe.transcript import Segment, Transcript

NETFLIX = PROFILES["netflix"]
LONG = (
    "There is a ferry that leaves at half past ten from the old harbour, and then it is back before noon on most days."
)


def mended(body: str, extension: str, profile: str = "netflix") -> str:
    """Return the mended file; it is judged again."""
    judgement = judge(body.encode(), extension, PROFILES[profile], language="en")
    again = judge(judgement.mended, extension, PROFILES[profile], language="en")
    assert not [one for one in again.violations if one.is_mendable]
    assert characters(judgement.mended, extension) == characters(body.encode(), extension)
    return judgement.mended.decode()


def characters(body: bytes, extension: str) -> str:
    """Return what is seen, without white space, in order of time."""
    cues = sorted(read(body, extension).cues, key=lambda cue: cue.start_ms)
    return re.sub(r"\s", "", "".join(cue.shown for cue in cues))


def test_a_long_cue_is_divided_and_its_tags_with_it() -> None:
    out = mended(f"1\r\n00:00:01,000 --> 00:00:09,000\r\n<i>{LONG}</i>\r\n\r\n", ".srt")
    texts = [cue.content for cue in read(out.encode(), ".srt").cues]
    assert texts == [
        "<i>There is a ferry that leaves\nat half past ten from the old harbour,</i>",
        "<i>and then it is back\nbefore noon on most days.</i>",
    ]
    assert out.startswith("1\r\n00:00:01,000 --> ")
    assert "--> 00:00:09,000\r\n<i>and" in out


def test_hurried_cues_are_joined_and_gaps_closed() -> None:
    cues = ((1_100, "We walked"), (1_500, "along the river."), (2_200, "Then it rained."))
    segments = tuple(Segment(text, start_ms, start_ms + 300) for start_ms, text in cues)
    assert mended(srt.render(Transcript("", segments=segments)), ".srt") == (
        "1\n00:00:01,100 --> 00:00:02,116\nWe walked along the river.\n\n"
        "2\n00:00:02,200 --> 00:00:03,083\nThen it rained.\n\n"
    )


@pytest.mark.parametrize("name", ["Maria: ", "speaker 2: ", "[Jo] ", ">> "])
def test_two_speakers_never_come_into_one_line(name: str) -> None:
    """A cue that is too short is not joined with somebody else's, nor are lines of two speakers."""
    cues = (Segment("We walked", 1_100, 1_400), Segment(f"{name}Who did?", 1_484, 1_800))
    two = srt.render(Transcript("", segments=cues))
    assert [cue.text for cue in read(mended(two, ".srt").encode(), ".srt").cues] == ["We walked", f"{name}Who did?"]
    lines = f"Jo: We walked along the river as far as the old mill.\n{name}Who did?"
    text = mended(f"1\n00:00:01,000 --> 00:00:06,000\n{lines}\n", ".srt")
    assert f"\n{name}Who did?" in text


def test_notes_styles_identifiers_and_settings_of_webvtt_are_kept() -> None:
    head = "WEBVTT - mine\n\nSTYLE\n::cue { color: red }\n\n"
    first = f"intro\n00:01.000 --> 00:09.000 line:0\n<v Ann>{LONG}\n\n"
    second = "NOTE about it\n\nend\n00:09.100 --> 00:12.000\n<c.a>Fish  &amp; chips\n"
    out = mended(head + first + second, ".vtt")
    assert out.startswith(head + "intro\n00:00:01.000 --> ")
    assert out.count("<v Ann>") == out.count("line:0") == 2
    assert out.endswith("NOTE about it\n\nend\n00:00:09.100 --> 00:00:12.000\n<c.a>Fish &amp; chips</c>\n")


def test_all_but_the_dialogue_of_ass_is_kept() -> None:
    head = "\ufeff[Script Info]\n; mine\n\n[Events]\nFormat: Layer, Start, End, Style, Text\nComment: 0,a,b,A,{note}\n"
    karaoke = "Dialogue: 0,0:00:09.10,0:00:12.00,A,{\\k20}so {\\k30}it is\n"
    empty = "Dialogue: 0,0:00:20.00,0:00:21.00,A,{\\i1}\n"
    fonts = "\n[Fonts]\nfontname: a.ttf\n"
    out = mended(f"{head}Dialogue: 0,0:00:01.00,0:00:09.00,A,{{\\b1}}{LONG}\n{karaoke}{empty}{fonts}", ".ass")
    assert out.startswith(f"{head}Dialogue: 0,0:00:01.00,")
    assert out.count("{\\b1}") == 2
    assert out.endswith(karaoke + fonts)


def test_elements_and_attributes_of_ttml_are_kept() -> None:
    start = '<?xml version="1.0" encoding="utf-16"?>\n<tt xmlns="http://www.w3.org/ns/ttml"><head/><body><div>\n  '
    first = f'<p xml:id="a" begin="1s" region="r" end="9s"><span>{LONG}</span></p>\n'
    second = '  <p begin="9.5s" dur="2s">Fish &amp;\n   chips</p></div></body></tt>'
    body = (start + first + second).encode("utf-16")
    out = judge(body, ".ttml", NETFLIX, language="en").mended.decode("utf-8-sig")
    assert out.startswith(start.replace("utf-16", "UTF-8") + '<p xml:id="a" region="r" begin="00:00:01.000" end=')
    assert out.count("xml:id") == 1
    assert out.count("<span>") == out.count("</span>") == out.count('region="r"') == 2
    assert out.endswith("Fish &amp;\n   chips</p></div></body></tt>")


_PARTS = [
    "the",
    "of",
    "Dr.",
    "Smith",
    "a" * 50,
    "today.",
    "-Yes.",
    "<i>",
    "\n",
    "  ",
    "\u4eca\u65e5\u306f\u3002",
    "&lt;",
]
texts = st.lists(
    st.sampled_from(_PARTS),
    max_size=25,
)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(texts, st.integers(0, 30_000), st.integers(-500, 9_000)), min_size=1, max_size=6),
    st.sampled_from([".srt", ".vtt"]),
    st.sampled_from(["netflix", "bbc"]),
)
def test_any_file_keeps_its_characters(cues: list[tuple[list[str], int, int]], extension: str, profile: str) -> None:
    """Whatever is wrong with it, it is mended once and for all."""
    writer = srt if extension == ".srt" else vtt
    segments = tuple(Segment(" ".join(text), start_ms, start_ms + length_ms) for text, start_ms, length_ms in cues)
    mended(writer.render(Transcript("", segments=segments)), extension, profile)


@pytest.mark.parametrize("number", range(160))
def test_a_damaged_file_keeps_its_characters_and_is_mended_once(number: int) -> None:
    """In four formats, with tags, notes, places, scripts, encodings and line ends of all kinds."""
    body, extension = damaged_file(number)
    profile = list(PROFILES.values())[number % len(PROFILES)]
    judgement = judge(body, extension, profile, language="en")
    again = judge(judgement.mended, extension, profile, language="en")
    assert again.mended == judgement.mended
    assert not [one for one in again.violations if one.is_mendable]
    assert texts_by_place(judgement.mended, extension) == texts_by_place(body, extension)
    if not judgement.violations:
        assert judgement.mended == body


def texts_by_place(body: bytes, extension: str) -> dict[str, str]:
    """Return what is seen at each place of the picture, without white space, in order of time."""
    found: dict[str, str] = {}
    for cue in sorted(read(body, extension).cues, key=lambda cue: (cue.start_ms, cue.number)):
        found[cue.group] = found.get(cue.group, "") + re.sub(r"\s", "", cue.shown)
    return {place: text for place, text in found.items() if text}


def test_line_breaks_of_xml_have_the_prefix_of_the_file() -> None:
    """Whatever the prefix, and whether they are empty or ended."""
    root = '<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"><tt:body><tt:div>'
    cue = '<tt:p begin="{}s" dur="4s">{}</tt:p>'
    three = cue.format(6, 'One<tt:br></tt:br>two<tt:br xml:id="b"/>three.')
    body = f"{root}{cue.format(1, LONG[:70])}{three}</tt:div></tt:body></tt:tt>"
    assert read(body.encode(), ".ttml").cues[1].lines == ["One", "two", "three."]
    assert "leaves<tt:br/>at half past" in mended(body, ".ttml")


def test_text_that_xml_does_not_parse_stays_whole() -> None:
    """A cue with CDATA gets other times, and no other lines or parts."""
    root = '<tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
    cue = f"<![CDATA[a <b> & {LONG}]]>"
    body = f'{root}<p begin="1s" end="30s">{cue}</p></div></body></tt>'
    assert cue in mended(body, ".ttml")


def test_a_cue_that_starts_with_the_next_one_gets_no_time_of_it() -> None:
    times = "00:00:03,000 --> 00:00:0{},000\nThe ferry leaves.\n\n"
    body = f"1\n{times.format(3)}2\n{times.format(5)}"
    rules = [one.rule for one in judge(body.encode(), ".srt", NETFLIX, language="en").left]
    assert rules == ["backwards", "short-gap"]


@pytest.mark.parametrize("body", ["", "\n", "WEBVTT\n", "1\n", "no subtitles at all"])
@pytest.mark.parametrize("extension", [".srt", ".vtt", ".ass", ".ttml"])
def test_a_file_without_cues_is_no_defect(body: str, extension: str) -> None:
    judgement = judge(body.encode(), extension, NETFLIX)
    assert judgement.mended == body.encode()
