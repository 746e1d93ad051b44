"""``anyscribe align``: a text that one has becomes subtitles or word times."""

from __future__ import annotations

import json
import re
import struct
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("hama")

from failures import the_error
from missing import without

import anyscribe as package
from anyscribe.errors import UsageError
from anyscribe.formats import srt
from anyscribe.formats.documents import read_document
from anyscribe.recording.retiming import fit_shift

if TYPE_CHECKING:
    from pathlib import Path

    from programs import Program

WORDS = ("-f", "verbose_json", "--timestamp-granularities", "word,segment")
CLOSE_MS = 200


@pytest.fixture
def talk(anyscribe: Program, media: Path) -> Path:
    """Return a recording in the program's folder."""
    path = anyscribe.cwd / "talk.flac"
    path.write_bytes((media / "aligned" / "slt.flac").read_bytes())
    return path


@pytest.fixture
def truth(media: Path) -> list[tuple[str, int | None]]:
    """Return what is said in it, with onsets."""
    return [tuple(one) for one in json.loads((media / "aligned" / "slt.json").read_text(encoding="utf-8"))]


@pytest.fixture
def script(anyscribe: Program, media: Path) -> Path:
    path = anyscribe.cwd / "talk.txt"
    path.write_bytes((media / "aligned" / "slt.txt").read_bytes())
    return path


def timestamp(time_ms: float) -> str:
    time_ms = round(time_ms)
    return f"{time_ms // 3_600_000:02}:{time_ms // 60_000 % 60:02}:{time_ms // 1000 % 60:02},{time_ms % 1000:03}"


def subtitles(truth: list[tuple[str, int | None]], speed: float = 1.0, offset_ms: float = 0) -> str:
    """Return cues of four words in two lines, with true times that are moved."""
    cues = []
    for number, first in enumerate(range(0, len(truth), 4), 1):
        words = truth[first : first + 4]
        start_ms = next(onset for _, onset in words if onset is not None) * speed + offset_ms
        lines = " ".join(word for word, _ in words[:2]), " ".join(word for word, _ in words[2:])
        text = "\n".join(filter(None, lines))
        cues.append(f"{number}\n{timestamp(start_ms)} --> {timestamp(start_ms + 900 * speed)}\n{text}\n")
    return "\n".join(cues)


def test_a_text_becomes_subtitles(anyscribe: Program, talk: Path, script: Path, truth) -> None:
    """SubRip by default: the whole text, in cues that begin when their first word is said."""
    run = anyscribe("align", talk, script)
    assert run.code == 0, run.err
    cues = srt.parse(run.text)
    assert cues.text.split() == script.read_text(encoding="utf-8").split()
    place = 0
    for cue in cues.segments:
        onset_ms = truth[place][1]
        assert onset_ms is None or abs(cue.start_ms - onset_ms) <= CLOSE_MS
        place += len(cue.text.split())


def test_files_at_addresses(anyscribe: Program, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recording, text and result may be elsewhere; what cannot be read there is told before the work."""
    memory = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem()
    aligned = media / "aligned"
    for name in ("slt.flac", "slt.txt"):
        memory.pipe_file(f"/talks/{name}", (aligned / name).read_bytes())
    run = anyscribe("align", "memory://talks/slt.flac", "memory://talks/slt.txt", "-o", "memory://cues/slt.vtt")
    assert run.code == 0, run.err
    assert memory.cat_file("/cues/slt.vtt").startswith(b"WEBVTT")
    again = anyscribe("align", (aligned / "slt.flac").as_uri(), "memory://cues/slt.vtt", "--only-shift")
    assert again.text.startswith("WEBVTT")
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    for name, reason in (("memory://talks/none.txt", "there is no such file or folder"), ("gs://b/a.txt", "[gcs]")):
        refused = anyscribe("align", "memory://talks/slt.flac", name)
        assert refused.code == 2
        assert reason in refused.err


def test_a_text_becomes_word_times(anyscribe: Program, talk: Path, script: Path, truth) -> None:
    """verbose_json has the text's own words, each near its time."""
    run = anyscribe("align", talk, script, *WORDS, "-l", "en")
    words = run.json["words"]
    assert [word["word"] for word in words] == [text for text, _ in truth]
    late = [abs(word["start"] * 1000 - onset) for word, (_, onset) in zip(words, truth, strict=True) if onset]
    assert sorted(late)[len(late) * 9 // 10] <= CLOSE_MS


@pytest.mark.parametrize(("speed", "offset_ms"), [(1.0, 0), (1.0, 90_000), (25 / 23.976, 0), (1.3, 500)])
def test_cues_get_new_times_one_by_one(anyscribe: Program, talk: Path, truth, speed: float, offset_ms: float) -> None:
    """Whatever their drift, offset or frame rate, cues keep text and line breaks, and begin when they are said."""
    (anyscribe.cwd / "old.srt").write_text(subtitles(truth, speed, offset_ms), encoding="utf-8")
    run = anyscribe("align", talk, "old.srt")
    assert run.code == 0, run.err
    old, new = srt.parse(subtitles(truth)).segments, srt.parse(run.text).segments
    assert [cue.text for cue in new] == [cue.text for cue in old]
    late = sorted(abs(one.start_ms - true.start_ms) for one, true in zip(new, old, strict=True))
    assert late[len(late) * 8 // 10] <= CLOSE_MS
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(new))


def test_cues_become_another_format(anyscribe: Program, talk: Path, truth) -> None:
    """WebVTT keeps the cues too, and JSON has them as segments."""
    (anyscribe.cwd / "old.srt").write_text(subtitles(truth), encoding="utf-8")
    vtt = anyscribe("align", talk, "old.srt", "-o", "new.vtt")
    assert vtt.code == 0, vtt.err
    written = (anyscribe.cwd / "new.vtt").read_text(encoding="utf-8")
    assert written.startswith("WEBVTT")
    assert written.count("-->") == subtitles(truth).count("-->")
    run = anyscribe("align", talk, "old.srt", *WORDS)
    assert len(run.json["segments"]) == written.count("-->")


def test_only_shift_moves_all_cues_alike(anyscribe: Program, talk: Path, truth) -> None:
    """One offset is found, and gaps and lengths stay."""
    (anyscribe.cwd / "old.srt").write_text(subtitles(truth, offset_ms=7_300), encoding="utf-8")
    run = anyscribe("align", talk, "old.srt", "--only-shift")
    assert run.code == 0, run.err
    shifted, true = srt.parse(run.text).segments, srt.parse(subtitles(truth)).segments
    moves = {one.start_ms - known.start_ms for one, known in zip(shifted, true, strict=True) if one.start_ms}
    assert max(moves) - min(moves) <= 1
    assert abs(max(moves)) <= 100


@pytest.mark.parametrize("flags", [[], ["--only-shift"]])
def test_one_cue_may_cover_the_whole_recording(anyscribe: Program, talk: Path, script: Path, flags: list[str]) -> None:
    """Its time says nothing, but it stays a cue."""
    text = " ".join((anyscribe.cwd / script).read_text(encoding="utf-8").split())
    (anyscribe.cwd / "old.srt").write_text(f"1\n00:00:00,000 --> 00:10:00,000\n{text}\n", encoding="utf-8")
    run = anyscribe("align", talk, "old.srt", "-f", "srt", *flags)
    assert run.code == 0, run.err
    assert "-->" in run.text


@pytest.mark.parametrize("speed", [1.0, 25 / 23.976, 24 / 25, 1.0123])
def test_offset_and_speed_are_found_although_some_times_are_wrong(speed: float) -> None:
    """A fifth of the cues may be elsewhere; the usual speeds of films are found exactly."""
    noise = [20_000 if place % 5 == 2 else 40 * (place % 3 - 1) for place in range(150)]
    pairs = [(4_000 * place, round(4_000 * place * speed + 1_500) + wrong) for place, wrong in enumerate(noise)]
    found, offset_ms = fit_shift(pairs)
    assert found == pytest.approx(speed, abs=2e-4)
    assert offset_ms == pytest.approx(1_500, abs=100)


def test_the_text_may_come_from_standard_input(anyscribe: Program, talk: Path, script: Path) -> None:
    """- is the text, or the recording, but not both."""
    run = anyscribe("align", talk, "-", stdin=script.read_bytes())
    assert run.code == 0, run.err
    assert run.text == anyscribe("align", talk, script).text
    piped = anyscribe("align", "-", script, stdin=talk.read_bytes())
    assert piped.text == run.text
    the_error(anyscribe("align", "-", "-"), 2)


def test_a_text_of_another_recording_is_told(anyscribe: Program, talk: Path, media: Path) -> None:
    """It names what is not in the recording; with --strict the exit code is 7. Words do not pile up."""
    run = anyscribe("align", talk, media / "aligned" / "rms.txt", *WORDS, "--strict")
    assert run.code == 7
    assert "text that is not in the audio" in run.err
    starts = [word["start"] for word in run.json["words"]]
    assert len(set(starts)) >= 0.9 * len(starts)


def test_part_of_the_text_may_not_be_said(anyscribe: Program, talk: Path, script: Path) -> None:
    """A paragraph that is not in the recording is told, and the rest keeps its times."""
    text = script.read_text(encoding="utf-8")
    more = "Subscribe to our newsletter, because every morning seventeen volcanic giraffes juggle purple umbrellas."
    script.write_text(f"{text}\n\n{more}\n", encoding="utf-8")
    run = anyscribe("align", talk, script, *WORDS)
    assert run.code == 0
    assert "newsletter" in run.err


@pytest.mark.parametrize(("name", "content"), [("empty.txt", b""), ("blank.txt", b" \n\t\n")])
def test_texts_that_cannot_be_used_are_told(anyscribe: Program, talk: Path, name: str, content: bytes) -> None:
    """One line, before the recording is read."""
    (anyscribe.cwd / name).write_bytes(content)
    assert "there is no text" in the_error(anyscribe("align", talk, name), 2)


def test_missing_files_are_told(anyscribe: Program, talk: Path, script: Path) -> None:
    """The recording is exit code 6, the text 2."""
    the_error(anyscribe("align", "no.wav", script), 6)
    assert "no.txt" in the_error(anyscribe("align", talk, "no.txt"), 2)
    assert "--only-shift" in the_error(anyscribe("align", talk, script, "--only-shift"), 2)


def test_without_the_extra_it_says_what_to_install(
    anyscribe: Program, talk: Path, script: Path, tmp_path: Path
) -> None:
    """Estimates would be no alignment."""
    (tmp_path / "site").mkdir()
    run = anyscribe("align", talk, script, env=without(tmp_path / "site", "hama"))
    assert "[local]" in the_error(run, 2)


def test_an_existing_file_stays(anyscribe: Program, talk: Path, script: Path) -> None:
    """Unless --overwrite is given."""
    (anyscribe.cwd / "talk.srt").write_text("mine", encoding="utf-8")
    anyscribe("align", talk, script, "-o", "talk.srt")
    assert (anyscribe.cwd / "talk.srt").read_text(encoding="utf-8") == "mine"
    anyscribe("align", talk, script, "-o", "talk.srt", "--overwrite")
    assert "-->" in (anyscribe.cwd / "talk.srt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("document", "extension", "text"),
    [
        ("Hello\nyou.", ".txt", "Hello you."),
        ("\ufeffHello.", ".txt", "Hello."),
        ("# Title\n\n- *one* [two](http://x)\n```\ncode\n```\n---\n> three", ".md", "Title one two three"),
        ("**0:00** Hello.\n\n1:02:03 You.", ".md", "Hello. You."),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello", ".vtt", "Hello"),
        ('{"text": "Hello you."}', ".json", "Hello you."),
    ],
)
def test_any_document_is_read(document: str, extension: str, text: str) -> None:
    """Its text is what is read aloud."""
    assert re.sub(r"\s+", " ", read_document(document, extension).text).strip() == text


@pytest.mark.parametrize("output_format", ["text", "json", "md", "verbose_json"])
def test_subtitles_become_any_format(anyscribe: Program, talk: Path, truth, output_format: str) -> None:
    """Also one that has no times."""
    (anyscribe.cwd / "old.srt").write_text(subtitles(truth), encoding="utf-8")
    run = anyscribe("align", talk, "old.srt", "-f", output_format)
    assert run.code == 0, run.err
    assert "well-known" in run.text


def test_a_document_whose_segments_lack_text_is_taken_as_text(anyscribe: Program, talk: Path, truth) -> None:
    """No word is lost because a segment is missing."""
    text = " ".join(word for word, _ in truth)
    segment = {"start": 0.0, "end": 2.0, "text": " ".join(word for word, _ in truth[:5])}
    (anyscribe.cwd / "talk.json").write_text(json.dumps({"text": text, "segments": [segment]}), encoding="utf-8")
    run = anyscribe("align", talk, "talk.json", *WORDS)
    assert run.code == 0, run.err
    assert [word["word"] for word in run.json["words"]] == [word for word, _ in truth]


def test_sound_that_cannot_be_decoded_is_a_failure(anyscribe: Program, script: Path) -> None:
    """An answer that cost nothing is given up: cues without times would look like a result."""
    write_wav(anyscribe.cwd / "odd.wav", format_tag=0x0131)
    run = anyscribe("align", "odd.wav", script)
    assert run.text == ""
    the_error(run, 6)


def write_wav(path: Path, format_tag: int) -> None:
    """Write a WAV whose samples are in a codec that FFmpeg knows by number at most."""
    data = bytes(range(256)) * 200
    sound = struct.pack("<HHIIHH", format_tag, 1, 16_000, 32_000, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(sound)) + sound + b"data" + struct.pack("<I", len(data))
    header = b"RIFF" + struct.pack("<I", 4 + len(chunks) + len(data)) + b"WAVE" + chunks
    path.write_bytes(header + data)


def test_programs_can_align_too(talk: Path, truth) -> None:
    """The same in Python, for text and for subtitles."""
    plain = package.align(talk, " ".join(text for text, _ in truth), language="en")
    assert [word.text for word in plain.words] == [text for text, _ in truth]
    cues = package.align(talk, subtitles(truth, offset_ms=5_000), only_shift=True)
    assert len(cues.segments) == subtitles(truth).count("-->")
    assert abs(cues.segments[1].start_ms - truth[4][1]) <= CLOSE_MS
    with pytest.raises(UsageError, match="no text"):
        package.align(talk, " ")
    with pytest.raises(UsageError, match="has none"):
        package.align(talk, "The ferry leaves", only_shift=True)


def test_names_and_descriptions_take_no_time(anyscribe: Program, talk: Path, truth: list[tuple[str, int | None]]):
    """A cue with a name starts with its first word, and one with a description alone stays between the others."""
    bare = subtitles(truth)
    anyscribe("align", talk, "-", "-o", "bare.srt", stdin=bare.encode())
    numbers = iter(range(len(truth)))
    marks = ("MARIA: ", "[sighs] ", "- (softly) ", "")
    told = re.sub(r"(?<=\d{3}\n)(?=\D)", lambda _: marks[next(numbers) % len(marks)], bare)
    assert "MARIA: " in told
    run = anyscribe("align", talk, "-", "-o", "told.srt", stdin=told.encode())
    assert (run.code, run.err_lines) == (0, [f"anyscribe: {talk} → told.srt"])
    plain, marked = (srt.parse((anyscribe.cwd / name).read_text()).segments for name in ("bare.srt", "told.srt"))
    assert [one.start_ms for one in marked] == [one.start_ms for one in plain]
    assert [one.text for one in marked] == [one.text for one in srt.parse(told).segments]


def test_sound_is_no_text(anyscribe: Program, talk: Path) -> None:
    """A file that is no text, whatever its name says, is refused before the recording is heard."""
    (anyscribe.cwd / "talk.srt").write_bytes(b"OggS\0\2\0\0" + bytes(range(256)) * 8)
    assert "talk.srt: it is no text" in the_error(anyscribe("align", talk, "talk.srt"), 2)
