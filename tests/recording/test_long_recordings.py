"""Recordings that a server does not accept unchanged: cut, sent in pieces, and stitched as if never cut."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import Reply, json_reply
from tiling import assert_whole
from truthful import TruthfulServer

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program
    from truthful import Spoken

PLACE = re.compile(r"\d\d:\d\d:\d\d\u2013\d\d:\d\d:\d\d")


def test_what_fits_is_sent_as_it_is(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """A recording within all limits, in a container of the contract, is sent byte for byte."""
    with TruthfulServer(spoken) as server:
        run = anyscribe(recording, "-f", "json", base_url=server.url)
        (request,) = server.requests
    assert run.json["text"] == spoken.text, run.err
    part = request.part("file")
    assert (part.filename, part.body) == ("talk.wav", recording.read_bytes())


@pytest.mark.parametrize("jobs", [1, 3])
def test_pieces_hold_every_sample_once(anyscribe: Program, spoken: Spoken, recording: Path, jobs: int) -> None:
    """A recording that is too long is cut in pauses, and its text is complete, for any number of jobs."""
    with TruthfulServer(spoken, max_ms=11_000, speed=200) as server:
        run = anyscribe(recording, "--max-seconds", "11", "-j", str(jobs), base_url=server.url)
        assert_whole(server, spoken)
        assert len(server.heard) >= 4
        assert server.most_at_once <= jobs
    assert (run.code, run.text.strip()) == (0, spoken.text), run.err
    assert all(heard.filename == "recording.flac" for heard in server.heard)


def test_a_limit_in_bytes_is_learned(anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path) -> None:
    """After a 413 the recording is cut and sent again automatically, and the next recording is spared the refusal."""
    shutil.copy(recording, tmp_path / "other.wav")
    with TruthfulServer(spoken, max_bytes=900_000) as server:
        run = anyscribe(recording, tmp_path / "other.wav", "-j", "1", base_url=server.url)
        refused = [request for request in server.requests if request.length > 900_000]
    assert run.code == 0, run.err
    assert [(tmp_path / name).read_text().strip() for name in ("talk.txt", "other.txt")] == [spoken.text] * 2
    assert len(refused) == 1
    assert "is cut to what the server takes" in run.err


def test_a_limit_in_seconds_is_learned(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """After a 400 that names the longest audio, the recording is cut to that length."""
    with TruthfulServer(spoken, max_ms=30_000) as server:
        run = anyscribe(recording, base_url=server.url)
        assert_whole(server, spoken)
        assert len(server.requests) == len(server.heard) + 1
    assert (run.code, run.text.strip()) == (0, spoken.text), run.err


def test_a_limit_that_is_not_told_is_guessed(anyscribe: Program, server: LoopbackServer, recording: Path) -> None:
    """If a proxy answers a bare 413, less is sent; if that is still too much, the error names the flag."""
    server.answer(Reply(413, b"<html>413 Request Entity Too Large</html>", "text/html"), json_reply({"text": "yes"}))
    run = anyscribe(recording, "--no-align", base_url=server.url)
    assert run.code == 0, run.err
    sizes = [request.length for request in server.requests]
    assert sizes[0] > 1_000_000
    assert all(size <= 1_000_000 for size in sizes[1:])
    server.answer(Reply(413))
    error = the_error(anyscribe(recording, base_url=server.url), 1)
    assert "--max-upload" in error


def test_times_count_from_the_recording(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Words and segments of pieces get their times in the whole; ids, usage, language and duration are the whole's."""
    with TruthfulServer(spoken, formats=("verbose_json",)) as server:
        run = anyscribe(
            recording,
            "-f",
            "verbose_json",
            "--max-seconds",
            "11",
            "-m",
            "whisper-1",
            "--timestamp-granularities",
            "word",
            "--timestamp-granularities",
            "segment",
            base_url=server.url,
        )
        pieces = len(server.heard)
        seconds = sum(-(-(heard.end_sample - heard.start_sample) // 16_000) for heard in server.heard)
    reply = run.json
    assert reply["text"] == spoken.text
    assert reply["language"] == "english"
    assert reply["duration"] == spoken.duration_ms / 1000
    assert [segment["id"] for segment in reply["segments"]] == list(range(pieces))
    assert reply["usage"]["seconds"] == pytest.approx(seconds, abs=1)
    assert [word["word"] for word in reply["words"]] == [word.text for word in spoken.words]
    for word, known in zip(reply["words"], spoken.words, strict=True):
        assert word["timing"] == "server"
        assert word["start"] * 1000 == pytest.approx(known.start_ms, abs=2)


def test_a_piece_that_fails_names_its_place(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """The recording fails with the times of the piece that failed, and reports what is kept; nothing is written."""
    with TruthfulServer(spoken, max_ms=11_000) as server:
        answer = server.truth

        def fail_second(request: Request) -> Reply:
            return answer(request) if len(server.heard) != 1 else json_reply({"error": {"message": "no luck"}}, 500)

        server.answer(fail_second)
        run = anyscribe(recording, "--max-seconds", "11", "-j", "1", "--retries", "0", base_url=server.url)
    error = the_error(run, 5)
    assert "no luck" in error
    assert PLACE.search(error)
    assert any("kept: 00:00:00" in line for line in run.err_lines)
    assert run.out == b""


def test_original_is_never_touched(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """With --upload original, the server's refusal is final."""
    with TruthfulServer(spoken, max_ms=11_000) as server:
        error = the_error(anyscribe(recording, "--upload", "original", base_url=server.url), 1)
        assert len(server.requests) == 1
    assert "11 seconds" in error


@pytest.mark.parametrize(("upload", "filename"), [("flac", "recording.flac"), ("opus", "recording.ogg")])
def test_what_is_sent_can_be_chosen(
    anyscribe: Program, server: LoopbackServer, recording: Path, upload: str, filename: str
) -> None:
    """--upload flac and opus also convert a recording that would fit, in one piece, and -v gives the reason."""
    run = anyscribe(recording, "--upload", upload, "-v", base_url=server.url)
    (request,) = server.requests
    assert run.text == "hello\n", run.err
    assert request.part("file").filename == filename
    assert request.length < recording.stat().st_size / (1.5 if upload == "flac" else 5)
    assert f"--upload {upload}" in run.err


@pytest.mark.parametrize("name", ["hello.mkv", "hello.mov", "film.mp4"])
def test_only_sound_is_sent_and_only_in_known_containers(
    anyscribe: Program, server: LoopbackServer, media: Path, name: str
) -> None:
    """Matroska, QuickTime and films are sent as FLAC of their audio."""
    run = anyscribe(media / name, "-v", base_url=server.url)
    (request,) = server.requests
    assert run.text == "hello\n", run.err
    assert request.part("file").filename == "recording.flac"
    assert request.part("file").body[:4] == b"fLaC"
    assert "it is converted: " in run.err


def test_live_text_keeps_the_order(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Streamed text is emitted in the order of the recording, although the first piece takes longest."""
    with TruthfulServer(spoken, max_ms=11_000) as server:
        answer = server.truth

        def slower_at_first(request: Request) -> Reply:
            text = answer(request).body.decode().strip()
            is_first = server.heard[-1].start_sample == 0
            deltas = [{"type": "transcript.text.delta", "delta": part} for part in re.findall(r"\s*\S+", text)]
            events = [*deltas, {"type": "transcript.text.done", "text": text}]
            body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
            return Reply(body=body, content_type="text/event-stream", delay_s=1.0 if is_first else 0)

        server.answer(slower_at_first)
        run = anyscribe(recording, "--stream", "--max-seconds", "11", "-j", "4", base_url=server.url)
    assert (run.code, run.text.strip()) == (0, spoken.text), run.err


def test_temporary_files_go(anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path) -> None:
    """Pieces are in a private folder while they are needed, and are deleted after success, failure and Ctrl-C."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {"TMPDIR": str(scratch)}
    with TruthfulServer(spoken, max_ms=11_000) as server:
        assert anyscribe(recording, "--max-seconds", "11", base_url=server.url, env=env).code == 0
        assert list(scratch.iterdir()) == []
    with TruthfulServer(spoken, formats=()) as server:
        assert anyscribe(recording, "--max-seconds", "11", base_url=server.url, env=env).code == 1
        assert list(scratch.iterdir()) == []
    with TruthfulServer(spoken, max_ms=11_000, speed=1) as server:
        with anyscribe.start(recording, "--max-seconds", "11", base_url=server.url, env=env) as process:
            server.wait_for_requests(3)
            (folder,) = scratch.iterdir()
            assert folder.stat().st_mode & 0o077 == 0
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130
            assert time.monotonic() - began < 5
        assert list(scratch.iterdir()) == []


def test_a_piece_that_is_too_large_is_cut_again(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If the server accepts less than was known, only that piece is cut again; the others use the new limit."""
    with TruthfulServer(spoken, max_ms=6_000) as server:
        run = anyscribe(recording, "--max-seconds", "20", "-j", "1", base_url=server.url)
        assert_whole(server, spoken)
        assert len(server.requests) == len(server.heard) + 1
    assert (run.code, run.text.strip()) == (0, spoken.text), run.err


@pytest.mark.parametrize(
    ("flags", "flag"),
    [
        (["--max-upload", "much"], "--max-upload"),
        (["--max-seconds", "0.2"], "--max-seconds"),
        (["--max-seconds", "nan"], "--max-seconds"),
        (["--upload", "wav"], "--upload"),
        (["--max-cps", "0"], "--max-cps"),
        (["--min-cue-seconds", "0"], "--min-cue-seconds 0"),
        (["--min-cue-seconds", "8"], "--min-cue-seconds is longer than --max-cue-seconds 7"),
        (["--max-upload", "2000"], "--max-upload"),
        (["--strict", "--no-check"], "--no-check"),
    ],
)
def test_impossible_limits_are_refused(
    anyscribe: Program, server: LoopbackServer, recording: Path, flags: list[str], flag: str
) -> None:
    """An invalid limit, or one below a second of audio, is refused before anything is sent, with the flag's name."""
    error = the_error(anyscribe(recording, *flags, base_url=server.url), 2)
    assert flag in error
    assert server.requests == []
