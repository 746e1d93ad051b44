"""`--translate` asks for English text: on the route for translations, or of a built-in model that can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import json_reply
from scripted_engine import HELLO, ScriptedEngine
from served import MEDIA, serving_here

from anyscribe import transcribe

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.result import Result

VERBOSE = {"text": "Good day.", "segments": [{"id": 0, "start": 0.2, "end": 1.9, "text": "Good day."}]}


def test_server_is_asked_on_the_other_route(anyscribe: Program, server: LoopbackServer, media: Path):
    """The form is the same, the route is that of translations, and the model one that translates."""
    server.answer(json_reply(VERBOSE))
    run = anyscribe(media / "hello.wav", "--translate", "-f", "verbose_json", base_url=server.url, api_key="k")
    assert (run.code, run.err) == (0, "")
    assert run.json["text"] == "Good day."
    (request,) = server.requests
    assert request.target == "/v1/audio/translations"
    assert request.fields["model"] == ["whisper-1"]
    named = anyscribe(media / "hello.wav", "--translate", "-m", "large-v3", base_url=server.url, api_key="k")
    assert named.code == 0
    assert server.requests[-1].fields["model"] == ["large-v3"]


def test_words_of_a_translation_are_not_aligned(anyscribe: Program, server: LoopbackServer, media: Path):
    """Bare text is spread over the speech without a complaint; aligning it is refused."""
    server.answer(json_reply({"text": "Good day to all of you who have come."}))
    run = anyscribe(media / "hello.wav", "--translate", "-f", "srt", base_url=server.url, api_key="k")
    assert (run.code, run.err) == (0, "")
    assert "Good day to all of you" in run.text
    refused = anyscribe(media / "hello.wav", "--translate", "--align", base_url=server.url, api_key="k")
    assert the_error(refused, 2).startswith("--translate and --align exclude each other: ")


def test_from_python(server: LoopbackServer, media: Path):
    """`anyscribe.transcribe(translate=True)` does the same."""
    server.answer(json_reply(VERBOSE))
    assert transcribe(media / "hello.wav", translate=True, base_url=server.url, api_key="k").text == "Good day."
    assert server.requests[0].target == "/v1/audio/translations"


class Noting(ScriptedEngine):
    """A scripted engine that notes whether it is to translate."""

    def __init__(self) -> None:
        super().__init__()
        self.translates: list[bool] = []

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Return the fixed transcript."""
        self.translates.append(request.translate)
        return super().transcribe(request, audio, emit)


@pytest.mark.parametrize("response_format", ["json", "verbose_json", "srt"])
def test_route_of_our_server(response_format: str):
    """`anyscribe serve` answers both routes, with the same fields."""
    engine = Noting()
    with serving_here(engine) as served:
        for route in ("transcriptions", "translations"):
            reply = served.session.post(
                f"{served.url}/audio/{route}",
                files={"file": ("hello.wav", (MEDIA / "hello.wav").read_bytes())},
                data={"model": "tiny.en", "response_format": response_format},
                timeout=30,
            )
            assert (reply.status_code, HELLO in reply.text) == (200, True)
    assert engine.translates == [False, True]


@pytest.mark.parametrize("model", ["tiny.en", "large-v3-turbo", "distil-large-v3"])
def test_model_that_cannot_translate(anyscribe: Program, media: Path, model: str):
    """Models that were not trained to translate are refused."""
    pytest.importorskip("faster_whisper")
    run = anyscribe("--local", "-m", model, media / "hello.wav", "--translate")
    assert the_error(run, 2) == f"--model {model}: it cannot translate: use large-v3, small or base"
