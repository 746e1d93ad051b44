"""Every shape of error becomes one line with the server's message, the status, the flag and the request id."""

from __future__ import annotations

import itertools
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from failures import error_lines, the_error
from loopback import Fault, Reply, json_reply

from anyscribe.engines.remote.error_replies import Sender, read_complaint, read_refusal
from anyscribe.errors import AccessDeniedError, FormatRefusedError, RequestRefusedError, TooLargeError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

OPENAI = {"message": "no such\nmodel", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}
LANGUAGE = {**OPENAI, "message": "no such\nlanguage", "param": "language", "code": "invalid_value"}
NAMELESS = {**OPENAI, "param": None, "code": None}
FASTAPI = [{"type": "missing", "loc": ["body", "timestamp_granularities[]", 0], "msg": "field required", "input": None}]

# For each: the body, the message, the field.
ENVELOPES = {
    "OpenAI": ({"error": OPENAI}, "no such model", "model"),
    "OpenAI without names": ({"error": NAMELESS}, "no such model", None),
    "a param that is the word None": ({"error": {**OPENAI, "param": "None"}}, "no such model", None),
    "AnyAPI": ({"error": {"code": 400, "message": "bad", "type": "bad_request", "metadata": {}}}, "bad", None),
    "a text": ({"error": "model not loaded"}, "model not loaded", None),
    "flat": (
        {"object": "error", "message": "too long", "type": "BadRequestError", "param": "file"},
        "too long",
        "file",
    ),
    "flat, with a flag": ({"error": True, "message": "too long"}, "too long", None),
    "FastAPI's text": ({"detail": "Not found"}, "Not found", None),
    "FastAPI's list": ({"detail": FASTAPI}, "field required", "timestamp_granularities[]"),
    "a list of texts": ({"errors": ["one", "two"]}, "one", None),
    "an object in detail": ({"detail": {"error": {"message": "deep"}}}, "deep", None),
    "an unknown envelope": (
        {"title": "Bad Request", "status": 400},
        '{"title": "Bad Request", "status": 400}',
        None,
    ),
    "a string": ("out of memory", "out of memory", None),
}
PAGES = {
    "plain text": (b"Internal \r\n Error\n", "Internal Error"),
    "a page": (
        b"<html><head><title>x</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body>",
        "502 Bad Gateway nginx",
    ),
    "a page without words": (b"<html><head><title>Moved &amp; gone</title></head></html>", "Moved & gone"),
    "a page with a script": (b"\xef\xbb\xbf<!doctype html><script>alert(1)</script><p>Sorry", "Sorry"),
    "half of json": (b'{"error": {"message": "x', '{"error": {"message": "x'),
    "json too deep": (b"[" * 50_000, "[" * 199 + "\u2026"),
    "envelopes too deep": (b'{"error":' * 900 + b"1" + b"}" * 900, None),
    "nothing": (b"", ""),
    "an empty object": (b"{}", ""),
    "garbage": (b"\x00\xff", "\x00\ufffd"),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_every_envelope_is_opened(name: str) -> None:
    """The server's message and the field it names are found in every envelope."""
    value, message, field = ENVELOPES[name]
    complaint = read_complaint(json.dumps(value).encode())
    assert (complaint.message, complaint.field) == (message, field)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_no_envelope_is_shown_in_brief(name: str) -> None:
    """A page is reduced to its text, anything else to its beginning, and no content makes the reader fail."""
    body, message = PAGES[name]
    shown = read_complaint(body).message
    assert shown == message or (message is None and len(shown) <= 500)


def test_long_words_are_cut() -> None:
    """A long message is cut."""
    assert len(read_complaint(json.dumps({"error": {"message": "ab " * 100_000}}).encode()).message) == 500


@pytest.mark.parametrize("field", ["response_format", None])
@pytest.mark.parametrize("status", [400, 415, 422])
def test_a_refused_format_is_told_apart(status: int, field: str | None) -> None:
    """An error about response_format, by field name or in words, is one that another format may fix."""
    said = {"message": "response_format 'srt' is not compatible with model 'm'", "code": "unsupported_value"}
    body = json.dumps({"error": {**said, "param": field}}).encode()
    assert isinstance(read_refusal(status, {}, body, Sender("K"), now=0).error, FormatRefusedError)


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"message": "model is required", "param": "model"}},
        {"error": {"message": "needs response_format=verbose_json", "param": "timestamp_granularities[]"}},
        {"error": {"message": "logprobs need response_format=json", "param": "include[]"}},
        {"error": "the format of the file is not known"},
    ],
)
def test_other_complaints_are_not_about_the_format(value: object) -> None:
    """If the error is about another field, no other format is tried, since that would drop what the user asked for."""
    error = read_refusal(400, {}, json.dumps(value).encode(), Sender("K"), now=0).error
    assert type(error) is RequestRefusedError


@pytest.mark.parametrize(
    ("status", "code", "kind", "passing"),
    [
        *((status, None, RequestRefusedError, False) for status in (400, 404, 405, 407, 410, 415, 418, 422)),
        (413, None, TooLargeError, False),
        *((status, None, AccessDeniedError, False) for status in (401, 402, 403)),
        (429, "insufficient_quota", AccessDeniedError, False),
        *((status, None, UnavailableError, True) for status in (408, 409, 429, 500, 502, 503, 504, 520, 599)),
        *((status, None, RequestRefusedError, False) for status in (300, 304, 101)),
    ],
)
def test_the_status_decides(status: int, code: str | None, kind: type[Exception], passing: bool) -> None:  # noqa: FBT001
    """Temporary errors are retried; wrong or denied requests are not."""
    body = json.dumps({"error": {"message": "m", "code": code}}).encode()
    refusal = read_refusal(status, {"x-request-id": "r"}, body, Sender("MY_KEY"), now=0)
    assert (type(refusal.error), refusal.is_temporary) == (kind, passing)
    assert (refusal.error.status, refusal.error.request_id) == (status, "r")
    assert str(status) in str(refusal.error.message)
    if status in {401, 403}:
        assert "MY_KEY" in str(refusal.error.remedy)


@pytest.mark.parametrize(
    ("status", "said", "passing"), [(400, "true", True), (404, "TRUE", True), (503, "false", False), (503, "no", True)]
)
def test_the_server_may_know_better(status: int, said: str, passing: bool) -> None:  # noqa: FBT001
    """The server's own retry header overrides the status."""
    refusal = read_refusal(status, {"x-should-retry": said}, b"", Sender("K"), now=0)
    assert (refusal.is_temporary, type(refusal.error)) == (passing, UnavailableError)


def test_refusals_are_errors_of_one_line(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """Each shape of refusal is one line with the server's message, the status, the flag and the request id."""
    replies = [
        json_reply({"error": LANGUAGE}, 400, headers={"x-request-id": "req_1\x1b[2J"}),
        json_reply({"detail": FASTAPI}, 422),
        Reply(404, b"<html><body><h1>404 Not Found</h1></body></html>", "text/html"),
        Reply(413, b"", None),
        json_reply({"error": {"message": "\x1b]0;owned\x07 \u009b31m red", "param": "hotwords"}}, 400),
        Reply(400, b'{"error": {"message": "cut', fault=Fault.CUT),
        Reply(400, b"not gzip", headers={"Content-Encoding": "gzip"}),
    ]
    server.answer(*replies, Reply(599))
    names = [tmp_path / f"{number}.ogg" for number in range(len(replies))]
    for name in names:
        shutil.copy(media / "hello.ogg", name)
    run = anyscribe(*names, "-j", "1", "-f", "srt", "-m", "m", "--upload", "original", base_url=server.url)
    lines = error_lines(run)
    assert (run.code, run.out, len(lines), len(server.requests)) == (1, b"", len(replies), len(replies)), run.err
    expected = [
        ("(400): no such language", "--language", "(request id req_1\\x1b[2J)"),
        ("(422): field required", "--timestamp-granularities"),
        ("(404): 404 Not Found", "--base-url"),
        ("(413): it gave no reason", "--max-upload"),
        ("(400): \\x1b]0;owned\\x07 \\x9b31m red", "hotwords"),
        ('(400): {"error": {"message": "cut',),
        ("(400): it gave no reason",),
    ]
    for number, (line, words) in enumerate(zip(lines, expected, strict=True)):
        assert line.startswith(f"{names[number]}: ")
        assert [word for word in words if word not in line] == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (json_reply({"error": {"message": "bad key", "code": "invalid_api_key"}}, 401), "ANYSCRIBE_API_KEY"),
        (json_reply({"error": {"code": 402, "message": "Top up", "metadata": {}}}, 402), "credit"),
        (json_reply({"detail": "Not authenticated"}, 403), "ANYSCRIBE_API_KEY"),
        (json_reply({"error": {"message": "over quota", "type": "insufficient_quota"}}, 429), "credit"),
    ],
)
def test_denial_has_a_code_of_its_own(
    anyscribe: Program, server: LoopbackServer, media: Path, reply: Reply, words: str
) -> None:
    """A wrong key and an empty account end with exit code 4, at once, and say what to do."""
    server.answer(reply)
    error = the_error(anyscribe(media / "hello.ogg", base_url=server.url, api_key="sk-0123456789"), 4)
    assert words in error
    assert f"({reply.status})" in error
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_missing_key_is_not_called_a_wrong_one(
    anyscribe: Program, server: LoopbackServer, media: Path, status: int
) -> None:
    """Without a key, the error names the variable to set."""
    server.answer(json_reply({"error": {"message": "Missing bearer token"}}, status))
    error = the_error(anyscribe(media / "hello.ogg", base_url=server.url), 4)
    assert f"the server wants a key ({status}): Missing bearer token: set ANYSCRIBE_API_KEY" in error


def test_an_endless_error_page_is_not_read(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Only the beginning of an error page is read, however long it is."""
    page = itertools.chain([b"<html><body>Bad luck"], itertools.repeat(b" and trouble" * 10_000))
    server.answer(Reply(400, content_type="text/html", chunks=page))  # type: ignore[arg-type] # only iterated
    error = the_error(anyscribe(media / "hello.ogg", base_url=server.url, timeout_s=20), 1)
    assert "Bad luck and trouble" in error
    assert len(error) < 700
