"""OpenAI's own Python client, unchanged, works with `anyscribe serve` as with OpenAI."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from scripted_engine import HELLO, PAUSE, ScriptedEngine
from served import MEDIA, field, form, recording, request, serving_here, until

from anyscribe.audio import probe
from anyscribe.formats import format_of_wire
from anyscribe.rendering import RenderOptions, render
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from openai import AsyncOpenAI, OpenAI
    from served import Served

KEY = "sk-secret-0123456789"
SAMPLE = MEDIA / "pause.flac"
MARKS = {"srt": "-->", "vtt": "WEBVTT", "text": PAUSE}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Yield a server with settings that are typical for OpenAI's client."""
    models = {"tiny.en": "tiny.en", "whisper-1": "tiny.en"}
    with serving_here(ScriptedEngine(), models, key=KEY.encode(), queue=0, max_upload_bytes=2_000_000) as running:
        yield running
        assert running.leftovers() == []
    assert running.journal.failures == []


@pytest.fixture(scope="module")
def openai() -> ModuleType:
    """Return the client's package, which takes more than a second to load: only where it is tested."""
    return pytest.importorskip("openai", reason="the OpenAI client is not installed")


@pytest.fixture
def client(served: Served, openai: ModuleType) -> Iterator[OpenAI]:
    """Yield the client, configured only with the server's address and key."""
    with openai.OpenAI(base_url=served.url, api_key=KEY, max_retries=0) as made:
        yield made


def written(response_format: str) -> str:
    """Return what the program itself writes."""
    request = TranscriptionRequest(ResponseFormat(response_format))
    result = ScriptedEngine().transcribe(request, probe(SAMPLE), lambda _: None)
    return render(result.transcript, format_of_wire(request.response_format), RenderOptions())


@pytest.mark.parametrize("response_format", ["text", "srt", "vtt"])
def test_formats_that_are_text(client: OpenAI, response_format: Any):
    """Text and subtitles come as strings."""
    answer = client.audio.transcriptions.create(
        model="whisper-1", file=SAMPLE, response_format=response_format, language="en", temperature=0
    )
    assert answer == written(response_format)
    assert MARKS[response_format] in answer


def test_json(client: OpenAI):
    """Without a format, or with json, the result is an object with the text."""
    for chosen in ({}, {"response_format": "json"}):
        answer = client.audio.transcriptions.create(model="tiny.en", file=SAMPLE, prompt="a story", **chosen)
        assert answer.text == PAUSE
        assert answer.logprobs is None


@pytest.mark.parametrize(
    ("granularities", "has_segments", "has_words"),
    [(None, True, False), (["segment"], True, False), (["word"], False, True), (["word", "segment"], True, True)],
)
def test_verbose_json(client: OpenAI, granularities: Any, has_segments: bool, has_words: bool):  # noqa: FBT001
    """Times come at the requested granularities, with their types."""
    chosen = {} if granularities is None else {"timestamp_granularities": granularities}
    answer = client.audio.transcriptions.create(model="tiny.en", file=SAMPLE, response_format="verbose_json", **chosen)
    assert (answer.text, answer.language, type(answer.duration)) == (PAUSE, "en", float)
    assert (bool(answer.segments), bool(answer.words)) == (has_segments, has_words)
    if answer.segments:
        assert [segment.text for segment in answer.segments] == [PAUSE[:17], PAUSE[18:]]
        assert answer.segments[0].end < answer.segments[1].start
    if answer.words:
        assert [word.word for word in answer.words] == PAUSE.split()
        assert all(word.start < word.end for word in answer.words)


def test_log_probabilities(client: OpenAI):
    """With logprobs included, each word has one."""
    answer = client.audio.transcriptions.create(model="tiny.en", file=SAMPLE, include=["logprobs"])
    assert answer.logprobs is not None
    assert "".join(token.token or "" for token in answer.logprobs) == PAUSE
    assert all(token.logprob is not None and token.logprob <= 0 for token in answer.logprobs)


@pytest.mark.parametrize("response_format", ["json", "text", "verbose_json", "srt", "vtt"])
def test_stream(client: OpenAI, response_format: Any):
    """A stream's events have their types; the pieces, joined, are the whole text."""
    deltas, done = [], []
    for event in client.audio.transcriptions.create(
        model="tiny.en", file=SAMPLE, response_format=response_format, include=["logprobs"], stream=True
    ):
        if event.type == "transcript.text.delta":
            deltas.append(event.delta)
        else:
            assert event.type == "transcript.text.done"
            done.append(event)
    assert len(deltas) == 2
    assert "".join(deltas) == PAUSE
    assert [event.text for event in done] == [PAUSE]
    assert len(done[0].logprobs) == len(PAUSE.split())


def test_stream_that_is_left(client: OpenAI, served: Served):
    """A stream that is closed before its end leaves nothing behind."""
    library = MEDIA.parents[1] / "samples" / "library.flac"
    with client.audio.transcriptions.create(model="tiny.en", file=library, stream=True) as stream:
        assert next(iter(stream)).type == "transcript.text.delta"
    until(lambda: not served.leftovers())
    assert client.audio.transcriptions.create(model="tiny.en", file=SAMPLE).text == PAUSE


def test_recordings_however_they_are_given(client: OpenAI):
    """A path, an open file, bytes, or a name with bytes, also in another script: all are accepted as recordings."""
    content = (MEDIA / "hello.mp3").read_bytes()
    with (MEDIA / "hello.mp3").open("rb") as file:
        given: list[Any] = [
            MEDIA / "hello.mp3",
            file,
            content,
            ("Gespräch 東京.mp3", content),
            ("a.mp3", content, "x/y"),
        ]
        for one in given:
            assert client.audio.transcriptions.create(model="tiny.en", file=one).text == HELLO


def test_models(client: OpenAI, openai: ModuleType):
    """Models can be listed, and retrieved one by one."""
    assert [model.id for model in client.models.list()] == ["tiny.en", "whisper-1"]
    assert client.models.retrieve("whisper-1").owned_by == "anyscribe"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o-transcribe")


def test_raw_response(client: OpenAI):
    """The headers of the reply, and its request id, can be read."""
    raw = client.audio.transcriptions.with_raw_response.create(model="tiny.en", file=SAMPLE, response_format="vtt")
    assert (raw.status_code, raw.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
    assert raw.request_id is not None
    assert raw.request_id.startswith("req_")
    assert raw.parse().startswith("WEBVTT")


def test_wrong_key(served: Served, openai: ModuleType):
    """A wrong key is an authentication error."""
    with openai.OpenAI(base_url=served.url, api_key="wrong") as client:
        for ask in (client.models.list, lambda: client.audio.transcriptions.create(model="tiny.en", file=SAMPLE)):
            with pytest.raises(openai.AuthenticationError) as caught:
                ask()
            assert caught.value.code == "invalid_api_key"
            assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"model": "gpt-4o-transcribe"}, ("NotFoundError", 404, "model", "model_not_found")),
        ({"temperature": 3}, ("BadRequestError", 400, "temperature", "invalid_value")),
        ({"response_format": "docx"}, ("BadRequestError", 400, "response_format", "invalid_value")),
        ({"timestamp_granularities": ["line"]}, ("BadRequestError", 400, "timestamp_granularities", "invalid_value")),
        ({"include": ["x"]}, ("BadRequestError", 400, "include", "invalid_value")),
        ({"language": "fr"}, ("BadRequestError", 400, "language", "invalid_value")),
        ({"file": MEDIA / "text.mp3"}, ("BadRequestError", 400, "file", "invalid_value")),
        ({"file": MEDIA / "text.mp3", "stream": True}, ("BadRequestError", 400, "file", "invalid_value")),
        ({"file": ("big.wav", bytes(3_000_000))}, ("APIStatusError", 413, None, "request_too_large")),
        ({"file": ("big.wav", bytes(90_000_000))}, ("APIStatusError", 413, None, "request_too_large")),
    ],
)
def test_errors(client: OpenAI, openai: ModuleType, wrong: dict[str, Any], expected: tuple[str, int, str | None, str]):
    """Each error has the client's own class for it, with the field, the code and the request id, not a reset."""
    with pytest.raises(openai.APIStatusError) as caught:
        client.audio.transcriptions.create(**{"model": "tiny.en", "file": SAMPLE, **wrong})
    error = caught.value
    assert (type(error).__name__, error.status_code, error.param, error.code) == expected
    assert error.request_id is not None
    assert error.type == "invalid_request_error"


def test_too_many(client: OpenAI, served: Served, openai: ModuleType):
    """A request that finds no place gets a rate limit error; with the client's own retries, it succeeds."""
    whole = request(form(field("model", "tiny.en"), recording()), f"Authorization: Bearer {KEY}".encode())
    with served.connect() as connection:
        connection.sendall(whole[:-1000])
        until(served.leftovers)
        with pytest.raises(openai.RateLimitError) as caught:
            client.audio.transcriptions.create(model="tiny.en", file=SAMPLE)
        assert caught.value.code == "rate_limit_exceeded"
        assert 1 <= int(caught.value.response.headers["retry-after"]) <= 60
        connection.sendall(whole[-1000:])
    patient = client.with_options(max_retries=3)
    assert patient.audio.transcriptions.create(model="tiny.en", file=SAMPLE).text == PAUSE


def test_asynchronous_client(served: Served, openai: ModuleType, tmp_path: Path):
    """The asynchronous client works as well: formats, streams, errors."""
    del tmp_path

    async def ask(client: AsyncOpenAI) -> None:
        create = client.audio.transcriptions.create
        for response_format in ("json", "verbose_json"):
            answer = await create(model="tiny.en", file=SAMPLE, response_format=response_format)
            assert answer.text == PAUSE
        for response_format, mark in MARKS.items():
            assert mark in await create(model="tiny.en", file=SAMPLE, response_format=response_format)
        events = [event async for event in await create(model="tiny.en", file=SAMPLE, stream=True)]
        assert "".join(event.delta for event in events[:-1]) == PAUSE == events[-1].text
        with pytest.raises(openai.NotFoundError):
            await create(model="x", file=SAMPLE)
        with pytest.raises(openai.BadRequestError):
            await create(model="tiny.en", file=MEDIA / "empty.wav")
        assert [model.id async for model in client.models.list()] == ["tiny.en", "whisper-1"]

    async def run() -> None:
        async with openai.AsyncOpenAI(base_url=served.url, api_key=KEY, max_retries=0) as client:
            await ask(client)

    asyncio.run(run())
