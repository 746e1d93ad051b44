"""Each rule finds its own fault in subtitles of any format, and nothing in good ones."""

from __future__ import annotations

import pytest

from anyscribe.formats import srt
from anyscribe.lint.judging import judge
from anyscribe.lint.rules import NAMES
from anyscribe.lint.sound import Sound
from anyscribe.subtitles.profiles import PROFILES
from anyscribe.timespan import Span
from anyscribe.transcript import Finding, Segment, Timing, Transcript, Word

NETFLIX = PROFILES["netflix"]
SRT = """1
00:00:01,000 --> 00:00:05,000
The ferry leaves at half past ten
from the old harbour.

2
00:00:06,000 --> 00:00:10,000
Children pay half the price.

3
00:00:11,000 --> 00:00:15,000
Please take good shoes with you.

"""
VTT = """WEBVTT

00:01.000 --> 00:05.000
<v Ann>Tea &amp; milk

NOTE kept

00:06.000 --> 00:09.000
<i>No</i>, thanks.
"""
ASS = """[Script Info]
Title: t

[Events]
Format: Layer, Start, End, Style, Name, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,kept
Dialogue: 0,0:00:01.00,0:00:04.00,Default,,{\\i1}Tea,\\Nand milk
Dialogue: 1,0:00:01.00,0:00:05.00,Sign,,{\\pos(3,4)}The station
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,{\\p1}m 0 0 l 9 9
Dialogue: 0,0:00:08.00,0:00:09.00,Default,,Thanks
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="en">
 <body><div>
  <p xml:id="a" begin="00:00:01:00" end="4s">Tea,<br/><span tts:color="red" xmlns:tts="x">and</span>
     milk</p>
  <p begin="00:00:05.000" dur="2000ms">Thanks</p>
 </div></body>
</tt>
"""
GOOD = {".srt": SRT, ".vtt": VTT, ".ass": ASS, ".ttml": TTML}


def found(
    body: str, extension: str = ".srt", profile: str = "netflix", sound: Sound | None = None
) -> list[tuple[str, int]]:
    """Return the rules that are broken, and where."""
    judgement = judge(body.encode(), extension, PROFILES[profile], language="en", sound=sound)
    return [(one.rule, one.line) for one in judgement.violations]


@pytest.mark.parametrize("extension", GOOD)
def test_good_subtitles_have_no_findings(extension: str) -> None:
    """Signs elsewhere in the picture, comments, drawings, notes and entities are none."""
    assert found(GOOD[extension], extension) == []


@pytest.mark.parametrize(
    ("extension", "old", "new", "expected"),
    [
        (".srt", "half the price", "half the price for the whole day, dogs", [("line-length", 8)]),
        (".srt", "leaves at half past ten\n", "leaves\nat half past ten\n", [("line-count", 5)]),
        (".srt", "half past ten\nfrom the old", "half past ten from the\nold", [("line-break", 3)]),
        (".srt", "00:00:11,000 -->", "00:00:14,000 -->", [("speed", 11)]),
        (".srt", "--> 00:00:10,000", "--> 00:00:11,500", [("overlap", 11)]),
        (".srt", "--> 00:00:10,000", "--> 00:00:10,970", [("short-gap", 11)]),
        (".srt", "--> 00:00:10,000", "--> 00:00:10,600", [("open-gap", 11)]),
        (".srt", "--> 00:00:15,000", "--> 00:00:18,100", [("long-cue", 11)]),
        (".srt", "--> 00:00:15,000", "--> 00:00:11,000", [("backwards", 11)]),
        (".srt", "\n2\n", "\n5\n", [("numbering", 7)]),
        (".srt", "\n2\n", "\n", [("numbering", 6)]),
        (".srt", "00:00:06,000 -->", "0:00:06.000 -->", [("timestamp", 7)]),
        (".srt", "00:00:06,000 -->", "00.00.06 -->", [("syntax", 7)]),
        (".srt", "good shoes", "good \tshoes", [("white-space", 12)]),
        (".srt", "half past ten\n", "half past ten\n\n", [("blank-line", 4)]),
        (".srt", "good shoes", "<i>good shoes", [("tag", 12)]),
        (".srt", "good shoes", "good</b> shoes", [("tag", 12)]),
        (".srt", "good shoes", "<cough> shoes", [("tag", 12)]),
        (".srt", "Please", "\u00c3\u2030tat: please", [("character", 12)]),
        (".srt", "from the", "-from the", [("dash", 4)]),
        (".srt", "with you.", "with. -Why?", [("dash", 12)]),
        (".srt", "Please take good shoes with you.", "", [("empty-cue", 11)]),
        (
            ".srt",
            "00:00:11,000 --> 00:00:15,000",
            "00:00:00,100 --> 00:00:00,916",
            [("order", 11), ("speed", 11)],
        ),
        (".vtt", "00:01.000", "00:01,000", [("timestamp", 3)]),
        (".vtt", "WEBVTT", "WEB", [("syntax", 1)]),
        (".vtt", "</i>", "", [("tag", 9)]),
        (".vtt", "--> 00:09.000", "--> 00:06.500", [("short-cue", 8), ("speed", 8)]),
        (".ass", "0:00:04.00", "0:00:08.50", [("long-cue", 7), ("overlap", 10)]),
        (".ass", "{\\i1}Tea", "{\\i1 Tea", [("tag", 7)]),
        (".ass", "0,0:00:08.00", "0,0:00:xx", [("syntax", 10)]),
        (".ttml", 'end="4s"', 'end="4.7s"', [("open-gap", 6)]),
        (".ttml", 'dur="2000ms"', 'dur="2"', [("timestamp", 6)]),
        (".ttml", "</p>\n </div>", "</q>\n </div>", [("syntax", 6)]),
        (".ttml", "<tt ", "<!DOCTYPE tt [<!ENTITY a 'b'>]><tt ", [("syntax", 2)]),
    ],
)
def test_a_planted_fault_is_found_and_nothing_else(
    extension: str, old: str, new: str, expected: list[tuple[str, int]]
) -> None:
    assert old in GOOD[extension]
    assert found(GOOD[extension].replace(old, new, 1), extension) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-16-le", "utf-8-sig"])
def test_any_encoding_is_read_and_all_but_utf8_are_told(encoding: str) -> None:
    judgement = judge(SRT.replace("Please", "Caf\u00e9").encode(encoding), ".srt", NETFLIX)
    assert [one.rule for one in judgement.violations] == ([] if encoding == "utf-8-sig" else ["encoding"])
    assert "Caf\u00e9" in judgement.mended.decode("utf-8-sig")


def test_a_limit_that_a_publisher_does_not_give_is_not_checked() -> None:
    """TED says nothing of gaps, the BBC nothing of seconds, and both their own speeds."""
    body = SRT.replace("--> 00:00:10,000", "--> 00:00:10,970").replace("--> 00:00:15,000", "--> 00:00:19,000")
    assert found(body, profile="ted") == [("long-cue", 11)]
    body = SRT.replace("--> 00:00:15,000", "--> 00:00:19,000")
    assert found(body, profile="bbc") == []
    assert found(body.replace("00:00:11,000 -->", "00:00:17,500 -->"), profile="bbc") == [("speed", 11)]


def words_at(*starts_ms: int) -> tuple[Word, ...]:
    """Return the words of the good file; those of each cue are said in a row from its start."""
    texts = SRT.split("\n\n")
    words = []
    for text, start_ms in zip(texts, starts_ms, strict=False):
        for number, word in enumerate(" ".join(text.split("\n")[2:]).split()):
            at_ms = start_ms + 300 * number
            words.append(Word(word, at_ms, at_ms + 280, timing=Timing.ALIGNED, confidence=0.9))
    return tuple(words)


def test_cues_are_compared_with_the_voice() -> None:
    """A cue may be three frames off; later or earlier, cut off or staying, is told with the milliseconds."""
    sound = Sound(words_at(1_100, 6_400, 10_700), 14_000)
    judgement = judge(SRT.encode(), ".srt", NETFLIX, language="en", sound=sound)
    assert [(one.rule, one.line, one.message) for one in judgement.violations] == [
        ("end", 2, "stays 620 ms after its last word"),
        ("onset", 7, "starts 400 ms before its first word"),
        ("end", 7, "stays 2120 ms after its last word"),
        ("beyond-end", 11, "shown until 1000 ms after the recording's end"),
        ("onset", 11, "starts 300 ms after its first word"),
        ("end", 11, "stays 2520 ms after its last word"),
    ]
    assert all(one.is_mendable for one in judgement.violations)
    assert [one.message for one in judgement.left] == []
    late = judge(SRT.encode(), ".srt", NETFLIX, sound=Sound(words_at(1_000, 9_000, 11_000)), wanted=("end",))
    assert "ends 480 ms before its last word does" in [one.message for one in late.violations]


def test_text_and_speech_that_do_not_match_are_told() -> None:
    words = [
        word if word.start_ms < 6_000 else Word(word.text, word.start_ms, word.end_ms)
        for word in words_at(1_000, 6_000, 11_000)
    ]
    findings = (
        Finding(Span(6_000, 7_500), "has text that is not in the audio", "unspoken"),
        Finding(Span(20_000, 23_000), "sounds like speech, but the transcript is empty", "empty"),
    )
    sound = Sound(tuple(words), 30_000, findings)
    judgement = judge(SRT.encode(), ".srt", NETFLIX, sound=sound, wanted=("not-said", "no-text"))
    assert [(one.rule, one.line, one.is_mendable) for one in judgement.violations] == [
        ("not-said", 7, False),
        ("no-text", 11, False),
    ]


def test_cues_keep_to_the_cuts_of_the_picture() -> None:
    """Near a cut a cue starts on it or 12 frames before, and ends 2 before; that is no fault of its onset."""
    sound = Sound(words_at(1_000, 6_000, 11_000), cuts_ms=(1_200, 6_420, 9_600, 20_000))
    judgement = judge(SRT.encode(), ".srt", NETFLIX, language="en", sound=sound, wanted=("shot-change", "onset"))
    assert [(one.rule, one.line) for one in judgement.violations] == [
        ("shot-change", 2),
        ("shot-change", 7),
        ("shot-change", 7),
    ]
    assert b"00:00:01,200 -->" in judgement.mended
    assert b"00:00:05,920 --> 00:00:09,517" in judgement.mended
    assert judgement.left == []


def test_every_rule_is_documented() -> None:
    """docs/lint.md has a line for each rule, and no other."""
    from pathlib import Path  # noqa: PLC0415

    text = (Path(__file__).parents[2] / "docs" / "lint.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(name for name in rows if name in NAMES) == sorted(NAMES)


def test_a_text_three_times_in_a_row_is_told() -> None:
    """Twice may be said, and so may a word alone."""
    lines = ["Thank you for watching."] * 3 + ["No."] * 3 + ["I see that."] * 2
    segments = tuple(Segment(text, 3_000 * n, 3_000 * n + 2_000) for n, text in enumerate(lines))
    body = srt.render(Transcript("", segments=segments)).encode()
    violations = judge(body, ".srt", NETFLIX, language="en", wanted=("repeat",)).violations
    assert [(one.cue, one.is_mendable) for one in violations] == [(1, False)]
