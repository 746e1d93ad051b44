"""Streams and output formats: what is requested, what is made of it, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from loopback import Reply, json_reply
from test_recording_formats import MADE_SRT, formats_asked, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program
    from whispering import Whisper

pytest_plugins = ["whispering"]


@pytest.fixture
def anyscribe(anyscribe: Program) -> Program:
    """Return the program with an unknown model, so that any format is requested."""
    anyscribe.model = "m"
    return anyscribe


def event(value: object) -> bytes:
    """Return one event as servers write it."""
    return f"data: {json.dumps(value)}\n\n".encode()


def stream(*values: object) -> Reply:
    """Return a reply that is a stream of events."""
    return Reply(content_type="text/event-stream", chunks=[event(value) for value in values])


BARE = stream(
    {"type": "transcript.text.delta", "delta": "Hello"},
    {"type": "transcript.text.delta", "delta": " you"},
    {"type": "transcript.text.done", "text": "Hello you", "usage": {"type": "tokens", "total_tokens": 7}},
)
TIMED = stream(
    {"type": "transcription.text.delta", "text": "Hello"},
    {"type": "transcription.segment", "text": "Hello", "start": 0.1, "end": 1.0},
    {"type": "transcription.text.delta", "text": " you"},
    {"type": "transcription.segment", "text": " you", "start": 1.0, "end": 1.5},
    {"type": "transcription.done", "text": "Hello you", "model": "m"},
)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_stream_is_asked_for_in_the_format_that_is_wanted(
    anyscribe: Program, server: LoopbackServer, media: Path, form: str
) -> None:
    """Text and json are available from any stream, and the form field is true, not True."""
    server.answer(BARE)
    run = anyscribe(media / "hello.wav", "--stream", "-f", form, base_url=server.url)
    assert run.code == 0, run.err
    (request,) = server.requests
    assert (request.fields["stream"], request.fields["response_format"]) == (["true"], [form])
    assert run.text == "Hello you\n" if form == "text" else run.json["text"] == "Hello you"


def test_a_stream_that_is_not_wanted_is_said_to_be(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """What the user sets is sent, including that there is to be no stream."""
    assert anyscribe(media / "hello.wav", "--no-stream", base_url=server.url).code == 0
    assert anyscribe(media / "hello.wav", base_url=server.url).code == 0
    assert [request.fields.get("stream") for request in server.requests] == [["false"], None]


def test_several_formats_without_times_come_from_a_stream_of_json(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """Text and json need nothing that a stream lacks, and the stream's usage is in the json."""
    server.answer(BARE)
    run = anyscribe(media / "hello.wav", "--stream", "-f", "text", "-f", "json", "-d", tmp_path, base_url=server.url)
    assert run.code == 0, run.err
    assert formats_asked(server) == ["json"]
    assert (tmp_path / "hello.txt").read_text() == "Hello you\n"
    usage = json.loads((tmp_path / "hello.json").read_text())["usage"]
    assert usage == {"type": "tokens", "total_tokens": 7}


@pytest.mark.parametrize("wanted", [["srt"], ["vtt"], ["verbose_json"], ["text", "srt"]])
def test_times_are_not_to_be_had_from_a_bare_stream(
    anyscribe: Program, server: LoopbackServer, media: Path, wanted: list[str]
) -> None:
    """With --no-align, formats that need times are refused before anything is sent, with the reason and the remedy."""
    formats = [argument for form in wanted for argument in ("-f", form)]
    run = anyscribe(media / "hello.wav", "--stream", "--no-align", *formats, "-d", ".", base_url=server.url)
    assert (run.code, run.out, server.requests) == (2, b"", [])
    (line,) = run.err_lines
    assert "times" in line
    assert "leave out --stream" in line
    assert "--timestamp-granularities segment" in line


def test_times_of_words_are_in_no_stream(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """No server streams the times of words; with --no-align, a request for them is refused."""
    arguments = ["--stream", "--no-align", "-f", "verbose_json", "--timestamp-granularities", "word"]
    run = anyscribe(media / "hello.wav", *arguments, base_url=server.url)
    assert (run.code, server.requests, len(run.err_lines)) == (2, [], 1)
    assert "--timestamp-granularities word" in run.err


def test_segments_in_a_stream_become_subtitles(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """If the user knows that the server streams segments, subtitles are made of those."""
    server.answer(TIMED)
    arguments = ["--stream", "-f", "srt", "--timestamp-granularities", "segment"]
    run = anyscribe(media / "hello.wav", *arguments, base_url=server.url)
    assert run.code == 0, run.err
    assert run.text == MADE_SRT
    (request,) = server.requests
    assert request.fields["response_format"] == ["verbose_json"]
    assert request.fields["timestamp_granularities[]"] == ["segment"]


def test_a_server_that_streams_json_only_is_asked_for_that(
    anyscribe: Program, server: LoopbackServer, media: Path
) -> None:
    """A refused format is made here from a stream as from any other reply."""
    server.answer(refusal("text"), BARE)
    run = anyscribe(media / "hello.wav", "--stream", base_url=server.url)
    assert (run.code, run.text) == (0, "Hello you\n"), run.err
    assert formats_asked(server) == ["text", "json"]
    assert [request.fields["stream"] for request in server.requests] == [["true"], ["true"]]


def test_a_server_that_knows_no_stream_has_its_say(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Older models ignore the request to stream; their complete reply is still the transcript."""
    server.answer(json_reply({"text": "Hello you"}))
    run = anyscribe(media / "hello.wav", "--stream", base_url=server.url)
    assert (run.code, run.text) == (0, "Hello you\n"), run.err


@pytest.mark.parametrize("form", ["srt", "vtt", "verbose_json", "json"])
def test_here_everything_can_be_streamed(whisper: Whisper, media: Path, form: str) -> None:
    """The built-in engine streams its text and adds its times last; the result is the same as without a stream."""
    asked = [media / "pause.flac", "-f", form, "--timestamp-granularities", "word"]
    streamed = whisper(*asked, "--stream")
    assert (streamed.code, streamed.out) == (0, whisper(*asked).out), streamed.err
    assert streamed.out
