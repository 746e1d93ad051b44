"""Exactly the fields that the user sets reach the server."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from failures import error_lines, the_error
from loopback import json_reply

from anyscribe.form import write_form
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

PROMPT = 'Größe, "Zürich" & Co.; a=b\n--line two-- 🎙'


def sent(server: LoopbackServer) -> list[tuple[str, str]]:
    """Return names and values of the fields of the only request."""
    (request,) = server.requests
    return [(part.name, part.text) for part in request.parts if part.filename is None]


def test_every_field_arrives_as_given(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Each flag is one form field, lists are repeated names ending in [], and values are unchanged."""
    server.answer(json_reply({"text": "hello", "segments": [], "duration": 1}))
    flags = ["-m", "whisper-1", "-l", "de", "--prompt", PROMPT, "-f", "verbose_json", "-t", "0.30"]
    flags += ["--timestamp-granularities", "word", "--timestamp-granularities", "segment", "--include", "logprobs"]
    flags += ["--field", "hotwords=a=b", "--field", "languages[]=en", "--field", "languages[]=de", "--field", "empty="]
    run = anyscribe(media / "hello.flac", *flags, base_url=server.url)
    assert run.code == 0, run.err
    assert sent(server) == [
        ("model", "whisper-1"),
        ("response_format", "verbose_json"),
        ("language", "de"),
        ("prompt", PROMPT),
        ("temperature", "0.30"),
        ("timestamp_granularities[]", "word"),
        ("timestamp_granularities[]", "segment"),
        ("include[]", "logprobs"),
        ("hotwords", "a=b"),
        ("languages[]", "en"),
        ("languages[]", "de"),
        ("empty", ""),
    ]


def test_what_is_not_set_is_not_sent(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """By default only model and format are sent, in a form of known length that ends with the file."""
    assert anyscribe(media / "hello.flac", base_url=server.url).text == "hello\n"
    (request,) = server.requests
    assert sent(server) == [("model", "gpt-4o-transcribe"), ("response_format", "text")]
    assert [part.name for part in request.parts] == ["model", "response_format", "file"]
    assert (request.method, request.path) == ("POST", "/v1/audio/transcriptions")
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert int(request.headers["Content-Length"]) == request.length
    assert "Transfer-Encoding" not in request.headers
    assert request.headers["User-Agent"].startswith("anyscribe/")


def test_an_empty_model_is_the_default(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A variable that a script left empty does not become an empty field."""
    assert anyscribe(media / "hello.flac", "--model", "", base_url=server.url).code == 0
    assert sent(server)[0] == ("model", "gpt-4o-transcribe")


def test_the_environment_sets_fields_too(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """Each field has an environment variable, a flag overrides it, and a prompt may come from a file."""
    (tmp_path / "terms.txt").write_text(PROMPT + "\n", encoding="utf-8")
    variables = {
        "MODEL": "m",
        "LANGUAGE": "ja",
        "PROMPT": "@terms.txt",
        "FORMAT": "json",
        "TEMPERATURE": "1",
        "TIMESTAMP_GRANULARITIES": "word",
        "INCLUDE": "logprobs",
        "FIELD": "vad_filter=true",
    }
    env = {f"ANYSCRIBE_{name}": value for name, value in variables.items()}
    run = anyscribe(media / "hello.flac", "-t", "0", base_url=server.url, env=env)
    assert (run.code, run.json) == (0, {"text": "hello"})
    assert sent(server) == [
        ("model", "m"),
        ("response_format", "json"),
        ("language", "ja"),
        ("prompt", PROMPT),
        ("temperature", "0"),
        ("timestamp_granularities[]", "word"),
        ("include[]", "logprobs"),
        ("vad_filter", "true"),
    ]


@pytest.mark.parametrize("digits", ["0", "0.0", "0.30", "1", "1.0", "0.123456789012345678901234567890", ".5"])
def test_a_temperature_keeps_its_digits(digits: str) -> None:
    """A number is sent with the digits that the user wrote."""
    request = TranscriptionRequest(ResponseFormat.JSON, temperature=digits)
    assert write_form(request) == [("response_format", "json"), ("temperature", digits)]


def test_a_value_that_is_no_text_is_refused(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Bytes that are not UTF-8 cannot be sent in a form and are refused before anything is sent."""
    if sys.platform in {"win32", "darwin"}:
        pytest.skip("arguments are text there")
    run = anyscribe(media / "hello.flac", "--prompt", b"\xff\xfe", base_url=server.url)
    assert "prompt" in the_error(run, 2)
    assert server.requests == []


def test_files_arrive_whole_with_name_and_type(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A file is sent byte for byte with its container's media type, under its own name if that is plain."""
    types = {
        "hello.flac": "audio/flac",
        "hello.m4a": "audio/mp4",
        "hello.mp3": "audio/mpeg",
        "hello.ogg": "audio/ogg",
        "hello.wav": "audio/wav",
        "hello.webm": "video/webm",
    }
    run = anyscribe(*(media / name for name in types), "-j", "1", "-o", "-", base_url=server.url)
    assert run.code == 0, run.err
    files = [request.parts[-1] for request in server.requests]
    assert {part.name for part in files} == {"file"}
    assert {part.filename: part.content_type for part in files} == types
    hashes = [hashlib.sha256((media / name).read_bytes()).hexdigest() for name in types]
    assert [part.sha256 for part in files] == hashes
    assert len({request.client_port for request in server.requests}) == 1, "one connection serves one job after another"


def test_a_name_that_servers_misread_gets_a_stand_in(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """Of a name that is not plain ASCII only the extension is sent, so that the server still knows the container."""
    names = [b"gr\xc3\xbc\xc3\x9fe.ogg", b"\xf0\x9f\x8e\x99.OGG", b"per%41cent.ogg", b"it's.ogg", b"no extension"]
    if sys.platform != "win32":
        names += [b'quo"te.ogg', b"new\nline.ogg", b"back\\slash.ogg", b"\x1b[31mred.ogg"]
    if sys.platform not in {"win32", "darwin"}:
        names.append(b"\xff\xfe.ogg")
    for name in [*names, b"plain name (1).ogg"]:
        shutil.copy(media / "hello.ogg", tmp_path / os.fsdecode(name))
    run = anyscribe(*(os.fsdecode(name) for name in [*names, b"plain name (1).ogg"]), "-o", "-", base_url=server.url)
    assert (run.code, error_lines(run)) == (0, []), run.err
    sent_names = sorted(str(request.part("file").filename) for request in server.requests)
    assert sent_names == ["plain name (1).ogg"] + ["recording.ogg"] * len(names)
    for request in server.requests:
        assert "filename*" not in request.part("file").disposition


def test_standard_input_is_named_by_what_it_holds(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Standard input has no name; its container sets the extension."""
    run = anyscribe("-", base_url=server.url, stdin=(media / "hello.mp3").read_bytes())
    assert run.code == 0, run.err
    file = server.requests[0].part("file")
    assert (file.filename, file.content_type) == ("recording.mp3", "audio/mpeg")


def test_azure_gets_its_own_header_and_query(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A base URL with an api-version is Azure's: its query is kept, and the key is sent in Azure's header."""
    base_url = server.url.replace("/v1", "/openai/deployments/w/?api-version=2024-06-01")
    assert anyscribe(media / "hello.flac", base_url=base_url, api_key="0123456789").code == 0
    (request,) = server.requests
    assert request.target == "/openai/deployments/w/audio/transcriptions?api-version=2024-06-01"
    assert (request.headers["api-key"], request.headers["Authorization"]) == ("0123456789", None)
