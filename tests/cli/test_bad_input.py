"""Bad input: each kind gets one line with the problem and the remedy, its exit code, and no partial output."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from circumstances import SAMPLE, listing, place
from loopback import Fault, Reply, json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program

CUT = "copy it again, or convert the readable part with a tool such as ffmpeg"
NO_MEDIA = "it may be cut off, or not a media file; check if a player plays it"
BAD = {
    "gone.mp3": ("no such file", "check the path"),
    "none": ("no recordings in this folder", "recordings are found by their file extension; --recursive "),
    "text.mp3": ("it is not a readable audio file (Invalid data ", NO_MEDIA),
    "noise.ogg": ("it is not a readable audio file (", NO_MEDIA),
    "empty.wav": ("the file is empty", "check how it was made or copied"),
    "truncated.mp4": ("it is not a readable audio file (Invalid data ", NO_MEDIA),
    "truncated.flac": ("the recording is cut off (2.3 s are promised, it ends at ", CUT),
    "cut.wav": ("the recording is cut off (72,684 bytes are promised, 48,456 are there)", CUT),
    "cut.mp3": ("the recording is cut off (9,7", CUT),
    "cut.mkv": ("the recording is cut off (2.3 s are promised, it ends at ", CUT),
    "no_audio.mp4": ("it has no audio track", "it has nothing to transcribe"),
}
"""Each kind, with the expected problem and remedy."""

SILENCE = {"task": "transcribe", "language": "en", "duration": 3.0, "text": "", "segments": []}


@pytest.fixture
def broken(tmp_path: Path, media: Path) -> Path:
    """Return a folder with bad input of every kind, alone in the test's temporary folder."""
    folder = tmp_path / "broken"
    for name in ("empty.wav", "no_audio.mp4", "text.mp3", "truncated.flac", "truncated.mp4"):
        place(folder, name, sample=media / name)
    for name in ("hello.wav", "hello.mp3", "hello.mkv"):
        whole = (media / name).read_bytes()
        (folder / f"cut.{name[-3:]}").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "noise.ogg").write_bytes(bytes(range(256)) * 40)
    (folder / "none").mkdir()
    (folder / "none" / "notes.txt").write_text("no media", encoding="utf-8")
    return folder


@pytest.mark.parametrize("place_flag", ["--local", "--base-url"])
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_recording(anyscribe: Program, server: LoopbackServer, broken: Path, place_flag: str, name: str):
    """Input that cannot be read as audio is detected here, before it is sent anywhere, and leaves no file."""
    what, what_to_do = BAD[name]
    before = listing(broken.parent)
    where = ["--local", "--model", "tiny.en"] if place_flag == "--local" else ["--base-url", server.url]
    run = anyscribe(f"broken/{name}", *where, "-f", "srt", "-f", "text", "-d", "out")
    assert (run.code, run.out, len(run.err_lines), server.requests) == (6, b"", 1, [])
    assert run.err.startswith(f"anyscribe: error: broken/{name}: {what}")
    assert f": {what_to_do}" in run.err
    assert listing(broken.parent) == before
    assert not (broken.parent / "out").exists()


def test_bad_input_through_a_pipe(anyscribe: Program, server: LoopbackServer, media: Path):
    """Input from a pipe is checked like a file, and is called standard input."""
    for recording, what in {"empty.wav": "the file is empty", "no_audio.mp4": "it has no audio track"}.items():
        run = anyscribe("-", stdin=(media / recording).read_bytes(), base_url=server.url)
        assert (run.code, run.out, len(run.err_lines), server.requests) == (6, b"", 1, [])
        assert run.err.startswith(f"anyscribe: error: standard input: {what}: ")


def test_all_bad_together(anyscribe: Program, server: LoopbackServer, broken: Path, tmp_path: Path):
    """Bad recordings among good ones are each named, and do not affect the good ones."""
    place(broken, "good.ogg")
    run = anyscribe(broken, "-d", "out", "--suffix", "full", base_url=server.url)
    assert (run.code, len(server.requests), listing(tmp_path / "out")) == (3, 1, ["good.ogg.txt"])
    failed = ", ".join(line for line in run.err_lines if line.startswith("anyscribe: failed: "))
    assert sum(f"{broken.name}/{name}" in failed for name in BAD) == 9


def test_traceback_only_for_who_asks(anyscribe: Program, server: LoopbackServer, media: Path):
    """A traceback is shown with -vv and not otherwise, for a failed recording and for a wrong command line."""
    for flags, shown in (([], False), (["-v"], False), (["-vv"], True)):
        run = anyscribe(media / "text.mp3", *flags, base_url=server.url)
        assert (run.code, "Traceback (most recent call last)" in run.err) == (6, shown)
    usage = anyscribe(media / "text.mp3", "-vv", "-o", "x", "-d", "y", base_url=server.url)
    assert (usage.code, "Traceback (most recent call last)" in usage.err) == (2, True)


def test_silence_is_heard_as_nothing(anyscribe: Program, media: Path, tmp_path: Path):
    """For silence, the built-in engine writes empty text and valid subtitles without a cue, which is a success."""
    formats = [flag for form in ("text", "srt", "vtt", "verbose_json") for flag in ("-f", form)]
    run = anyscribe("--local", "--model", "tiny.en", media / "silence.flac", *formats, "-d", ".", "-q")
    assert (run.code, run.out, run.err) == (0, b"", "")
    assert [(tmp_path / f"silence.{extension}").read_bytes() for extension in ("txt", "srt", "vtt")] == [
        b"",
        b"",
        b"WEBVTT\n",
    ]
    assert json.loads((tmp_path / "silence.json").read_bytes()) == SILENCE


def test_silence_from_a_server(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path):
    """If a server finds no speech, the files are the same, and no warning about missing times is printed."""
    server.answer(json_reply(SILENCE))
    formats = [flag for form in ("text", "srt", "vtt", "json") for flag in ("-f", form)]
    run = anyscribe(media / "silence.flac", *formats, "-d", ".", base_url=server.url)
    assert (run.code, len(run.err_lines), len(server.requests)) == (0, 4, 1)
    assert [(tmp_path / f"silence.{extension}").read_bytes() for extension in ("txt", "srt", "vtt")] == [
        b"",
        b"",
        b"WEBVTT\n",
    ]
    assert json.loads((tmp_path / "silence.json").read_bytes()) == {"text": ""}
    alone = anyscribe(media / "silence.flac", base_url=server.url)
    assert (alone.code, alone.out, alone.err) == (0, b"", "")


def test_file_that_vanishes_before_its_turn(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A file that disappears between the start of the run and its turn is a failure like a missing one."""
    place(tmp_path, "a.ogg", "b.ogg")

    def remove(_: Request) -> Reply:
        (tmp_path / "b.ogg").unlink()
        return json_reply({"text": "hello"})

    server.answer(remove)
    run = anyscribe("a.ogg", "b.ogg", "-j1", base_url=server.url)
    assert (run.code, listing(tmp_path), len(server.requests)) == (3, ["a.ogg", "a.txt"], 1)
    assert run.err_lines[-1] == "anyscribe: failed: b.ogg"


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_reply_that_never_comes_can_be_interrupted(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Ctrl-C while the server works on a single recording ends the program with 130, in at most one line."""
    place(tmp_path, "a.ogg")
    server.answer(Reply(fault=Fault.HANG))
    with anyscribe.start("a.ogg", base_url=server.url) as process:
        server.wait_for_requests(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert len(err.splitlines()) <= 1


def test_wrong_extension_is_no_bad_input(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A recording with another extension, or none, is still a recording, and the server gets its bytes."""
    place(tmp_path, "no-extension")
    assert anyscribe("no-extension", base_url=server.url).text == "hello\n"
    part = server.requests[0].part("file")
    assert (part.filename, part.body) == ("recording.ogg", SAMPLE.read_bytes())
