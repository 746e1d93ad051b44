"""A model that a server does not have, or not for long, is told with what the server offers."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from failures import error_lines, the_error
from loopback import Fault, Reply, json_reply

from anyscribe.engines.remote.model_list import parse_model_list, transcribing
from anyscribe.engines.remote.model_refusals import means_model

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program

KEY = "sk-very-secret-0123456789"
GONE = "The model `whisper-9` does not exist or you do not have access to it."
UNKNOWN = json_reply({"error": {"message": GONE, "param": None, "code": "model_not_found"}}, 404)
OFFERED = {"data": [{"id": name} for name in ("gpt-5", "tts-1", f"whisper-{KEY}", "gpt-transcribe")]}

MISSING = {
    "OpenAI": (404, GONE, None, {"model_not_found"}),
    "vLLM": (404, "The model `whisper-9` does not exist.", "model", {"NotFoundError", "404"}),
    "Groq": (400, "The model `x` has been decommissioned and is no longer supported.", None, set()),
    "Mistral": (400, "Invalid model: voxtral-small-latest", None, {"invalid_model", "1500"}),
    "OpenRouter": (400, "x/y is not a valid model ID", None, {"400"}),
    "speaches": (404, "Model 'a/b' is not installed locally. You can download it", None, set()),
    "speaches, of another kind": (404, "Model 'a/b' is not supported. If you think", None, set()),
    "LiteLLM": (400, "/audio: Invalid model name passed in model=x. Call `/v1/models`", None, set()),
    "new-api": (503, "No available channel for model x under group default", None, {"model_not_found"}),
    "deprecated": (404, "The model `x` has been deprecated, learn more here", None, set()),
}
OTHERS = [
    (404, "Not Found", None),
    (404, "Invalid URL (POST /v1/v1/audio/transcriptions)", None),
    (404, "The API deployment for this resource does not exist. If you created it", None),
    (400, "The language 'xx' is not supported by the model", "language"),
    (400, "model is required", "model"),
    (400, "This model does not support timestamps", None),
    (500, "The model x does not exist", None),
]


@pytest.mark.parametrize("server_name", MISSING)
def test_words_for_a_missing_model(server_name: str) -> None:
    """What servers say of a model that is gone or unknown is understood."""
    assert means_model(*MISSING[server_name])


@pytest.mark.parametrize(("status", "said", "field"), OTHERS)
def test_other_refusals(status: int, said: str, field: str | None) -> None:
    """A wrong route, another field and passing faults are not taken for it."""
    assert not means_model(status, said, field, set())


def test_what_is_offered_is_named_and_the_run_ends(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """One recording is asked about and one list fetched; the key is not in it, and speech models come first."""
    for name in ("a", "b", "c"):
        shutil.copy(media / "hello.flac", anyscribe.cwd / f"{name}.flac")
    server.answer(UNKNOWN)
    server.models = json_reply(OFFERED)
    run = anyscribe("a.flac", "b.flac", "c.flac", "-j1", "-m", "whisper-9", base_url=server.url, api_key=KEY)
    said = 'the server has no model "whisper-9"; it offers whisper-[key], gpt-transcribe; --model names one'
    assert (run.code, error_lines(run)) == (1, [f"a.flac: {said}"])
    assert run.err_lines[-1] == "anyscribe: not tried for the same reason: 2"
    assert (len(server.requests), server.listings) == (1, 1)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (Reply(404), f"(404): {GONE}: --model names another"),
        (Reply(fault=Fault.CLOSE), f"(404): {GONE}: --model names another"),
        (json_reply({"data": [{"id": "whisper-9"}]}), f"(404): {GONE}: --model names another"),
        (json_reply({"data": ["whisper-9", "asr"]}), f"(404): {GONE}; it offers asr; --model names one"),
    ],
)
def test_lists_that_say_nothing(
    anyscribe: Program, server: LoopbackServer, media: Path, listing: Reply, said: str
) -> None:
    """Without a list, and if the model is in it, the server's own words are shown."""
    server.answer(UNKNOWN)
    server.models = listing
    run = anyscribe(media / "hello.flac", "-m", "whisper-9", base_url=server.url)
    assert the_error(run, 1).endswith(said)


def test_a_wrong_route_asks_for_no_list(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Its 404 says nothing of the model."""
    server.answer(json_reply({"detail": "Not Found"}, 404))
    assert "check --base-url" in the_error(anyscribe(media / "hello.flac", base_url=server.url), 1)
    assert server.listings == 0


def test_last_days_in_all_their_forms() -> None:
    """OpenAI's, Mistral's, Azure's and OpenRouter's dates are read; what is none is no error."""
    models = parse_model_list(
        b"""{"data": [{"id": "whisper-1", "shutdown_date": "2027-02-26"},
        {"id": "gpt-transcribe", "shutdown_date": null},
        {"id": "m", "deprecation": "2026-08-31T12:00:00Z", "deprecation_replacement_model": "n"},
        {"id": "a", "deprecation": {"fine_tune": 1, "inference": 1803513600}}, {"id": "o", "expiration_date": "soon"},
        {"id": "p", "shutdown_date": 1e300}, {"id": "q", "shutdown_date": true}]}"""
    )
    assert models is not None
    found = {model.name: (model.ends and model.ends.isoformat(), model.successor) for model in models}
    assert found == {
        "whisper-1": ("2027-02-26", "gpt-transcribe"),
        "gpt-transcribe": (None, ""),
        "m": ("2026-08-31", "n"),
        "a": ("2027-02-25", ""),
        "o": (None, ""),
        "p": (None, ""),
        "q": (None, ""),
    }
    assert [model.name for model in transcribing(models)] == ["gpt-transcribe", "whisper-1"]


def test_a_last_day_is_told_once_a_day(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """The list is fetched once, beside the first request; each model that is used is told of once."""
    is_listed = threading.Event()
    ends = (datetime.now(UTC) + timedelta(days=89)).date().isoformat()
    later = (datetime.now(UTC) + timedelta(days=92)).date().isoformat()
    days = {"whisper-1": ends, "gpt-4o-transcribe": ends, "whisper-2": later, "gpt-transcribe": None}

    def listing(_: Request) -> Reply:
        is_listed.set()
        return json_reply({"data": [{"id": name, "shutdown_date": day} for name, day in days.items()]})

    def transcription(request: Request) -> Reply:
        assert is_listed.wait(20)
        return json_reply({"text": str(request.part("file").filename)})

    server.models = listing
    server.answer(transcription)
    anyscribe.keeps_answers = True
    for name in ("a.flac", "b.mp3", "c.ogg"):
        shutil.copy(media / f"hello.{name[2:]}", anyscribe.cwd / name)
    told = []
    for number, model in enumerate(["whisper-1", "gpt-4o-transcribe", "gpt-4o-transcribe", "whisper-2"]):
        flags = ["-j1", "-f", "text", "-d", str(number), "-m", model]
        run = anyscribe("a.flac", "b.mp3", "c.ogg", *flags, base_url=server.url)
        told.append([line for line in run.err_lines if "shut down" in line])
    said = f"is shut down on {ends}; gpt-transcribe follows it"
    assert told == [[f"anyscribe: whisper-1 {said}"], [f"anyscribe: gpt-4o-transcribe {said}"], [], []]
    assert server.listings == 1
