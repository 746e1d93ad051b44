"""OpenAI's own client for JavaScript, unchanged, works with `anyscribe serve` as with OpenAI.

The tests need node, and the variable ANYSCRIBE_NODE_MODULES with a folder that holds the package:
`npm install --prefix DIR openai@6`, and the variable is DIR/node_modules.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from served import MEDIA, new_program, serving, steady

if TYPE_CHECKING:
    from collections.abc import Iterator

    from programs import Program

KEY = "sk-secret-0123456789"
SCRIPT = Path(__file__).with_name("openai_node.cjs")
FORMATS = ["json", "text", "srt", "verbose_json", "vtt"]

SAID = "The door is opened. The children are waiting in the garden."


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield the results of all requests."""
    modules = os.environ.get("ANYSCRIBE_NODE_MODULES", "")
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    if not modules:
        pytest.skip("ANYSCRIBE_NODE_MODULES names no folder with the package openai")
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(f"{KEY}\n", encoding="ascii")
    key.chmod(0o600)
    arguments = ["--api-key-file", key, "--alias", "whisper-1", "--max-upload", "2MB"]
    with serving(new_program(tmp_path_factory), *arguments) as served:
        command = [node, SCRIPT, modules, served.url, KEY, MEDIA]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert run.returncode == 0, run.stderr
        yield json.loads(run.stdout)
        assert served.leftovers() == []
    assert len(served.err_lines) == 1, served.err_lines


@pytest.mark.parametrize("response_format", FORMATS)
def test_every_format(found: Any, anyscribe: Program, response_format: str):
    """Text and subtitles come as strings, other formats as objects; all are what the program itself writes."""
    answer = found["formats"][response_format]
    written = anyscribe("--local", "-m", "tiny.en", MEDIA / "pause.flac", "-f", response_format)
    if response_format in ("json", "verbose_json"):
        assert steady(answer) == steady(written.json)
    else:
        assert answer == written.text


@pytest.mark.parametrize("response_format", FORMATS)
def test_stream(found: Any, response_format: str):
    """The pieces of a stream, joined, are the text of its last event."""
    told = found["streams"][response_format]
    assert len(told["deltas"]) == 2
    assert "".join(told["deltas"]) == SAID
    assert told["done"] == [{"type": "transcript.text.done", "text": SAID, "logprobs": len(SAID.split())}]


def test_stream_that_is_left(found: Any):
    """A stream can be closed before its end."""
    assert found["left"] == "transcript.text.delta"


def test_granularities(found: Any):
    """Exactly the requested times are returned."""
    told = {asked: answer.keys() & {"segments", "words"} for asked, answer in found["granularities"].items()}
    assert told == {"segment": {"segments"}, "word": {"words"}, "word,segment": {"segments", "words"}}


def test_other_fields(found: Any):
    """Log probabilities, prompts, and names in another script are accepted."""
    assert "".join(token["token"] for token in found["logprobs"]["logprobs"]) == SAID
    # The prompt has neither capitals nor full stops, and the model writes as the prompt does.
    assert found["plain"] == {"text": SAID.lower().replace(".", "")}
    assert found["named"] == {"text": SAID}


def test_models_and_raw_response(found: Any):
    """Models are listed and looked up; a reply's headers can be read."""
    assert (found["models"], found["model"]["id"]) == (["tiny.en", "whisper-1"], "whisper-1")
    assert found["raw"]["text"].startswith("WEBVTT")
    assert (found["raw"]["contentType"], found["raw"]["named"]) == ("text/vtt; charset=utf-8", True)


ERRORS = {
    "key": ("AuthenticationError", 401, None, "invalid_api_key"),
    "models": ("AuthenticationError", 401, None, "invalid_api_key"),
    "model": ("NotFoundError", 404, "model", "model_not_found"),
    "format": ("BadRequestError", 400, "response_format", "invalid_value"),
    "temperature": ("BadRequestError", 400, "temperature", "invalid_value"),
    "granularity": ("BadRequestError", 400, "timestamp_granularities", "invalid_value"),
    "file": ("BadRequestError", 400, "file", "invalid_value"),
    "stream": ("BadRequestError", 400, "file", "invalid_value"),
    "long": ("APIError", 413, None, "request_too_large"),
    "longer": ("APIError", 413, None, "request_too_large"),
}


@pytest.mark.parametrize("wrong", ERRORS)
def test_errors(found: Any, wrong: str):
    """Each error has the client's own class for it, with the field and the code, not a broken connection."""
    told = found["errors"][wrong]
    assert (told["kind"], told["status"], told["param"], told["code"]) == ERRORS[wrong]
    assert (told["type"], told["named"]) == ("invalid_request_error", True)
