"""Every result is checked against the audio: missing speech and loops are reported, and --strict counts them."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from loopback import Reply, json_reply
from truthful import SAMPLES, TruthfulServer

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program
    from truthful import Spoken

EMPTY = re.compile(r"talk\.wav: (\d\d):(\d\d):(\d\d)\u2013(\d\d):(\d\d):(\d\d) sounds like speech, but")


def words_outside(spoken: Spoken, start_ms: int, end_ms: int) -> Reply:
    """Answer with all words and their times, except those in one span."""
    kept = [word for word in spoken.words if not start_ms <= word.start_ms < end_ms]
    words = [{"word": word.text, "start": word.start_ms / 1000, "end": word.end_ms / 1000} for word in kept]
    text = " ".join(word.text for word in kept)
    return json_reply({"task": "transcribe", "duration": spoken.duration_ms / 1000, "text": text, "words": words})


def test_right_transcripts_are_not_doubted(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If all speech is in the transcript, nothing is reported, and --strict changes nothing."""
    with TruthfulServer(spoken) as server:
        for flags in ([], ["-f", "json"], ["--max-seconds", "20"]):
            run = anyscribe(recording, *flags, "--strict", base_url=server.url)
            assert (run.code, run.err) == (0, "")


def test_speech_without_text_is_told_with_its_times(
    anyscribe: Program, server: LoopbackServer, spoken: Spoken, recording: Path
) -> None:
    """Speech without a word in the answer is reported with its times; the result is still written."""
    server.answer(words_outside(spoken, 10_000, 25_000))
    run = anyscribe(recording, "-f", "verbose_json", "-m", "whisper-1", base_url=server.url)
    assert run.code == 0
    assert run.json["text"]
    (line,) = run.err_lines
    found = EMPTY.search(line)
    assert found, line
    hours, minutes, seconds, _, end_minutes, end_seconds = map(int, found.groups())
    assert (hours, minutes) == (0, 0)
    assert 8 <= seconds <= 13
    assert 22 <= 60 * end_minutes + end_seconds <= 27


ODD = {
    "has a word without a length: ": (0, None),
    "has a word of 4.5 s with a probability of 5%: ": (4.5, 0.05),
}


@pytest.mark.parametrize("finding", ODD)
def test_odd_words_of_a_server_are_told(
    anyscribe: Program, server: LoopbackServer, spoken: Spoken, recording: Path, finding: str
) -> None:
    """A word of 0 ms, or of seconds with a low probability, is told with its place, and --strict gives 7."""
    words = [{"word": word.text, "start": word.start_ms / 1000, "end": word.end_ms / 1000} for word in spoken.words]
    odd = words[30]
    length_s, probability = ODD[finding]
    odd |= {"end": odd["start"] + length_s, "probability": probability}
    text = " ".join(word.text for word in spoken.words)
    server.answer(
        json_reply({"task": "transcribe", "duration": spoken.duration_ms / 1000, "text": text, "words": words})
    )
    run = anyscribe(recording, "-f", "srt", "-f", "json", "-d", ".", "--strict", base_url=server.url)
    assert run.code == 7
    assert f"{finding}\N{LEFT DOUBLE QUOTATION MARK}{odd['word']}\N{RIGHT DOUBLE QUOTATION MARK}" in run.err


def test_strict_makes_it_an_exit_code(
    anyscribe: Program, server: LoopbackServer, spoken: Spoken, recording: Path, tmp_path: Path
) -> None:
    """With --strict the exit code is 7, the result is still written, and -q does not hide the reason."""
    server.answer(words_outside(spoken, 10_000, 25_000))
    flags = ["-f", "verbose_json", "-m", "whisper-1", "-o", str(tmp_path / "talk.json")]
    run = anyscribe(recording, *flags, "--strict", "-q", base_url=server.url)
    assert run.code == 7
    assert (tmp_path / "talk.json").exists()
    assert EMPTY.search(run.err)
    run = anyscribe(recording, *flags, "--overwrite", "-q", base_url=server.url)
    assert (run.code, run.err) == (0, "")


@pytest.mark.parametrize("answer", ["", "Thank you."])
def test_bare_text_that_is_too_little(anyscribe: Program, server: LoopbackServer, recording: Path, answer: str) -> None:
    """Text without times is checked against the amount of speech."""
    server.answer(json_reply({"text": answer}))
    run = anyscribe(recording, "-f", "json", "--strict", base_url=server.url)
    assert run.code == 7
    assert run.json["text"] == answer
    assert "speech" in run.err


def test_loops_are_told(anyscribe: Program, server: LoopbackServer, spoken: Spoken, recording: Path) -> None:
    """A phrase that repeats again and again is quoted."""
    half = " ".join(word.text for word in spoken.words[:90])
    server.answer(json_reply({"text": half + " and thank you very much" * 30}))
    run = anyscribe(recording, "-f", "json", "--strict", base_url=server.url)
    assert run.code == 7
    assert "thank you very much" in run.err


@pytest.mark.parametrize("flags", [[], ["--local", "--model", "tiny.en"]])
def test_silence_is_never_doubted(anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str]) -> None:
    """Empty text is right for a recording without speech."""
    if "--local" in flags:
        pytest.importorskip("faster_whisper")
    server.answer(json_reply({"text": ""}))
    options = {} if flags else {"base_url": server.url}
    run = anyscribe(media / "silence.flac", "-f", "json", "--strict", *flags, **options)
    assert run.code == 0, run.err
    assert "speech, but" not in run.err


def test_a_failure_outweighs_a_doubt(
    anyscribe: Program, server: LoopbackServer, recording: Path, media: Path, tmp_path: Path
) -> None:
    """In a batch, the exit code is 7 if all are done and one is doubtful, and 3 if another one failed."""
    shutil.copy(media / "silence.flac", tmp_path / "quiet.flac")
    server.answer(json_reply({"text": ""}))
    both = [recording, tmp_path / "quiet.flac"]
    assert anyscribe(*both, "--strict", "--overwrite", base_url=server.url).code == 7
    run = anyscribe(*both, tmp_path / "missing.flac", "--strict", "--overwrite", base_url=server.url)
    assert run.code == 3
    assert "talk.wav: " in run.err


def test_the_built_in_engine_is_not_doubted(anyscribe: Program) -> None:
    """The small engine's transcript of its sample passes the check."""
    pytest.importorskip("faster_whisper")
    run = anyscribe(SAMPLES / "library.flac", "--local", "--model", "tiny.en", "--strict")
    assert run.code == 0, run.err
