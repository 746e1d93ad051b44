"""``anyscribe lint``: what it writes for people and programs, pairs of files, mending in place, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import av
import pytest
from failures import the_error
from missing import without

from anyscribe.audio.shots import find_shots
from anyscribe.formats import srt
from anyscribe.transcript import Segment, Transcript

if TYPE_CHECKING:
    from pathlib import Path

    from programs import InstalledProgram, Program

GOOD = "1\n00:00:01,000 --> 00:00:04,000\nThe ferry leaves at ten.\n\n"
BAD = GOOD.replace("ferry", "ferry ") + "2\n00:00:05,000 --> 00:00:05,200\nFrom the old harbour.\n\n"
LATER = "end it later, or join it with the next one"
LONGER = "show it longer, divide it, or say less"
SPACES = "superfluous white space: single spaces, and none at the ends of lines"


def write(anyscribe: Program, **files: str) -> None:
    """Write files into the program's folder; two underscores in a name are a dot."""
    for name, body in files.items():
        (anyscribe.cwd / name.replace("__", ".")).write_bytes(body.encode())


def test_findings_are_lines_with_place_and_remedy_and_make_exit_code_8(anyscribe: Program) -> None:
    write(anyscribe, good__srt=GOOD, bad__srt=BAD)
    run = anyscribe("lint", "good.srt", "bad.srt", "--cues", "netflix")
    assert (run.code, run.err_lines) == (8, ["anyscribe: 2 files, 3 findings, --fix mends 3"])
    assert run.text.splitlines() == [
        f"bad.srt:3: 00:00:01.000 white-space [*] {SPACES}",
        f"bad.srt:6: 00:00:05.000 short-cue [*] shown for 0.20 s (at least 0.83): {LATER}",
        f"bad.srt:6: 00:00:05.000 speed [*] 105.0 characters a second (at most 17): {LONGER}",
    ]
    run = anyscribe("lint", "good.srt", "-q")
    assert (run.code, run.text, run.err) == (0, "", "")
    coloured = anyscribe("lint", "bad.srt", env={"FORCE_COLOR": "1"}).text
    assert coloured.startswith("\x1b[1mbad.srt\x1b[0m:3:")


def test_rules_are_selected_counted_and_ignored(anyscribe: Program) -> None:
    write(anyscribe, bad__srt=BAD)
    assert anyscribe("lint", "bad.srt", "--statistics").text == (
        "      1 [*] white-space\n      1 [*] short-cue\n      1 [*] speed\n"
    )
    assert anyscribe("lint", "bad.srt", "--select", "speed,overlap").text.count("\n") == 1
    assert anyscribe("lint", "bad.srt", "--ignore", "speed", "--ignore", "short-cue,white-space").code == 0
    assert "--select typo: there is no such rule: one of encoding" in the_error(
        anyscribe("lint", "bad.srt", "--select", "typo"), 2
    )


def test_programs_get_json_and_annotations(anyscribe: Program) -> None:
    write(
        anyscribe,
        bad__de__vtt="WEBVTT\n\n00:01.000 --> 00:05.000\nEine Zeile, die l\u00e4nger ist als alle, die es gibt.\n",
    )
    found = anyscribe("lint", "bad.de.vtt", "--json", "--cues", "bbc").json
    assert found == {
        "files": [
            {
                "path": "bad.de.vtt",
                "recording": None,
                "profile": "bbc",
                "language": "de",
                "mended": 0,
                "findings": [
                    {
                        "rule": "line-length",
                        "line": 4,
                        "start": 1.0,
                        "message": "49 characters in a line (at most 37)",
                        "remedy": "break it, or divide the cue",
                        "mendable": True,
                    }
                ],
            }
        ]
    }
    assert anyscribe("lint", "bad.de.vtt", "--github", "--max-line-chars", "40").text == (
        "::error file=bad.de.vtt,line=4,title=anyscribe lint%3A line-length::"
        "00:00:01.000 49 characters in a line (at most 40): break it, or divide the cue\n"
    )
    assert "exclude each other" in the_error(anyscribe("lint", "bad.de.vtt", "--json", "--github"), 2)


def test_fix_mends_in_place_and_tells_what_is_left(anyscribe: Program) -> None:
    unreadable = BAD.replace("00:00:05,000 -->", "00.00.05 -->")
    write(
        anyscribe,
        bad__srt=BAD,
        left__srt=GOOD.replace("The ferry leaves at ten.", "f" * 50),
        unreadable__srt=unreadable,
    )
    run = anyscribe("lint", ".", "--fix")
    assert run.code == 8
    assert [line.split(" [")[0] for line in run.text.splitlines()] == [
        "left.srt:3: 00:00:01.000 line-length 50 characters in a line (at most 42): break it, or divide the cue",
        f"unreadable.srt:3: 00:00:01.000 white-space {SPACES}",
        "unreadable.srt:6: syntax no times: 00.00.05 --> 00:00:05,200: write them like 00:00:01,000 --> 00:00:02,000",
    ]
    assert run.err_lines == [
        "anyscribe: unreadable.srt: not mended: not all of it was understood",
        "anyscribe: 3 files, 3 mended, 3 findings left",
    ]
    assert (anyscribe.cwd / "bad.srt").read_text() == BAD.replace("  ", " ").replace("05,200", "06,050")
    assert (anyscribe.cwd / "unreadable.srt").read_text() == unreadable


def test_wrong_inputs_are_told(anyscribe: Program) -> None:
    """A file that cannot be read stops no other; a recording has to go with something."""
    write(anyscribe, a__srt=GOOD, b__srt=GOOD, c__mp3="x")
    run = anyscribe("lint", "a.srt", "gone.srt")
    assert (run.code, run.err_lines[0]) == (
        3,
        "anyscribe: error: gone.srt: it cannot be read (No such file or directory): check the path",
    )
    assert "there are no subtitles" in the_error(anyscribe("lint", "c.mp3"), 2)
    (anyscribe.cwd / "sound.srt").write_bytes(bytes(range(256)) * 9)
    assert "sound.srt: it is no text: name a file of subtitles" in the_error(anyscribe("lint", "sound.srt", "--fix"), 2)
    for recording in ("c.mp3", "gone.mp3"):
        run = anyscribe("lint", "a.srt", recording)
        assert (run.code, run.err_lines[0].startswith(f"anyscribe: error: {recording}: ")) == (6, True)
    assert "c.mp3 goes with none of the subtitles" in the_error(anyscribe("lint", "a.srt", "b.srt", "c.mp3"), 2)


def test_a_recording_shows_what_no_text_can(anyscribe: Program, media: Path) -> None:
    """A cue that is moved by 300 ms is found and mended; the others start with the voice."""
    pytest.importorskip("hama")
    cues = (
        (210, "The ferry leaves at 10:30 a.m. from the old harbour, next to the well-known museum."),
        (6_490, "Children pay half the price, and dogs travel for nothing."),
        (10_310, "If you come by train, change at Ellery and walk down the hill."),
        (14_470, "The path is short, but it is steep, so please take good shoes."),
    )
    segments = tuple(Segment(text, start_ms, start_ms + 3_500) for start_ms, text in cues)
    write(anyscribe, slt__srt=srt.render(Transcript("", segments=segments)))
    run = anyscribe("lint", "slt.srt", media / "aligned" / "slt.flac", "--select", "onset", "--fix", "--json")
    assert (run.code, run.json["files"][0]["mended"], run.json["files"][0]["findings"]) == (0, 1, [])
    starts_ms = [cue.start_ms for cue in srt.parse((anyscribe.cwd / "slt.srt").read_text()).segments]
    assert [*starts_ms[:1], *starts_ms[2:]] == [210, 10_310, 14_470]
    assert abs(starts_ms[1] - 6_190) < 100


def test_names_and_descriptions_are_not_looked_for_in_the_sound(anyscribe: Program, media: Path) -> None:
    pytest.importorskip("hama")
    cues = (
        (210, 6_100, "MAN: The ferry leaves at 10:30 a.m. from the old harbour, next to the well-known museum."),
        (6_190, 10_200, "[clears his throat] Children pay half the price, and dogs travel for nothing."),
        (10_310, 14_400, "GUIDE AT THE HARBOUR: If you come by train, change at Ellery and walk down the hill."),
        (14_470, 19_000, "The path is short, but it is steep, so please take good shoes. (APPLAUSE)"),
    )
    segments = tuple(Segment(text, start_ms, end_ms) for start_ms, end_ms, text in cues)
    write(anyscribe, slt__srt=srt.render(Transcript("", segments=segments)))
    run = anyscribe("lint", "slt.srt", media / "aligned" / "slt.flac", "--select", "onset,not-said,no-text", "--json")
    assert run.json["files"][0]["findings"] == []


@pytest.mark.parametrize("fault", ["none", "exchanged", "doubled", "inserted"])
def test_a_cue_that_nobody_says_is_found_and_none_beside_it(anyscribe: Program, media: Path, fault: str) -> None:
    """Also one that takes sounds from its neighbours, and a text that stands there twice."""
    pytest.importorskip("hama")
    strange = "My uncle repairs old bicycles in a garden shed."
    cues = [
        (210, 6_100, "The ferry leaves at 10:30 a.m. from the old harbour, next to the well-known museum."),
        (6_190, 10_200, "Children pay half the price, and dogs travel for nothing."),
        (10_310, 14_400, "If you come by train, change at Ellery and walk down the hill."),
        (14_470, 19_000, "The path is short, but it is steep, so please take good shoes."),
    ]
    if fault == "exchanged":
        cues[1] = (*cues[1][:2], strange)
    elif fault != "none":
        text = cues[1][2] if fault == "doubled" else strange
        cues[1:2] = [(6_190, 8_100, cues[1][2]), (8_200, 10_200, text)]
    segments = tuple(Segment(text, start_ms, end_ms) for start_ms, end_ms, text in cues)
    write(anyscribe, slt__srt=srt.render(Transcript("", segments=segments)))
    run = anyscribe("lint", "slt.srt", media / "aligned" / "slt.flac", "--select", "not-said", "--json")
    starts = [finding["start"] for finding in run.json["files"][0]["findings"]]
    right = {"none": [[]], "exchanged": [[6.19]], "doubled": [[6.19], [8.2]], "inserted": [[8.2]]}
    assert starts in right[fault]


def test_without_the_extra_a_recording_is_refused(installed: InstalledProgram, media: Path) -> None:
    write(installed, a__srt=GOOD)
    run = installed("lint", "a.srt", media / "hello.flac", env=without(installed.cwd, "hama"))
    assert run.code == 2
    assert "local" in run.err_lines[0]


def test_cuts_of_a_picture_are_found(tmp_path: Path, media: Path) -> None:
    """Three shots of a second each have two cuts; sound alone has no picture."""
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(75):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane, level in zip(frame.planes, (40 + 90 * (number // 25 % 2), 128, 128), strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with path.open("rb") as film, (media / "hello.flac").open("rb") as sound:
        shots = find_shots(film)
        assert shots is not None
        assert (shots.cuts_ms, shots.frame_rate) == ((1_000, 2_000), 25)
        assert find_shots(sound) is None


def test_json_is_one_object_also_without_findings(anyscribe: Program) -> None:
    write(anyscribe, a__srt=GOOD)
    assert json.loads(anyscribe("lint", "a.srt", "--json").out)["files"][0]["findings"] == []


def test_times_that_players_refuse_are_written_as_they_should_be(anyscribe: Program) -> None:
    write(anyscribe, a__srt="1\n0:0:6,5 --> 00:00:08.250\nThe ferry leaves at ten.\n\n")
    run = anyscribe("lint", "a.srt", "--select", "timestamp")
    assert run.text.endswith("0:0:6,5 --> 00:00:08.250: write them as 00:00:06,500 --> 00:00:08,250\n")
