"""The small built-in engine, run as users run it: real speech, real words, no network."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place
from missing import without

from anyscribe.cli.installation import install_command
from anyscribe.engines import BUILT_IN
from anyscribe.engines.sphinx import SphinxEngine
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

SMALL = ("--local", "--model", "sphinx")
HELLO = "welcome to the town library"
PAUSE = "the door is open the children are waiting in the garden"


def test_words_are_right(anyscribe: Program, media: Path):
    """The built-in engine writes what was said, and prints no notice about itself if it was requested."""
    run = anyscribe(*SMALL, media / "hello.wav")
    assert (run.code, run.text, run.err) == (0, f"{HELLO}\n", "")


def test_every_container(anyscribe: Program, media: Path):
    """Compressed, stereo, at other rates, or a film's audio: the words are the same."""
    extensions = ("mp3", "m4a", "ogg", "webm", "mkv", "flac")
    names = [media / f"hello.{extension}" for extension in extensions]
    run = anyscribe(*SMALL, *names, media / "hello_stereo.flac", "-o", "-", "-q")
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
        "the door is open",
        "the children are waiting in the garden",
    ]
    for number, segment in enumerate(answer["segments"]):
        assert segment["id"] == number
        assert 0 <= segment["start"] < segment["end"] <= answer["duration"]
        assert -10 < segment["avg_logprob"] <= 0
        assert 0 <= segment["no_speech_prob"] <= 1
        assert 0 < segment["compression_ratio"] < 3
        assert (segment["seek"], segment["temperature"], segment["tokens"]) == (None, None, [])
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
    assert (tmp_path / "pause.txt").read_text(encoding="utf-8") == f"{told['text']}\n" == f"{PAUSE}\n"
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
    wanted, options = tuple(OUTPUT_FORMATS.values()), RecordingOptions()
    plan = make_plan(TranscriptionRequest(ResponseFormat.TEXT), wanted, BUILT_IN, options, can_time=False)
    with ThreadPoolExecutor(1) as executor:
        engine = Counting(SphinxEngine(executor, 1))
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
            "--language fr: this engine knows English only: use en, or a model that knows the language",
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


def test_fields_that_it_cannot_heed(anyscribe: Program, media: Path):
    """A field that the built-in engine ignores is named; English is accepted under any code."""
    arguments = ["--prompt", "names", "--temperature", "0", "--language", "en-GB"]
    run = anyscribe(*SMALL, media / "hello.wav", *arguments, env={"ANYSCRIBE_INCLUDE": "logprobs"})
    assert (run.code, run.text) == (0, f"{HELLO}\n")
    assert run.err_lines == [f"anyscribe: the built-in engine ignores {flag}" for flag in ("--prompt", "--temperature")]


@pytest.fixture
def small_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the small engine is the only one installed."""
    return without(tmp_path_factory.mktemp("customised"), "faster_whisper")


def test_default_without_a_better_one(anyscribe: Program, media: Path, small_alone: dict[str, str]):
    """If no other engine is installed, the small one need not be named."""
    run = anyscribe("--local", media / "hello.wav", env=small_alone)
    assert (run.code, run.text, run.err) == (0, f"{HELLO}\n", "")


def test_without_key_and_server(anyscribe: Program, media: Path, small_alone: dict[str, str]):
    """With neither a key nor a server the built-in engine is used, and one line names the variable to set."""
    # The model that the environment names is meant for servers.
    foreign = {"ANYSCRIBE_MODEL": "gpt-4o-transcribe", "OPENAI_API_KEY": "not for us"}
    run = anyscribe(media / "hello.wav", env={**foreign, **small_alone})
    assert (run.code, run.text, len(run.err_lines)) == (0, f"{HELLO}\n", 1)
    assert "ANYSCRIBE_API_KEY" in run.err
    assert "built-in engine" in run.err


def test_engine_that_is_not_installed(anyscribe: Program, media: Path, tmp_path_factory: pytest.TempPathFactory):
    """Without the extra, the error says how to install it and, if a key would work as well, names that way too."""
    env = without(tmp_path_factory.mktemp("customised"), "pocketsphinx", "faster_whisper")
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
    run = anyscribe(*SMALL, "a.wav", "b.flac", "c.wav", "-j3", "-o", "-", "-q")
    assert (run.code, run.text.splitlines(), run.err) == (0, [HELLO, PAUSE, HELLO], "")
