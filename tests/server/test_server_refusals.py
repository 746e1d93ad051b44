"""Refusals of `anyscribe serve`: in the contract's envelope, with the field at fault and the legal values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from served import MEDIA, Answer, field, form, new_program, recording, request, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from served import Served

FILE = ("file", MEDIA / "hello.wav")
MODEL = ("model", "tiny.en")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server that reports nothing, keeps nothing, and still works after all refusals."""
    with serving(new_program(tmp_path_factory)) as running:
        yield running
        assert running.transcribes()
        assert running.leftovers() == []
    assert len(running.err_lines) == 1, running.err_lines


def refused(reply: requests.Response) -> tuple[int, dict[str, Any]]:
    """Return the status and the members of the envelope, which must be complete."""
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-request-id"]
    value = reply.json()
    assert list(value) == ["error"]
    assert list(value["error"]) == ["message", "type", "param", "code"]
    assert value["error"]["message"]
    return reply.status_code, value["error"]


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("response_format", "docx", ["docx", "text", "json", "verbose_json", "srt", "vtt"]),
        ("temperature", "2", ["2", "0 to 1"]),
        ("temperature", "warm", ["warm", "0 to 1"]),
        ("timestamp_granularities", "sentence", ["sentence", "word", "segment"]),
        ("stream", "perhaps", ["perhaps", "true", "false"]),
        ("language", "../../etc", ["ISO-639-1"]),
        ("language", "fr", ["fr", "English"]),
        ("include", "secrets", ["secrets", "logprobs"]),
    ],
)
def test_field_without_a_legal_value(served: Served, name: str, value: str, named: list[str]):
    """The message names the field, its value, and the legal values."""
    for spelled in (name, f"{name}[]") if name in ("timestamp_granularities", "include") else (name,):
        status, error = refused(served.post(MODEL, FILE, (spelled, value)))
        assert (status, error["type"], error["param"], error["code"]) == (
            400,
            "invalid_request_error",
            name,
            "invalid_value",
        )
        assert all(word in error["message"] for word in [name, *named])


def test_stream_is_refused_with_a_status(served: Served):
    """A stream that cannot begin is refused with a status, like any other request."""
    status, error = refused(served.post(MODEL, ("file", MEDIA / "no_audio.mp4"), ("stream", "true")))
    assert (status, error["param"]) == (400, "file")
    status, error = refused(served.post(MODEL, FILE, ("stream", "true"), ("language", "fr")))
    assert (status, error["param"]) == (400, "language")


def test_model_is_missing(served: Served):
    """The refusal of a request without a model names the available models."""
    for parts in ([FILE], [FILE, ("model", "")]):
        status, error = refused(served.post(*parts))
        assert (status, error["param"], error["code"]) == (400, "model", "missing_required_parameter")
        assert "tiny.en" in error["message"]


@pytest.mark.parametrize(
    "name", ["whisper-1", "/etc/passwd", "../..", ".", "http://127.0.0.1:1/x", "tiny.en\0", "Tiny.en"]
)
def test_model_that_is_not_offered(served: Served, name: str):
    """Only offered models are accepted; no other name is looked up, on this machine or elsewhere."""
    status, error = refused(served.post(("model", name), FILE))
    assert (status, error["type"], error["param"], error["code"]) == (
        404,
        "invalid_request_error",
        "model",
        "model_not_found",
    )
    assert error["message"].endswith("use tiny.en")


def test_model_that_cannot_be_looked_up(served: Served):
    """A model that is not in the list cannot be looked up."""
    status, error = refused(served.get("/v1/models/whisper-1"))
    assert (status, error["code"]) == (404, "model_not_found")
    assert "tiny.en" in error["message"]


def test_recording_is_missing(served: Served):
    """A request without a recording is refused."""
    status, error = refused(served.post(MODEL, ("prompt", "x")))
    assert (status, error["param"], error["code"]) == (400, "file", "missing_required_parameter")


def test_two_recordings(served: Served):
    """A request with two recordings is refused."""
    status, error = refused(served.post(FILE, MODEL, FILE))
    assert (status, error["param"]) == (400, "file")
    assert "twice" in error["message"]


def test_recording_by_another_name(served: Served):
    """If a recording is in another part, the refusal names that part and the right one."""
    status, error = refused(served.post(MODEL, ("audio", MEDIA / "hello.wav")))
    assert (status, error["param"]) == (400, "audio")
    assert "file" in error["message"]


@pytest.mark.parametrize(
    "name", ["text.mp3", "empty.wav", "no_audio.mp4", "truncated.flac", "truncated.mp4", "make_media.py"]
)
def test_no_recording(served: Served, name: str):
    """A file that cannot be read as audio is the client's error, and no path of the server is revealed."""
    status, error = refused(served.post(MODEL, ("file", MEDIA / name)))
    assert (status, error["type"], error["param"], error["code"]) == (
        400,
        "invalid_request_error",
        "file",
        "invalid_value",
    )
    assert "/" not in error["message"]
    assert "anyscribe-" not in error["message"]


@pytest.mark.parametrize(
    "playlist", ["#EXTM3U\n#EXTINF:1,\n/etc/hostname\n", "ffconcat version 1.0\nfile /etc/hosts\n"]
)
def test_playlist(served: Served, playlist: str):
    """A playlist that is uploaded as a recording opens no other file."""
    for name in ("a.m3u8", "a.wav", "a.ffconcat"):
        status, error = refused(served.post(MODEL, ("file", (name, playlist.encode()))))
        assert (status, error["param"]) == (400, "file")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=XX", "", "multipart/form-dat"],
)
def test_wrong_content_type(served: Served, content_type: str):
    """A request that is not a form is told which content type is needed."""
    answer = served.exchange(request(form(field(*MODEL), recording()), content_type=content_type.encode()))
    assert answer.status == 415
    assert "multipart/form-data" in answer.error["message"]


@pytest.mark.parametrize("boundary", ["", "; boundary=", '; boundary=""', "; boundary=" + "x" * 300, "; border=XX"])
def test_no_boundary(served: Served, boundary: str):
    """A form without a valid boundary is refused."""
    body = form(field(*MODEL), recording())
    answer = served.exchange(request(body, content_type=b"multipart/form-data" + boundary.encode()))
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert "boundary" in answer.error["message"]


@pytest.mark.parametrize("path", ["/", "/v1", "//", "/v1/audio/speech", "/v1/../health", "nowhere", "*"])
def test_no_such_route(served: Served, path: str):
    """The refusal of an unknown route names the existing ones."""
    for method in ("GET", "POST"):
        answer = served.exchange(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
        assert (answer.status, answer.error["code"]) == (404, "unknown_url")
        assert "/v1/audio/transcriptions" in answer.error["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/audio/transcriptions", {"OPTIONS", "POST"}),
        ("HEAD", "/v1/audio/transcriptions", {"OPTIONS", "POST"}),
        ("PUT", "/v1/audio/transcriptions", {"OPTIONS", "POST"}),
        ("BREW", "/v1/audio/transcriptions/", {"OPTIONS", "POST"}),
        ("POST", "/v1/models", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/v1/models/tiny.en", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/health", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_method_that_is_not_allowed(served: Served, method: str, path: str, allowed: set[str]):
    """The refusal of a wrong method names the allowed ones."""
    reply = served.session.request(method, f"{served.url[:-3]}{path}", timeout=60)
    assert reply.status_code == 405
    assert set(reply.headers["allow"].split(", ")) == allowed
    if method == "HEAD":
        assert reply.content == b""
        return
    _, error = refused(reply)
    assert all(name in error["message"] for name in allowed)


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBroken header\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 20_000_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
        b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        request(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"") + b"zz\r\n",
    ],
)
def test_no_http(served: Served, raw: bytes):
    """A request that is not HTTP is refused in the envelope too, and the refusal arrives."""
    answer = served.exchange(raw)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert answer.headers["x-request-id"]


def test_request_that_ends_too_early(served: Served):
    """A client that stops sending in the middle of a body but still reads gets a refusal."""
    whole = request(form(field(*MODEL), recording()))
    with served.connect() as connection:
        connection.sendall(whole[: len(whole) // 2])
        connection.shutdown(1)
        data = b""
        while piece := connection.recv(1 << 16):
            data += piece
    answer = Answer(data)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    assert "ends" in answer.error["message"]


def test_long_values_are_not_sent_back(served: Served):
    """A refusal does not repeat a very long value."""
    reply = served.post(MODEL, FILE, ("language", "x" * 500_000))
    status, error = refused(reply)
    assert (status, error["param"]) == (400, "language")
    assert len(reply.content) < 1000
    status, error = refused(served.post(("model", "y" * 500_000), FILE))
    assert (status, len(error["message"]) < 1000) == (404, True)
