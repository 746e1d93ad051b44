"""Whisper fulfils the contract: the program runs with a model that is small, untrained and real."""

from __future__ import annotations

import json
import signal
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import listing
from failures import the_error
from programs import killed_late
from whisper_model import AFTER_CUE, CUE, IN_GERMAN, USUAL, make_model

if TYPE_CHECKING:
    from programs import Terminal
    from whispering import Whisper

pytest_plugins = ["whispering"]

LIBRARY = Path(__file__).parents[2] / "samples" / "library.flac"
"""34 seconds: two of Whisper's windows."""

WORDS = ("--timestamp-granularities", "word")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model whose speeches take ten seconds, so that half a minute has four windows instead of seventeen."""
    folder = tmp_path_factory.mktemp("slow")
    make_model(folder, slowness=5)
    return folder


def test_text(whisper: Whisper, media: Path):
    """Whisper's text is written without its leading space, and nothing else is written."""
    run = whisper(media / "hello.wav")
    assert (run.code, run.text, run.err) == (0, f"{USUAL.text}\n", "")


def test_every_format_of_one_run(whisper: Whisper, media: Path, tmp_path: Path):
    """All formats have the same words."""
    formats = [flag for form in ("text", "json", "srt", "vtt") for flag in ("-f", form)]
    run = whisper(media / "hello.flac", *formats, "-d", ".", "-q")
    assert (run.code, run.err) == (0, "")
    assert listing(tmp_path) == [f"hello.{extension}" for extension in ("json", "srt", "txt", "vtt")]
    assert (tmp_path / "hello.txt").read_text(encoding="utf-8") == f"{USUAL.text}\n"
    assert json.loads((tmp_path / "hello.json").read_bytes()) == {"text": USUAL.text}
    assert f"\n{USUAL.text}\n" in (tmp_path / "hello.srt").read_text(encoding="utf-8")
    assert f"\n{USUAL.text}\n" in (tmp_path / "hello.vtt").read_text(encoding="utf-8")


@pytest.mark.parametrize("silence", ["true", "false"])
def test_every_format_has_the_same_text(whisper: Whisper, tmp_path: Path, silence: str):
    """Windows begin at the same times whether or not words are timed, so no format has other words."""
    model = tmp_path / "model"
    model.mkdir()
    make_model(model, stops_early=True)
    arguments = ("--model", model, LIBRARY, "--field", f"vad_filter={silence}", "-f")
    text = whisper(*arguments, "text").text.split()
    assert len(text) > 16 * len(USUAL.text.split())
    assert whisper(*arguments, "json").json["text"].split() == text
    assert [word["word"] for word in whisper(*arguments, "verbose_json", *WORDS).json["words"]] == text
    cues = whisper(*arguments, "srt").text.strip().split("\n\n")
    assert [word for cue in cues for word in " ".join(cue.split("\n")[2:]).split()] == text


def test_verbose_json_holds_what_whisper_knows(whisper: Whisper, media: Path):
    """Segments have all fields of the contract, and the model's own times if words are not aligned."""
    answer = whisper(media / "hello.wav", "-f", "verbose_json", "--no-align").json
    assert {name: answer[name] for name in ("task", "language", "text")} == {
        "task": "transcribe",
        "language": "en",
        "text": USUAL.text,
    }
    assert answer["duration"] == pytest.approx(2.27, abs=0.05)
    assert "words" not in answer
    assert [segment["text"] for segment in answer["segments"]] == [USUAL.first, USUAL.second]
    assert [(segment["start"], segment["end"]) for segment in answer["segments"]] == [(0.0, 0.8), (0.8, 2.0)]
    for segment in answer["segments"]:
        assert segment["seek"] == 0
        assert segment["tokens"][0] >= 50364  # a timestamp token
        assert segment["temperature"] == 0.0
        assert -0.1 < segment["avg_logprob"] <= 0
        assert 0 <= segment["no_speech_prob"] < 0.1
        assert 0 < segment["compression_ratio"] < 3


def test_model_goes_on_where_it_stopped(whisper: Whisper):
    """A model that stops before the speech does is made to go on from there, until all is heard."""
    answer = whisper(LIBRARY, "-f", "verbose_json", "--no-align").json
    segments = answer["segments"]
    assert [segment["text"] for segment in segments] == [USUAL.first, USUAL.second] * (len(segments) // 2)
    starts = [segment["start"] for segment in segments]
    assert starts == sorted(starts)
    windows = sorted({segment["seek"] for segment in segments})
    # Each window begins where the text of the one before ended.
    assert [start * 100 for start in starts[::2]] == pytest.approx(windows, abs=1)
    assert answer["duration"] - segments[-1]["end"] < 3


def test_words_are_timed_by_the_aligner(whisper: Whisper, media: Path):
    """Words are in order, without surrounding spaces, and say how they were timed."""
    granularities = [flag for kind in ("word", "segment") for flag in ("--timestamp-granularities", kind)]
    answer = whisper(media / "hello.wav", "-f", "verbose_json", *granularities).json
    assert [word["word"] for word in answer["words"]] == USUAL.text.split()
    times = [time for word in answer["words"] for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert {word["timing"] for word in answer["words"]} <= {"aligned", "estimated"}
    assert [segment["start"] for segment in answer["segments"]] == [
        answer["words"][0]["start"],
        answer["words"][3]["start"],
    ]


def test_words_alone(whisper: Whisper, media: Path):
    """With the word granularity alone there are words and no segments."""
    answer = whisper(media / "hello.wav", "-f", "verbose_json", "--timestamp-granularities", "word").json
    assert ("words" in answer, "segments" in answer) == (True, False)


def test_log_probabilities(whisper: Whisper, media: Path):
    """`--include logprobs` gives each word's log probability, in plain json too."""
    answer = whisper(media / "hello.wav", "-f", "json", "--include", "logprobs").json
    assert answer["text"] == USUAL.text
    assert "".join(entry["token"] for entry in answer["logprobs"]) == USUAL.text
    assert all(entry["logprob"] <= 0 for entry in answer["logprobs"])
    refused = whisper(media / "hello.wav", "--include", "usage")
    assert the_error(refused, 2) == "--include usage: no such data: use logprobs"


@pytest.mark.parametrize("form", ["text", "verbose_json"])
def test_stream_gives_the_same_text(whisper: Whisper, slow: Path, form: str):
    """Streaming gives the same text as a whole reply."""
    streamed, whole = (
        whisper("--model", slow, LIBRARY, "-f", form, flag, "-q") for flag in ("--stream", "--no-stream")
    )
    assert (streamed.code, streamed.err) == (0, "")
    assert streamed.out == whole.out
    assert streamed.out.count(USUAL.first.encode()) > 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--language", "de"], IN_GERMAN.text),
        (["--language", "de-AT"], IN_GERMAN.text),
        (["--language", "fr"], USUAL.text),
        (["--prompt", f"About {CUE}"], AFTER_CUE.text),
        (["--prompt", "About the weather"], USUAL.text),
        (["--field", f"hotwords={CUE}"], AFTER_CUE.text),
        (["--field", "hotwords="], USUAL.text),
    ],
)
def test_what_is_asked_for_reaches_the_model(whisper: Whisper, media: Path, arguments: list[str], text: str):
    """Language, prompt and hotwords are part of the model's context and change its text."""
    run = whisper(media / "hello.wav", *arguments)
    assert (run.code, run.text, run.err) == (0, f"{text}\n", "")


@pytest.mark.parametrize(("given", "told"), [("de-AT", "de"), ("EN", "en"), ("nb", "no"), ("eng", "en")])
def test_language_is_told_as_whisper_calls_it(whisper: Whisper, media: Path, given: str, told: str):
    """The reply's language is the given one, as Whisper's own code."""
    assert whisper(media / "hello.wav", "-f", "verbose_json", "-l", given).json["language"] == told


@pytest.mark.parametrize("temperature", ["0", "0.7", "1"])
def test_temperature_is_exactly_that(whisper: Whisper, media: Path, temperature: str):
    """Exactly the given temperature is used, without fallback temperatures."""
    answer = whisper(media / "hello.wav", "-f", "verbose_json", "-t", temperature).json
    assert {segment["temperature"] for segment in answer["segments"]} == {float(temperature)}


def test_prompt_holds_in_every_window(whisper: Whisper, slow: Path):
    """A prompt comes before each window."""
    answer = whisper("--model", slow, LIBRARY, "-f", "verbose_json", "--prompt", CUE).json
    assert {segment["text"] for segment in answer["segments"]} == {AFTER_CUE.first, AFTER_CUE.second}
    assert len({segment["seek"] for segment in answer["segments"]}) > 2


def test_more_hotwords_than_the_model_can_see(whisper: Whisper, slow: Path):
    """A long list of hotwords and a long prompt leave room for the transcript in every window."""
    many = f"{CUE} and " * 100
    run = whisper("--model", slow, LIBRARY, "--field", f"hotwords={many}", "--prompt", many, "-t", "0")
    assert (run.code, run.err) == (0, "")
    windows = run.text.count(AFTER_CUE.first)
    assert windows > 2
    assert run.text == " ".join([AFTER_CUE.text] * windows) + "\n"


def test_fields_that_mean_nothing(whisper: Whisper, media: Path):
    """Ignored fields are reported; supported fields are not."""
    fields = [flag for field in ("chunking_strategy=auto", "vad_filter=true") for flag in ("--field", field)]
    run = whisper(media / "hello.wav", *fields)
    assert (run.code, run.text) == (0, f"{USUAL.text}\n")
    assert run.err_lines == ["anyscribe: the built-in engine ignores --field chunking_strategy"]


def test_silence_is_kept_from_whisper(whisper: Whisper, media: Path):
    """Without speech there is no text and no language, unless the user disables the filter."""
    run = whisper(media / "silence.flac", "-f", "verbose_json")
    assert (run.code, run.err) == (0, "anyscribe: no speech was detected\n")
    assert run.json == {"task": "transcribe", "language": None, "duration": 3.0, "text": "", "segments": []}
    assert whisper(media / "silence.flac", "-l", "de", "-f", "verbose_json", "-q").json["language"] == "de"
    unfiltered = whisper(media / "silence.flac", "--field", "vad_filter=false")
    assert (unfiltered.code, unfiltered.text, unfiltered.err) == (0, f"{USUAL.text} {USUAL.text}\n", "")


def test_several_at_a_time(whisper: Whisper, media: Path):
    """Recordings transcribed concurrently share one model and keep their own text."""
    names = [media / f"hello.{extension}" for extension in ("wav", "mp3", "ogg", "webm", "mkv")]
    run = whisper(*names, "-j3", "-o", "-", "--no-headings", "-q")
    assert (run.code, run.text.splitlines(), run.err) == (0, [USUAL.text] * 5, "")


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("xx", "--language xx: Whisper does not know this language: give ISO-639-1, such as en, de or ja"),
        ("yue", "--language yue: this model does not know it: use large-v3"),
    ],
)
def test_language_that_is_not_known(whisper: Whisper, media: Path, language: str, message: str):
    """A language unknown to Whisper or to this model is refused, not replaced."""
    assert the_error(whisper(media / "hello.wav", "-l", language), 2).removeprefix(f"{media}/hello.wav: ") == message


@pytest.fixture(scope="module")
def hour(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an hour of audio."""
    path = tmp_path_factory.mktemp("hour") / "hour.wav"
    with wave.open(str(media / "hello.wav")) as sample, wave.open(str(path), "wb") as long:
        long.setparams(sample.getparams())
        samples = sample.readframes(sample.getnframes())
        long.writeframes(samples * (3600 * sample.getframerate() // sample.getnframes()))
    return path


@pytest.mark.parametrize("after_s", [0.3, 0.8, 2.5])
def test_interrupted(whisper: Whisper, hour: Path, tmp_path: Path, after_s: float):
    """Ctrl-C ends the program soon, while it loads the model or transcribes, and leaves nothing behind."""
    with whisper.start(hour, "-d", tmp_path / "out") as process:
        time.sleep(after_s)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 2  # the machine may be busy
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert b"leaked" not in err
    assert listing(tmp_path) == []


def test_first_words_of_a_long_recording(whisper: Whisper, hour: Path):
    """Streaming a long recording starts soon, and a reader that closes the pipe ends the program."""
    with whisper.start(hour, "--stream", "-t", "0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # The whole recording takes some minutes: `killed_late` ends a program that shows nothing before.
        with killed_late(process):
            first = process.stdout.read(7)
        process.stdout.close()
        assert (process.wait(20), process.stderr.read()) == (0, b"")
    assert first == USUAL.first[:7].encode()


def test_progress_on_a_terminal(terminal: Terminal, whisper: Whisper, media: Path):
    """The progress bar counts seconds of audio and is removed before the text is written."""
    run = terminal("--local", "--model", whisper.model, media / "pause.flac")
    assert run.code == 0
    assert "pause.flac" in run.text
    assert run.text.rstrip().endswith(USUAL.text)
