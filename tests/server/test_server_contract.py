"""`anyscribe serve` fulfils the contract: every format, every field, streams, models; with the program's own bytes."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING

import pytest
from scripted_engine import HELLO, LIBRARY, PAUSE, ScriptedEngine
from served import MEDIA, as_form, events_of, serving_here

from anyscribe.audio import probe
from anyscribe.errors import DiarizerUnavailableError
from anyscribe.formats import format_of_wire
from anyscribe.rendering import RenderOptions, render
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.speakers import registry
from anyscribe.speakers.diarizer import SpeakerTurn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from served import Served

    from anyscribe.timespan import Span

PAUSE_FILE = ("file", MEDIA / "pause.flac")
MODEL = ("model", "tiny.en")
CONTENT_TYPES = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "verbose_json": "application/json",
    "vtt": "text/vtt; charset=utf-8",
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Yield a server with aliases, which leaves nothing behind and reports no failure."""
    with serving_here(
        ScriptedEngine(), dict.fromkeys(["tiny.en", "whisper-1", "gpt-4o-transcribe"], "tiny.en")
    ) as running:
        yield running
        assert running.leftovers() == []
    assert running.journal.failures == []


@pytest.mark.parametrize("response_format", CONTENT_TYPES)
def test_every_format(served: Served, response_format: str):
    """Each format has its content type, and the bytes that the program itself writes."""
    reply = served.post(MODEL, PAUSE_FILE, ("response_format", response_format))
    assert (reply.status_code, reply.headers["content-type"]) == (200, CONTENT_TYPES[response_format])
    request = TranscriptionRequest(ResponseFormat(response_format))
    result = ScriptedEngine().transcribe(request, probe(MEDIA / "pause.flac"), lambda _: None)
    written = render(result.transcript, format_of_wire(request.response_format), RenderOptions())
    assert reply.text == written
    assert PAUSE.split()[-1] in reply.text


def test_speakers_who_are_known(served: Served, monkeypatch: pytest.MonkeyPatch):
    """Who is named with a sample is called so; a sample that cannot be used is refused by name."""

    class Voices:
        def find_turns(self, audio: Iterable[bytes], speech: Sequence[Span], most: int | None = None, least: int = 1):
            assert b"".join(audio)
            assert (most, least) == (None, 1)
            return [SpeakerTurn(span, int(span.start_ms > 3_000)) for span in speech]

        def group_samples(self, samples: Sequence[bytes], sources: Sequence[int]):
            # Of the recording's speakers, only one is heard for long enough.
            assert (len(samples), sources) == (2, [0, 1])
            return [0, 0]

    monkeypatch.setattr(registry, "make_diarizer", lambda _: Voices())
    asked = (MODEL, PAUSE_FILE, ("response_format", "diarized_json"))
    sample = base64.b64encode((MEDIA / "pause.flac").read_bytes()).decode()
    maria = (("known_speaker_names[]", "Maria"), ("known_speaker_references[]", f"data:audio/flac;base64,{sample}"))
    reply = served.post(*asked, *maria)
    assert reply.status_code == 200, reply.text
    said = [(one["speaker"], one["text"]) for one in reply.json()["segments"]]
    assert said == [("speaker 1", PAUSE[:17]), ("Maria", PAUSE[18:])]
    for references, told in (
        ((), "1 names and 0 samples"),
        (("https://example.org/a.wav",), "Maria: no data: address"),
        (("data:audio/wav;base64,%%%",), "Maria: it is not base64"),
        (("data:audio/wav;base64,aGVsbG8=",), "Maria: "),
    ):
        reply = served.post(*asked, maria[0], *(("known_speaker_references[]", one) for one in references))
        error = reply.json()["error"]
        assert (reply.status_code, error["param"]) == (400, "known_speaker_references")
        assert told in error["message"]


def test_speakers(served: Served, monkeypatch: pytest.MonkeyPatch):
    """Voices are told apart on this machine for diarized_json; where that cannot be, the refusal says so."""
    asked = (MODEL, PAUSE_FILE, ("response_format", "diarized_json"))

    class Voices:
        def __init__(self, folder: str | None = None) -> None:
            assert folder is None

        def find_turns(
            self, audio: Iterable[bytes], speech: Sequence[Span], most: int | None = None, least: int = 1
        ) -> list[SpeakerTurn]:
            assert b"".join(audio)
            assert (most, least) == (None, 1)
            return [SpeakerTurn(span, int(span.start_ms > 3_000)) for span in speech]

    monkeypatch.setattr(registry, "make_diarizer", Voices)
    reply = served.post(*asked)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    said = [(one["speaker"], one["text"]) for one in reply.json()["segments"]]
    assert said == [("speaker 1", PAUSE[:17]), ("speaker 2", PAUSE[18:])]

    def make(_folder: str | None) -> Voices:
        raise DiarizerUnavailableError("its model is missing")

    monkeypatch.setattr(registry, "make_diarizer", make)
    for more in ((), (("stream", "true"),)):
        reply = served.post(*asked, *more)
        assert (reply.status_code, reply.json()["error"]["param"]) == (400, "response_format")


def test_json_unless_told_otherwise(served: Served):
    """Without a format, the reply is json and holds only the text."""
    reply = served.post(MODEL, PAUSE_FILE)
    assert (reply.headers["content-type"], reply.json()) == ("application/json", {"text": PAUSE})


@pytest.mark.parametrize(
    ("name", "wanted", "members"),
    [
        ("timestamp_granularities[]", [], {"segments"}),
        ("timestamp_granularities[]", ["segment"], {"segments"}),
        ("timestamp_granularities[]", ["word"], {"words"}),
        ("timestamp_granularities[]", ["word", "segment"], {"segments", "words"}),
        ("timestamp_granularities", ["word", "segment"], {"segments", "words"}),
        ("timestamp_granularities[0]", ["word"], {"words"}),
    ],
)
def test_granularities(served: Served, name: str, wanted: list[str], members: set[str]):
    """Exactly the requested times are returned, however the client spells the list."""
    reply = served.post(MODEL, PAUSE_FILE, ("response_format", "verbose_json"), *[(name, kind) for kind in wanted])
    answer = reply.json()
    assert answer.keys() & {"segments", "words"} == members
    assert [answer[name] for name in ("task", "language", "text")] == ["transcribe", "en", PAUSE]
    assert answer["duration"] == pytest.approx(6.0, abs=0.3)


@pytest.mark.parametrize("name", ["include[]", "include"])
def test_log_probabilities(served: Served, name: str):
    """With logprobs included, json holds the log probability of each word."""
    answer = served.post(MODEL, PAUSE_FILE, (name, "logprobs")).json()
    assert answer["text"] == PAUSE
    assert "".join(token["token"] for token in answer["logprobs"]) == PAUSE
    assert all(-30 < token["logprob"] <= 0 for token in answer["logprobs"])


def test_other_fields_are_taken(served: Served):
    """Fields that the engine ignores, and unknown ones, are not an error."""
    fields = {"prompt": "a story", "temperature": "0.5", "language": "en", "chunking_strategy": "auto", "x": ""}
    reply = served.post(MODEL, PAUSE_FILE, *fields.items(), ("stream", "false"))
    assert (reply.status_code, reply.json()) == (200, {"text": PAUSE})


def test_parts_in_any_order(served: Served):
    """The recording may come first or last."""
    parts = [PAUSE_FILE, ("response_format", "text"), MODEL]
    assert served.post(*parts).text == served.post(*reversed(parts)).text == f"{PAUSE}\n"


@pytest.mark.parametrize("response_format", CONTENT_TYPES)
def test_stream(served: Served, response_format: str):
    """A stream sends the text as it becomes known, then all that the reply without a stream has."""
    asked = [MODEL, PAUSE_FILE, ("include[]", "logprobs")]
    reply = served.post(*asked, ("response_format", response_format), ("stream", "true"))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (reply.headers["cache-control"], reply.headers["x-accel-buffering"]) == ("no-cache", "no")
    *deltas, done = events_of(reply.text)
    assert [list(delta) for delta in deltas] == [["type", "delta"]] * 2
    assert {delta["type"] for delta in deltas} == {"transcript.text.delta"}
    assert "".join(delta["delta"] for delta in deltas) == PAUSE == done["text"]
    assert list(done)[0] == "type"  # noqa: RUF015 - easier to read
    whole = "json" if response_format in ("json", "text") else "verbose_json"
    expected = served.post(*asked, ("response_format", whole)).json()
    assert done == {"type": "transcript.text.done", **expected}


def test_stream_comes_while_it_is_made(served: Served):
    """The first piece of the text arrives before the last one is known."""
    form = as_form([MODEL, ("file", MEDIA.parent.parent / "samples" / "library.flac"), ("stream", "true")])
    with served.session.post(f"{served.url}/audio/transcriptions", **form, stream=True, timeout=120) as reply:
        lines = reply.iter_lines()
        assert "transcript.text.delta" in next(lines).decode()
        (place,) = served.leftovers()[:1]
        assert place.startswith("anyscribe-")
        rest = [json.loads(line[6:]) for line in lines if line]
    assert rest[-1]["text"] == LIBRARY


def test_stream_of_silence(served: Served):
    """Without speech, the stream has only its last event."""
    reply = served.post(MODEL, ("file", MEDIA / "silence.flac"), ("stream", "true"))
    assert events_of(reply.text) == [{"type": "transcript.text.done", "text": ""}]


def test_silence(served: Served):
    """Without speech, every format is a success."""
    for response_format in CONTENT_TYPES:
        reply = served.post(MODEL, ("file", MEDIA / "silence.flac"), ("response_format", response_format))
        assert reply.status_code == 200


@pytest.mark.parametrize("extension", ["mp3", "m4a", "ogg", "webm", "mkv", "flac", "wav"])
def test_every_container(served: Served, extension: str):
    """The words are the same in every container."""
    assert served.post(MODEL, ("file", MEDIA / f"hello.{extension}")).json() == {"text": HELLO}


def test_models_are_listed(served: Served):
    """Every name that can be requested is listed, and can be looked up."""
    listed = served.get("/v1/models").json()
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == ["tiny.en", "whisper-1", "gpt-4o-transcribe"]
    for model in listed["data"]:
        assert (model["object"], model["owned_by"], type(model["created"])) == ("model", "anyscribe", int)
        assert served.get(f"/v1/models/{model['id']}").json() == model


def test_alias_is_the_first_model(served: Served):
    """A fixed model name of a client can be an alias, which is answered by the first model."""
    assert served.post(("model", "whisper-1"), PAUSE_FILE).json() == {"text": PAUSE}


def test_health(served: Served):
    """The health route reports that the server is running."""
    reply = served.get("/health")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


def test_every_reply_has_a_request_id(served: Served):
    """Each reply has a unique request id, regardless of the outcome."""
    replies = [
        served.get("/health"),
        served.get("/nowhere"),
        served.post(MODEL, PAUSE_FILE),
        served.post(MODEL, PAUSE_FILE, ("stream", "true")),
        served.post(MODEL),
    ]
    ids = {reply.headers["x-request-id"] for reply in replies}
    assert len(ids) == len(replies)
    assert all(uuid.UUID(name.removeprefix("req_")) for name in ids)


def test_connection_is_kept(served: Served):
    """One connection serves several requests, also after a failed one."""
    with served.session.get(f"{served.url}/models", stream=True) as first:
        first.content  # noqa: B018 - read to its end
    for reply in (served.post(MODEL, PAUSE_FILE), served.post(("model", "x"), PAUSE_FILE), served.get("/health")):
        assert "connection" not in reply.headers


def test_program_names_no_software(served: Served):
    """The replies do not reveal the server software."""
    assert "server" not in served.get("/health").headers
