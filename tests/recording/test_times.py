"""Subtitles and word times from servers that return bare text: the words are aligned with the audio here."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import Reply, json_reply
from missing import without
from tiling import assert_cues_hold_their_words
from truthful import TruthfulServer, library, write_wav

from anyscribe.cli.installation import install_command
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program, Terminal
    from truthful import Spoken

pytest.importorskip("hama")

WITHIN_MS = 80
WORDS = ["--timestamp-granularities", "word"]


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    """Return half a minute of speech whose every word is known."""
    return library()


@pytest.mark.parametrize("wanted", [ResponseFormat.SRT, ResponseFormat.VTT])
def test_bare_text_becomes_subtitles(
    anyscribe: Program, spoken: Spoken, recording: Path, wanted: ResponseFormat
) -> None:
    """A model that is known to return only json is asked for that at once, and the cues match the speech."""
    with TruthfulServer(spoken, formats=("json",)) as server:
        run = anyscribe(recording, "-f", wanted, "-m", "gpt-4o-transcribe", base_url=server.url)
        assert [heard.fields["response_format"] for heard in server.heard] == [["json"]]
        assert len(server.requests) == 1
    assert_cues_hold_their_words(run, spoken, wanted, within_ms=WITHIN_MS)
    assert run.err == ""


def test_a_server_that_is_found_to_answer_json_only(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If nothing is known of a model, its refusals decide; the subtitles are the same."""
    with TruthfulServer(spoken, formats=("json",)) as server:
        run = anyscribe(recording, "-f", "srt", "-m", "local-model", base_url=server.url)
        asked = [request.fields["response_format"][0] for request in server.requests]
    assert asked == ["srt", "verbose_json", "json"]
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


def test_subtitles_of_pieces(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Times are found piece by piece, and count from the recording's start."""
    with TruthfulServer(spoken, formats=("json",), max_ms=12_000) as server:
        run = anyscribe(recording, "-f", "srt", "-l", "en", "--max-seconds", "12", base_url=server.url)
        assert len(server.heard) > 2
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


def test_words_say_how_they_were_timed(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """verbose_json with word times has the text's own words, each near its spoken time, marked as aligned."""
    with TruthfulServer(spoken, formats=("json",)) as server:
        run = anyscribe(recording, "-f", "verbose_json", *WORDS, base_url=server.url)
    words = run.json["words"]
    assert [word["word"] for word in words] == [word.text for word in spoken.words]
    late_ms = [abs(word["start"] * 1000 - known.start_ms) for word, known in zip(words, spoken.words, strict=True)]
    assert sorted(late_ms)[len(late_ms) * 9 // 10] <= WITHIN_MS
    assert sum(word["timing"] == "aligned" for word in words) >= 0.9 * len(words)
    assert "segments" not in run.json


def test_segments_of_bare_text(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """verbose_json without word times has segments, which together hold the text."""
    with TruthfulServer(spoken, formats=("json",)) as server:
        run = anyscribe(recording, "-f", "verbose_json", base_url=server.url)
    segments = run.json["segments"]
    assert " ".join(segment["text"] for segment in segments) == spoken.text == run.json["text"]
    assert len(segments) > 3
    assert "words" not in run.json


def test_no_align_leaves_text_as_it_is(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """--no-align turns alignment off: one cue over the whole recording, with a warning."""
    with TruthfulServer(spoken, formats=("json",)) as server:
        run = anyscribe(recording, "-f", "srt", "--no-align", base_url=server.url)
    assert run.text.count("-->") == 1, run.err
    assert "no times are known" in run.err


def test_align_outdoes_a_servers_times(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """--align times the words anew if the server's times are off, in the segments that the server made."""
    words = [word.text for word in spoken.words]
    half = len(words) // 2
    middle = spoken.words[half].start_ms / 1000
    segments = [
        {"id": 0, "start": 0.9, "end": middle + 0.7, "text": " ".join(words[:half])},
        {"id": 1, "start": middle + 0.8, "end": spoken.duration_ms / 1000, "text": " ".join(words[half:])},
    ]
    reply = {"task": "transcribe", "duration": spoken.duration_ms / 1000, "text": spoken.text, "segments": segments}
    with TruthfulServer(spoken) as server:
        server.answer(json_reply(reply))
        flags = ["-f", "verbose_json", "-m", "whisper-1", *WORDS, "--timestamp-granularities", "segment"]
        run = anyscribe(recording, "--align", *flags, base_url=server.url)
    timed = run.json
    assert {word["timing"] for word in timed["words"]} <= {"aligned", "estimated"}
    assert [segment["text"] for segment in timed["segments"]] == [segment["text"] for segment in segments]
    starts_ms = [1000 * segment["start"] for segment in timed["segments"]]
    assert starts_ms == pytest.approx([spoken.words[0].start_ms, spoken.words[half].start_ms], abs=WITHIN_MS)


def test_a_stream_becomes_subtitles(
    anyscribe: Program, server: LoopbackServer, spoken: Spoken, recording: Path
) -> None:
    """--stream with srt requests text, shows it as it comes, and times its words when it is complete."""
    events = [{"type": "transcript.text.delta", "delta": spoken.text}, {"type": "transcript.text.done", "text": ""}]
    body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    server.answer(Reply(body=body, content_type="text/event-stream"))
    run = anyscribe(recording, "-f", "srt", "--stream", base_url=server.url)
    assert_cues_hold_their_words(run, spoken, within_ms=WITHIN_MS)


def test_without_the_aligner_times_are_estimated(
    anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path
) -> None:
    """Without the phoneme model there are still subtitles, and a hint on how to get exact times."""
    (tmp_path / "site").mkdir()
    with TruthfulServer(spoken, formats=("json",)) as server:
        env = without(tmp_path / "site", "hama")
        run = anyscribe(recording, "-f", "verbose_json", *WORDS, base_url=server.url, env=env)
    assert run.code == 0, run.err
    words = run.json["words"]
    assert {word["timing"] for word in words} == {"estimated"}
    late_ms = [abs(word["start"] * 1000 - known.start_ms) for word, known in zip(words, spoken.words, strict=True)]
    assert sum(late_ms) / len(late_ms) < 400
    assert f"for exact times: {install_command('local')}" in run.err


def test_estimates_go_in_short_pieces(anyscribe: Program, tmp_path: Path) -> None:
    """If words can only be timed by estimate, no piece is longer than half a minute, and the user is told."""
    spoken = library(3)
    recording = write_wav(tmp_path / "talk.wav", spoken)
    (tmp_path / "site").mkdir()
    with TruthfulServer(spoken, formats=("json",)) as server:
        env = without(tmp_path / "site", "hama")
        run = anyscribe(recording, "-f", "srt", base_url=server.url, env=env)
        longest = max(heard.end_sample - heard.start_sample for heard in server.heard)
        assert longest <= 30 * 16_000
    assert run.code == 0, run.err
    assert "estimated" in run.err


def test_a_damaged_model_leaves_estimates(anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path) -> None:
    """An answer that was paid for is not lost because the aligner cannot run: one line says why, and what to do."""
    fake = tmp_path / "site" / "hama"
    (fake / "assets").mkdir(parents=True)
    (fake / "__init__.py").touch()
    for name in ("asr_waveform.hama", "g2p_vocab.json"):
        (fake / "assets" / name).write_bytes(b"{}")
    with TruthfulServer(spoken, formats=("json",)) as server:
        env = {"PYTHONPATH": str(tmp_path / "site")}
        run = anyscribe(recording, "-f", "verbose_json", *WORDS, base_url=server.url, env=env)
    assert run.code == 0, run.err
    assert {word["timing"] for word in run.json["words"]} == {"estimated"}
    assert "install hama==1.7.0 again" in run.err


def test_a_terminal_shows_what_takes_time(terminal: Terminal, spoken: Spoken, recording: Path) -> None:
    """On a terminal a bar shows the server's work and then the alignment; for pieces, the progress in the recording."""
    with TruthfulServer(spoken, formats=("json",), speed=60) as server:
        flags = ["-f", "srt", "-o", "talk.srt"]
        whole = terminal(recording, *flags, base_url=server.url)
        pieces = terminal(recording, *flags, "--overwrite", "--max-seconds", "12", base_url=server.url)
    assert (whole.code, pieces.code) == (0, 0)
    assert "the server is working on" in whole.text
    assert "timing the words of" in whole.text
    assert "/35 s [" in pieces.text
    assert "talk.srt" in whole.text


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_is_no_failure_of_the_text(anyscribe: Program, tmp_path: Path, number: int) -> None:
    """An interrupted alignment is not reported as words that do not fit the audio."""
    spoken = library(9)
    recording = write_wav(tmp_path / "talk.wav", spoken)
    flags = ("-f", "srt", "--language", "en", "--max-seconds", "150")
    with TruthfulServer(spoken) as server, anyscribe.start(recording, *flags, base_url=server.url) as process:
        while not server.heard and process.poll() is None:
            time.sleep(0.01)
        # Five minutes take at least two seconds to align, and the workers are ready after half a second.
        time.sleep(1)
        if process.poll() is not None:
            pytest.skip("this machine was done too soon")
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (128 + number, b"")
    assert "align with the sound" not in err.decode()


def test_stream_without_align_is_refused(anyscribe: Program, server: LoopbackServer, recording: Path) -> None:
    """A stream has no times; with --no-align, this is reported before anything is sent."""
    error = the_error(
        anyscribe(recording, "-f", "srt", "--stream", "--no-align", "-m", "whisper-1", base_url=server.url), 2
    )
    assert "--stream" in error
    assert server.requests == []
