"""`anyscribe serve` with several models: the same contract, the same bytes as the program itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from served import MEDIA, events_of, field, form, long_recording, new_program, recording, request, serving, until

pytest.importorskip("faster_whisper", reason="the engine is not installed")

from whisper_model import make_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from programs import Program
    from served import Served

PAUSE_FILE = ("file", MEDIA / "pause.flac")
NAME = "my-model"
PAUSE = "The door is opened. The children are waiting in the garden."


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model."""
    folder = tmp_path_factory.mktemp("models") / NAME
    folder.mkdir()
    make_model(folder)
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Served]:
    """Yield a server with the packaged model and one in a folder."""
    with serving(new_program(tmp_path_factory), "--model", model, "--queue", "0") as running:
        yield running
        assert kept(running) == []
    assert running.process.returncode == 0
    assert len(running.err_lines) == 1, running.err_lines
    assert running.err_lines[0].startswith(f"anyscribe: serving tiny.en, {NAME} at ")


def kept(served: Served) -> list[str]:
    """Return what the server keeps; a library of the engine has its own file in the same folder."""
    return [name for name in served.leftovers() if name.startswith("anyscribe-")]


def test_models(served: Served):
    """The model is listed by its folder's name, and the folder's location is not revealed."""
    assert [model["id"] for model in served.get("/v1/models").json()["data"]] == ["tiny.en", NAME]


@pytest.mark.parametrize("response_format", ["text", "json", "verbose_json", "srt", "vtt"])
def test_every_format(served: Served, anyscribe: Program, model: Path, response_format: str):
    """Each format has the bytes that the program itself writes."""
    reply = served.post(("model", NAME), PAUSE_FILE, ("response_format", response_format))
    run = anyscribe("--local", "-m", model, MEDIA / "pause.flac", "-f", response_format)
    assert (reply.status_code, run.code) == (200, 0)
    assert reply.content == run.out


def test_stream(served: Served):
    """A stream gives the same text as the whole reply."""
    asked = [("model", NAME), PAUSE_FILE]
    *deltas, done = events_of(served.post(*asked, ("stream", "true")).text)
    assert "".join(delta["delta"] for delta in deltas).strip() == done["text"]
    assert {"type": "transcript.text.done", **served.post(*asked).json()} == done


def test_each_model_by_its_name(served: Served):
    """Both models answer, each under its name."""
    assert served.post(("model", "tiny.en"), PAUSE_FILE).json() == {"text": PAUSE}
    assert served.post(("model", NAME), PAUSE_FILE).json() != {"text": PAUSE}


def test_folder_is_no_name(served: Served, model: Path):
    """A client cannot name a folder, not even the right one."""
    reply = served.post(("model", str(model)), PAUSE_FILE)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


def test_client_that_has_gone(served: Served, tmp_path: Path):
    """Work is cancelled here as well when the client has gone."""
    with served.connect() as connection:
        sample = long_recording(tmp_path, 300)
        connection.sendall(request(form(field("model", NAME), recording(sample))))
        until(lambda: [path.stat().st_size for path in served.folder.rglob("recording")] == [sample.stat().st_size])
        time.sleep(0.5)
    until(lambda: not kept(served))
    assert served.transcribes()
