"""The public Python API: its exported names, and that its documentation is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback import json_reply
from programs import in_place

import anyscribe as package
from anyscribe import errors
from anyscribe.formats import OUTPUT_FORMATS

if TYPE_CHECKING:
    from loopback import LoopbackServer
    from programs import Program

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
VERBOSE = {
    "task": "transcribe",
    "language": "en",
    "duration": 2.27,
    "text": "Welcome to the town library.",
    "segments": [{"id": 0, "start": 0.1, "end": 2.1, "text": "Welcome to the town library."}],
    "words": [
        {"word": word, "start": 0.1 + number / 3, "end": 0.4 + number / 3}
        for number, word in enumerate(["Welcome", "to", "the", "town", "library."])
    ],
}


@pytest.fixture
def workplace(anyscribe: Program, media: Path) -> Program:
    """Return the program with a recording in its folder and an environment without keys."""
    (anyscribe.cwd / "talk.mp3").write_bytes((media / "hello.mp3").read_bytes())
    (anyscribe.cwd / "talk.txt").write_bytes((media / "hello.txt").read_bytes())
    return anyscribe


def test_exported_names():
    """Programs can rely on these exported names; each exists."""
    assert package.__all__ == [
        "AccessDeniedError",
        "AlignerUnavailableError",
        "AnyscribeError",
        "AudioError",
        "BudgetError",
        "ClusterError",
        "CueProfile",
        "DefectError",
        "DiarizerUnavailableError",
        "EngineError",
        "FieldError",
        "Finding",
        "FormatRefusedError",
        "FullDiskError",
        "MissingExtraError",
        "ModelUnavailableError",
        "OptionError",
        "OutputError",
        "RequestRefusedError",
        "Segment",
        "ServerError",
        "Span",
        "Timing",
        "TooLargeError",
        "Transcript",
        "UnavailableError",
        "UnknownModelError",
        "UnreadableReplyError",
        "UsageError",
        "Word",
        "__version__",
        "align",
        "transcribe",
    ]
    assert dir(package) == package.__all__
    assert all(getattr(package, name) for name in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_all_errors_are_exported():
    """All error classes are exported, so that a program can catch every error by its class."""
    classes = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert {name for name in package.__all__ if name.endswith("Error")} == classes - {"ClosedPipeError"}


def test_import_loads_next_to_nothing():
    """Importing the package loads only its version; everything else is loaded when it is used."""
    code = "import sys; before = {*sys.modules}; import anyscribe; print(*sorted({*sys.modules} - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith("anyscribe")] == ["anyscribe", "anyscribe.version"]
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"anyscribe"}
    assert not {"asyncio", "json", "multiprocessing", "ssl", "subprocess"} & {*loaded}


def test_page_names_everything():
    """The documentation names every exported name."""
    assert [name for name in package.__all__ if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_run(workplace: Program, server: LoopbackServer, example: str):
    """Each example of the documentation runs without an error."""
    if "local=True" in example:
        pytest.importorskip("faster_whisper")
    if "align(" in example:
        pytest.importorskip("hama")
    server.answer(json_reply(VERBOSE))
    with in_place(workplace.cwd, workplace.environment()):
        exec(example.replace("http://localhost:8000/v1", server.url), {})  # noqa: S102 - the page is ours


def test_one_recording(workplace: Program, server: LoopbackServer):
    """The form fields are sent as given; times, text and formats come back."""
    server.answer(json_reply(VERBOSE))
    with in_place(workplace.cwd, workplace.environment()):
        transcript = package.transcribe(
            "talk.mp3",
            model="whisper-1",
            language="en",
            prompt="names",
            temperature=0.5,
            timestamp_granularities=["word", "segment"],
            fields={"vad_filter": "true"},
            base_url=server.url,
            api_key="sk-1",
        )
    (request,) = server.requests
    assert request.headers["Authorization"] == "Bearer sk-1"
    sent = {
        "model": ["whisper-1"],
        "language": ["en"],
        "prompt": ["names"],
        "temperature": ["0.5"],
        "vad_filter": ["true"],
    }
    assert {name: request.fields[name] for name in sent} == sent
    assert (transcript.text, transcript.language, len(transcript.words)) == (VERBOSE["text"], "en", 5)
    assert isinstance(transcript, package.Transcript)
    assert all(transcript.render(name) for name, known in OUTPUT_FORMATS.items() if known.is_text)
    assert "words" in transcript.render("verbose_json", word_times=True)
    assert transcript.render("srt", cues=package.CueProfile(max_line_chars=12)).count("\n") > transcript.render(
        "srt"
    ).count("\n")


def test_errors_name_python_options(workplace: Program, server: LoopbackServer):
    """Messages name keyword arguments, not the flags of the command line."""
    with in_place(workplace.cwd, workplace.environment()):
        with pytest.raises(package.FieldError, match=r"^temperature 2: ") as caught:
            package.transcribe("talk.mp3", temperature=2, base_url=server.url)
        assert caught.value.option == "temperature"
        with pytest.raises(package.UsageError, match=r"^local and base_url exclude each other"):
            package.transcribe("talk.mp3", local=True, base_url=server.url)
        with pytest.raises(package.FieldError, match="response_format pdf: no such format: use one of text, "):
            package.Transcript("hello").render("pdf")
        with pytest.raises(package.OptionError, match="upload mp3: "):
            package.transcribe("talk.mp3", upload="mp3", base_url=server.url)
    assert server.requests == []


def test_callbacks(workplace: Program, server: LoopbackServer):
    """The callbacks receive the text and every event as they come."""
    parts: list[str] = []
    events: list[object] = []
    server.answer(json_reply(VERBOSE))
    with in_place(workplace.cwd, workplace.environment()):
        package.transcribe("talk.mp3", base_url=server.url, on_text=parts.append, on_event=events.append)
    assert "".join(parts) == VERBOSE["text"]
    assert {"Sent", "Delta"} <= {type(event).__name__ for event in events}
