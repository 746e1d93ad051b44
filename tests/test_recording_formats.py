"""One recording in every format: what the server is asked for, and what is made of its reply."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from failures import error_lines, the_error
from loopback import Reply, json_reply

from anyscribe.audio import probe

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

SEGMENTS = [{"id": 0, "start": 0.1, "end": 1.0, "text": " Hello"}, {"id": 1, "start": 1.0, "end": 1.5, "text": " you"}]
WORDS = [{"word": "Hello", "start": 0.1, "end": 0.9}, {"word": "you", "start": 1.0, "end": 1.5}]
VERBOSE = {"task": "transcribe", "language": "en", "duration": 2.0, "text": "Hello you", "segments": SEGMENTS}
SRT = "1\n00:00:00,100 --> 00:00:01,000\nHello\n\n2\n00:00:01,000 --> 00:00:01,500\nyou\n\n"
# The same cues as rendered here: a cue ends two frames before the next one, and stays long enough to be read.
MADE_SRT = SRT.replace("01,000\nH", "00,916\nH").replace("01,500", "01,833")
VTT = "WEBVTT\n\n00:00:00.100 --> 00:00:01.000\nHello\n\n00:00:01.000 --> 00:00:01.500\nyou\n"
MADE_VTT = VTT.replace("01.000\nH", "00.916\nH").replace("01.500", "01.833")


@pytest.fixture
def anyscribe(anyscribe: Program) -> Program:
    """Return the program with an unknown model, so that any format is requested."""
    anyscribe.model = "m"
    return anyscribe


def refusal(wanted: str) -> Reply:
    """Return a refusal of a format as OpenAI sends it."""
    message = f"response_format '{wanted}' is not compatible with model 'm'. Use 'json' or 'text' instead."
    error = {"message": message, "type": "invalid_request_error", "param": "response_format"}
    return json_reply({"error": {**error, "code": "unsupported_value"}}, 400)


def refusal_as_fastapi(wanted: str) -> Reply:
    """Return a refusal of a format as Python servers send it."""
    error = {"type": "enum", "loc": ["body", "response_format"], "msg": "Input should be 'json'", "input": wanted}
    return json_reply({"detail": [error]}, 422)


def formats_asked(server: LoopbackServer) -> list[str]:
    """Return the requested format of each request."""
    return [value for request in server.requests for value in request.fields["response_format"]]


def granularities_asked(server: LoopbackServer) -> list[list[str]]:
    """Return the requested granularities of each request."""
    return [request.fields.get("timestamp_granularities[]", []) for request in server.requests]


@pytest.mark.parametrize("refuse", [refusal, refusal_as_fastapi])
def test_a_refused_format_is_made_here(anyscribe: Program, server: LoopbackServer, media: Path, refuse) -> None:
    """If a server refuses SubRip, it is asked for times instead, and the user is told."""
    server.answer(refuse("srt"), json_reply(VERBOSE))
    run = anyscribe(media / "hello.flac", "-f", "srt", base_url=server.url)
    assert (run.code, run.text) == (0, MADE_SRT), run.err
    assert formats_asked(server) == ["srt", "verbose_json"]
    (line,) = run.err_lines
    assert "srt" in line
    assert "verbose_json" in line


@pytest.mark.parametrize("wanted", ["srt", "vtt"])
def test_bare_text_becomes_one_cue(anyscribe: Program, server: LoopbackServer, media: Path, wanted: str) -> None:
    """With --no-align, bare text becomes one cue over the whole recording, with a warning."""
    server.answer(refusal(wanted), refusal("verbose_json"), json_reply({"text": "Hello you"}))
    run = anyscribe(media / "hello.flac", "-f", wanted, "--no-align", base_url=server.url)
    duration_ms = probe(media / "hello.flac").duration_ms
    assert duration_ms is not None
    end = f"00:00:{duration_ms // 1000:02}{'.' if wanted == 'vtt' else ','}{duration_ms % 1000:03}"
    assert run.code == 0, run.err
    assert f"--> {end}\nHello you\n" in run.text
    assert run.text.count("-->") == 1
    assert formats_asked(server) == [wanted, "verbose_json", "json"]
    assert "no times" in run.err_lines[-1]
    assert len(run.err_lines) == 3


def test_a_refusal_is_remembered(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """In a batch, a format is refused once, reported once, and not requested again."""
    names = [tmp_path / f"{number}.ogg" for number in range(3)]
    for name in names:
        shutil.copy(media / "hello.ogg", name)
    server.answer(refusal("srt"), json_reply(VERBOSE))
    run = anyscribe(*names, "-f", "srt", "-j", "1", base_url=server.url)
    assert run.code == 0, run.err
    assert formats_asked(server) == ["srt", "verbose_json", "verbose_json", "verbose_json"]
    assert [name.with_suffix(".srt").read_text(encoding="utf-8") for name in names] == [MADE_SRT] * 3
    assert sum("asking again" in line for line in run.err_lines) == 1


def test_refused_text_is_taken_from_json(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """If bare text is refused, it is taken from the smallest format that every server has."""
    server.answer(refusal("text"), json_reply({"text": " Hello you "}))
    run = anyscribe(media / "hello.flac", base_url=server.url)
    assert (run.code, run.text) == (0, "Hello you\n"), run.err
    assert formats_asked(server) == ["text", "json"]


def test_a_server_that_refuses_all(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """If no format is left to request, the last refusal is the error, and no format is requested twice."""
    server.answer(refusal("x"))
    error = the_error(anyscribe(media / "hello.flac", "-f", "vtt", base_url=server.url), 1)
    assert "not compatible with model" in error
    assert "--format" in error
    assert formats_asked(server) == ["vtt", "verbose_json", "json"]


def test_another_fault_of_the_second_request(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """An error of the substitute request is the error that is reported."""
    server.answer(refusal("srt"), json_reply({"error": {"message": "no such language", "param": "language"}}, 400))
    error = the_error(anyscribe(media / "hello.flac", "-f", "srt", "-l", "xx", base_url=server.url), 1)
    assert "--language" in error
    assert len(server.requests) == 2


def test_granularities_go_where_they_mean_something(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Granularities are sent with the user's own format and with verbose_json, but not with json as a substitute."""
    server.answer(refusal("srt"), refusal("verbose_json"), json_reply({"text": "Hello you"}))
    flags = ["--timestamp-granularities", "word", "-f", "srt", "--no-align"]
    assert anyscribe(media / "hello.flac", *flags, base_url=server.url).code == 0
    assert formats_asked(server) == ["srt", "verbose_json", "json"]
    assert granularities_asked(server) == [["word"], ["word"], []]


def test_several_formats_cost_one_request(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """All formats of a recording are made from one reply, which is passed on unchanged if it is one of them."""
    recording = tmp_path / "talk.flac"
    shutil.copy(media / "hello.flac", recording)
    body = json.dumps(VERBOSE, indent=3).encode()
    server.answer(Reply(body=body))
    wanted = ("text", "srt", "verbose_json", "vtt")
    flags = [flag for name in wanted for flag in ("-f", name)]
    run = anyscribe(recording, *flags, base_url=server.url)
    assert (run.code, run.out, formats_asked(server)) == (0, b"", ["verbose_json"]), run.err
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path != recording}
    assert made == {
        "talk.txt": b"Hello you\n",
        "talk.srt": MADE_SRT.encode(),
        "talk.json": body,
        "talk.vtt": MADE_VTT.encode(),
    }


def test_several_formats_of_bare_text(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """If there are no times, json stands in for all formats, and granularities are not sent with it."""
    recording = tmp_path / "talk.flac"
    shutil.copy(media / "hello.flac", recording)
    server.answer(refusal("verbose_json"), json_reply({"text": "Hello you", "usage": {"seconds": 2}}))
    flags = ["-f", "json", "-f", "srt", "--timestamp-granularities", "segment", "--no-align"]
    run = anyscribe(recording, *flags, base_url=server.url)
    assert run.code == 0, run.err
    assert formats_asked(server) == ["verbose_json", "json"]
    assert granularities_asked(server) == [["segment"], []]
    assert json.loads((tmp_path / "talk.json").read_bytes()) == {"text": "Hello you", "usage": {"seconds": 2}}
    assert (tmp_path / "talk.srt").read_text(encoding="utf-8").count("-->") == 1


@pytest.mark.parametrize(
    "case",
    [
        ("srt", json_reply(VERBOSE), MADE_SRT),
        ("srt", Reply(body=VTT.encode(), content_type="text/vtt"), MADE_SRT),
        ("vtt", Reply(body=json.dumps({"text": SRT}).encode()), MADE_VTT),
        ("vtt", json_reply({**VERBOSE, "segments": None, "words": WORDS}), None),
        ("text", json_reply({"text": " Hello you"}), "Hello you\n"),
        ("text", json_reply(VERBOSE), "Hello you\n"),
        ("text", Reply(body=SRT.encode(), content_type="text/plain"), "Hello you\n"),
        ("text", Reply(body=json.dumps(SRT).encode()), "Hello you\n"),
        ("json", Reply(body=b" Hello you\n", content_type="text/plain"), '{"text":"Hello you"}\n'),
    ],
)
def test_what_was_not_asked_for_is_made_into_what_was(
    anyscribe: Program, server: LoopbackServer, media: Path, case: tuple[str, Reply, str | None]
) -> None:
    """A server that ignores the format gets no second request: its reply is rendered in the requested format."""
    wanted, reply, expected = case
    server.answer(reply)
    run = anyscribe(media / "hello.flac", "-f", wanted, base_url=server.url)
    assert (run.code, run.err) == (0, "")
    assert expected is None or run.text == expected
    assert "Hello" in run.text
    assert formats_asked(server) == [wanted]


def test_verbose_json_of_bare_text(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """If times are requested but missing, --no-align gives JSON without segments, and the user is told."""
    server.answer(json_reply({"text": "Hello you"}))
    run = anyscribe(media / "hello.flac", "-f", "verbose_json", "--no-align", base_url=server.url)
    assert (run.code, run.json["text"], run.json["segments"]) == (0, "Hello you", [])
    assert run.json["duration"] == pytest.approx(probe(media / "hello.flac").duration_ms / 1000)
    assert "no times" in run.err


def test_json_that_says_more_is_passed_on(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A reply in json is passed on completely, byte for byte."""
    body = json.dumps({**VERBOSE, "x_groq": {"id": "1"}}, indent=1).encode()
    server.answer(Reply(body=body))
    assert anyscribe(media / "hello.flac", "-f", "json", base_url=server.url).out == body


def test_a_wrapper_is_taken_off(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """SubRip that is wrapped in JSON is passed on without the wrapper, otherwise unchanged."""
    inner = "1\n00:00:00.1 --> 00:00:01.0\nHello\n"
    server.answer(json_reply({"text": inner}))
    assert anyscribe(media / "hello.flac", "-f", "srt", base_url=server.url).text == inner


def test_cues_end_with_the_recording(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Times after the recording's end, which some models invent, do not reach the subtitles."""
    segments = [{"start": 0, "end": 1.2, "text": "Hello"}, {"start": 1.2, "end": 29.98, "text": "you"}]
    server.answer(json_reply({"text": "Hello you", "segments": segments}))
    run = anyscribe(media / "hello.flac", "-f", "srt", base_url=server.url)
    duration_ms = probe(media / "hello.flac").duration_ms
    assert duration_ms is not None
    assert f"--> 00:00:02,{duration_ms - 2000:03}\nyou" in run.text


def test_silence_is_a_result(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """A recording without speech gives empty text and valid, empty subtitles, without a warning."""
    recording = tmp_path / "talk.flac"
    shutil.copy(media / "silence.flac", recording)
    server.answer(json_reply({"text": "", "segments": [], "duration": 3.0}))
    run = anyscribe(recording, "-f", "text", "-f", "srt", "-f", "vtt", base_url=server.url)
    assert (run.code, error_lines(run)) == (0, [])
    assert [(tmp_path / f"talk.{name}").read_bytes() for name in ("txt", "srt", "vtt")] == [b"", b"", b"WEBVTT\n"]
    assert "no times" not in run.err


def test_escapes_of_a_hostile_model_are_data(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A transcript reaches a pipe unchanged, and never reaches standard error."""
    text = "\x1b]0;owned\x07Hello \x1b[31myou\x9b1m"
    server.answer(json_reply({"text": text}))
    run = anyscribe(media / "hello.flac", "-vv", base_url=server.url)
    assert (run.code, run.text) == (0, text + "\n")
    assert "\x1b" not in run.err
    assert "owned" not in run.err


def test_limits_of_cues(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Each limit of a cue has a flag; with one of them, the cues are made here from the server's times."""
    text = "Welcome to the town library, where every reader is welcome."
    segments = [{"id": 0, "start": 0.0, "end": 0.4, "text": text}]
    server.answer(json_reply({"task": "transcribe", "duration": 9.0, "text": text, "segments": segments}))
    asked = [media / "hello.flac", "-f", "srt", "-m", "whisper-1", "--no-check"]
    short = anyscribe(*asked, "--min-cue-seconds", "2", "--max-cps", "900", base_url=server.url)
    assert short.text.splitlines()[1] == "00:00:00,000 --> 00:00:02,000"
    narrow = anyscribe(*asked, "--max-line-chars", "20", "--max-lines", "1", base_url=server.url)
    lines = [line for line in narrow.text.splitlines() if line and "-->" not in line and not line.isdigit()]
    assert len(lines) == narrow.text.count("-->") > 2
    assert max(map(len, lines)) <= 20
