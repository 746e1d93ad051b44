"""The key goes only to the server that the user named and never appears in any output."""

from __future__ import annotations

import base64
import shutil
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import LoopbackServer, Reply, json_reply

from anyscribe import transcribe
from anyscribe.config import Origin, Server, Setting, choose_place
from anyscribe.engines.remote.endpoint import Endpoint
from anyscribe.errors import UsageError
from anyscribe.keys.finding import Keys
from anyscribe.session import default_model

if TYPE_CHECKING:
    from pathlib import Path

    from programs import Program

SECRET = "sk-live/0123456789abcdef/XYZ"  # noqa: S105 - a test value
BEARER = f"Bearer {SECRET}"


def assert_hidden(text: str, secret: str = SECRET) -> None:
    """Assert that neither a secret nor half of it is in the text."""
    assert secret not in text
    assert [half for half in (secret[: len(secret) // 2], secret[len(secret) // 2 :]) if half in text] == []


def test_the_key_goes_to_the_server_and_nowhere_else(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """The most verbose output shows the request without the key."""
    run = anyscribe(media / "hello.ogg", "-vv", base_url=server.url, api_key=SECRET)
    assert (run.code, run.text) == (0, "hello\n"), run.err
    assert server.requests[0].headers["Authorization"] == BEARER
    assert "POST" in run.err
    assert_hidden(run.err)


def test_no_failure_shows_the_key(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """A key repeated anywhere in a reply is hidden, even at the highest verbosity."""
    page = b"<html><body>" + b"x" * 170 + SECRET.encode() + b"</body></html>"
    replies = [
        json_reply({"error": {"message": f"bad key {SECRET}", "param": SECRET, "code": SECRET}}, 400),
        Reply(400, b'{"error": "%b"}' % SECRET.replace("/", "\\/").encode()),
        Reply(400, page, "text/html"),
        Reply(400, b"x" * 182 + SECRET.encode(), "text/plain"),
        json_reply({"error": "x" * 482 + SECRET}, 400),
        Reply(500, b"", SECRET, {"x-request-id": SECRET, "Retry-After": "500"}),
        Reply(body=page, content_type="text/html"),
        Reply(body=b"\x00" + b"x" * 170 + SECRET.encode(), content_type=f"text/plain; {SECRET}"),
        Reply(body=b'{"text": "' + SECRET.encode(), content_type=SECRET),
        Reply(307, headers={"Location": f"http://127.0.0.1:1/{SECRET}?key={SECRET}"}),
        Reply(302, headers={"Location": f"http://{SECRET.replace('/', '')}@127.0.0.1:1/"}),
        Reply(raw=f"HTTP/1.1 500 {BEARER}\r\nx-request-id: {SECRET}\r\n\r\n{BEARER}".encode()),
        Reply(raw=BEARER.encode() + b"\r\n\r\n"),
        Reply(raw=f"HTTP/1.1 {SECRET}\r\n\r\n".encode()),
        Reply(raw=f"HTTP/1.1 200 OK\r\nContent-Length: {SECRET}\r\n\r\n".encode()),
        Reply(raw=f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n".encode()),
        Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Encoding: " + SECRET.encode() + b"\r\n\r\nx"),
        json_reply({"error": {"message": f"\x1b[31mIncorrect API key provided: {SECRET}"}}, 401),
    ]
    server.answer(*replies)
    names = [tmp_path / f"{number:02}.ogg" for number in range(len(replies))]
    for name in names:
        shutil.copy(media / "hello.ogg", name)
    run = anyscribe(
        *names, "-vv", "-j", "1", "--retries", "0", "-f", "json", "-o", "-", base_url=server.url, api_key=SECRET
    )
    assert len(server.requests) == len(replies), run.err
    assert run.err.count("error:") >= len(replies) - 1  # an unknown coding is no error
    assert "Incorrect API key provided: [key]" in run.err
    assert_hidden(run.err)
    assert "\x1b" not in run.err
    assert "Traceback" in run.err


def test_without_a_key_nothing_is_said_of_one(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Without a key no Authorization header is sent, and .netrc is ignored."""
    (anyscribe.home / ".netrc").write_text("machine 127.0.0.1 login me password netrc-secret\n", encoding="utf-8")
    (anyscribe.home / ".netrc").chmod(0o600)
    assert anyscribe(media / "hello.ogg", base_url=server.url).code == 0
    assert anyscribe(media / "hello.ogg", base_url=server.url, api_key=SECRET).code == 0
    assert [request.headers["Authorization"] for request in server.requests] == [None, BEARER]


@pytest.mark.parametrize(
    ("env", "key"),
    [
        ({"ANYSCRIBE_API_KEY": SECRET, "ANYAPI_API_KEY": "other-key"}, SECRET),
        ({"ANYSCRIBE_API_KEY": f" {SECRET}\n"}, SECRET),
        ({"OPENAI_API_KEY": "other-key", "ANYAPI_API_KEY": "other-key"}, None),
        ({"ANYSCRIBE_API_KEY": " '' ", "ANYAPI_API_KEY": "other-key"}, None),
    ],
)
def test_which_key_is_sent(
    anyscribe: Program, server: LoopbackServer, media: Path, env: dict[str, str], key: str | None
) -> None:
    """The program's own; the keys of AnyAPI and OpenAI are for their own hosts alone."""
    assert anyscribe(media / "hello.ogg", base_url=server.url, env=env).code == 0
    assert server.requests[0].headers["Authorization"] == (f"Bearer {key}" if key else None)


@pytest.mark.parametrize(
    "given",
    [
        f'"{SECRET}"',
        f"'{SECRET}'",
        f"`{SECRET}`",
        f"\u201c{SECRET}\u201d",
        f"\u2018{SECRET}\u2019",
        f" {SECRET}",
        f"{SECRET}\r\n",
        f"\t{SECRET}\xa0\n",
        f"\ufeff{SECRET}\u200b",
        f' " {SECRET} " ',
        f"Bearer {SECRET}",
        f"'bearer  {SECRET}'\n",
        f'"{SECRET}',
    ],
)
def test_what_was_copied_with_the_key(anyscribe: Program, server: LoopbackServer, media: Path, given: str) -> None:
    """Quotes, spaces and line ends around a key are left out, and a notice that shows none of the key says so."""
    run = anyscribe(media / "hello.ogg", "-vv", base_url=server.url, env={"ANYSCRIBE_API_KEY": given})
    assert (run.code, run.text) == (0, "hello\n"), run.err
    assert server.requests[0].headers["Authorization"] == BEARER
    notice = 'anyscribe: ANYSCRIBE_API_KEY: quotes, spaces or "Bearer" around the key were left out'
    assert [line for line in run.err_lines if "around the key" in line] == [notice]
    assert_hidden(run.err)
    plain = anyscribe(media / "hello.ogg", base_url=server.url, env={"ANYSCRIBE_API_KEY": SECRET})
    assert (plain.code, plain.err) == (0, "")


@pytest.mark.parametrize("given", [f'"{SECRET}"', f"{SECRET}\n"])
def test_what_was_copied_with_the_key_of_a_program(server: LoopbackServer, media: Path, given: str) -> None:
    """The same goes for a key that a Python program passes."""
    assert transcribe(media / "hello.ogg", base_url=server.url, api_key=given).text == "hello"
    assert server.requests[0].headers["Authorization"] == BEARER


@pytest.mark.parametrize(
    ("base_url", "key_name"),
    [
        ("https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("https://API.OpenAI.com:443/v1", "OPENAI_API_KEY"),
        ("https://api.openai.com.example/v1", "ANYSCRIBE_API_KEY"),
        ("https://example.com/api.openai.com", "ANYSCRIBE_API_KEY"),
        ("https://api.openai.com@example.com/v1", "ANYSCRIBE_API_KEY"),
        ("http://api.openai.com/v1", "ANYSCRIBE_API_KEY"),
        ("https://api.anyapi.ai/v1", "ANYAPI_API_KEY"),
        ("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        ("https://anyapi.ai.example/v1", "ANYSCRIBE_API_KEY"),
    ],
)
def test_the_key_of_a_host_is_for_that_host(base_url: str, key_name: str) -> None:
    """No other host gets the key of OpenAI or AnyAPI, however similar its name."""
    place = choose_place(
        local=Setting(value=False, origin=Origin.DEFAULT),
        base_url=Setting(base_url, Origin.GIVEN),
        is_local_installed=lambda: True,
        keys=Keys({"OPENAI_API_KEY": SECRET, "ANYAPI_API_KEY": SECRET, "GROQ_API_KEY": SECRET}),
    )
    assert isinstance(place, Server)
    assert (place.key_name, place.key) == (key_name, SECRET if key_name != "ANYSCRIBE_API_KEY" else None)


def test_no_key_crosses_the_network_in_the_clear(anyscribe: Program, media: Path) -> None:
    """Plain http to another machine is refused before any connection, and the error names the flag to allow it."""
    run = anyscribe(media / "hello.ogg", "-vv", base_url="http://192.0.2.1/v1", api_key=SECRET)
    assert run.code == 2
    assert "--insecure-http" in run.err
    assert "ANYSCRIBE_API_KEY" in run.err
    assert run.seconds < 15
    assert_hidden(run.err)


@pytest.mark.parametrize("allowed", [False, True])
def test_the_clear_can_be_allowed(
    anyscribe: Program,
    server: LoopbackServer,
    media: Path,
    allowed: bool,  # noqa: FBT001 - pytest calls it
) -> None:
    """With --insecure-http the key is sent; here a proxy takes the place of the network."""
    flags = ["--insecure-http"] if allowed else []
    env = {"HTTP_PROXY": f"http://127.0.0.1:{server.port}"}
    run = anyscribe(media / "hello.ogg", *flags, base_url="http://scribe.invalid/v1", api_key=SECRET, env=env)
    assert run.code == (0 if allowed else 2), run.err
    assert [request.headers["Authorization"] for request in server.requests] == ([BEARER] if allowed else [])


@pytest.mark.parametrize("proxy", ["http://192.0.2.1:3128", "192.0.2.1:3128", "http://[broken"])
def test_no_key_goes_to_a_distant_proxy_in_the_clear(
    anyscribe: Program, server: LoopbackServer, media: Path, proxy: str
) -> None:
    """A proxy on another machine would receive the key in plain text, even if the server is on this one."""
    env = {"HTTP_PROXY": proxy}
    error = the_error(anyscribe(media / "hello.ogg", base_url=server.url, api_key=SECRET, env=env), 2)
    assert "NO_PROXY=127.0.0.1" in error
    around = anyscribe(media / "hello.ogg", base_url=server.url, api_key=SECRET, env=env | {"NO_PROXY": "127.0.0.1"})
    assert (around.code, around.text) == (0, "hello\n"), around.err


def test_a_password_in_the_address_is_not_shown(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A user name and password in the base URL reach the server and are never shown."""
    server.answer(json_reply({"error": {"message": "who is pass/word-123, alias pass%2Fword-123?"}}, 400))
    base_url = server.url.replace("://", "://me:pass%2Fword-123@")
    run = anyscribe(media / "hello.ogg", "-vv", base_url=base_url)
    assert run.code == 1
    expected = base64.b64encode(b"me:pass/word-123").decode()
    assert server.requests[0].headers["Authorization"] == f"Basic {expected}"
    assert "who is [key], alias [key]?" in run.err
    assert_hidden(run.err, "word-123")


@pytest.mark.parametrize(
    "base_url",
    [
        "http://me:hunter2-9876@192.0.2.1/v1",
        "http://me:hunter2-9876@127.0.0.1:port/v1",
        "http://me:hunter2-9876@exa mple/v1",
        "me:hunter2-9876@127.0.0.1/v1",
        "ftp://me:hunter2-9876@127.0.0.1/v1",
    ],
)
def test_a_password_in_a_refused_address_is_not_shown(base_url: str) -> None:
    """A refused address, including one refused for sending a password in plain text, is shown without the password."""
    with pytest.raises(UsageError) as caught:
        Endpoint(base_url)
    assert_hidden(str(caught.value), "hunter2-9876")


@pytest.mark.parametrize("key", ["two words", "line\nfeed", "schlüssel", "quo\x00te", "sk-\u201cquoted\u201d"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    """A key that no header can hold is refused without being shown."""
    with pytest.raises(UsageError, match="MY_KEY") as caught:
        Endpoint("https://api.example.com/v1", key, "MY_KEY")
    assert key not in str(caught.value)


def test_the_record_of_a_server_does_not_tell() -> None:
    """The repr of an endpoint holds neither key nor password."""
    shown = repr(Endpoint("https://me:hunter2-9876@api.example.com/v1", SECRET))
    assert_hidden(shown)
    assert_hidden(shown, "hunter2-9876")


NOTATIONS = {
    "as it is": SECRET,
    "slashes escaped": SECRET.replace("/", "\\/"),
    "slashes escaped twice": SECRET.replace("/", "\\\\\\/"),
    "every character as a number": "".join(f"\\u{ord(character):04x}" for character in SECRET),
    "the same in upper case": "".join(f"\\u{ord(character):04X}" for character in SECRET),
    "some characters as numbers": SECRET.replace("-", "\\u002d").replace("a", "\\u0061"),
    "as bytes of Python": "".join(f"\\x{ord(character):02x}" for character in SECRET),
    "percent": urllib.parse.quote(SECRET, safe=""),
    "percent in lower case": urllib.parse.quote(SECRET, safe="").replace("%2F", "%2f"),
    "percent twice": urllib.parse.quote(urllib.parse.quote(SECRET, safe=""), safe=""),
    "percent for all": "".join(f"%{ord(character):02X}" for character in SECRET),
    "references": SECRET.replace("/", "&#x2F;").replace("-", "&#45;"),
    "references twice": SECRET.replace("/", "&amp;#47;"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of the header": base64.b64encode(BEARER.encode()).decode(),
    "base64 of user and key": base64.b64encode(f"me:{SECRET}".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"x{SECRET}".encode()).decode(),
    "cut": SECRET[:20],
    "cut and escaped": SECRET.replace("/", "\\/")[:20],
}


def shown_parts(text: str) -> list[str]:
    """Return all parts of the key of five characters that are in a text."""
    parts = {SECRET[at : at + 5] for at in range(len(SECRET) - 4)}
    return sorted(part for part in parts if part in text)


@pytest.mark.parametrize("name", NOTATIONS)
def test_the_key_is_found_in_every_notation(name: str) -> None:
    """However a server writes the key that it was sent, none of it is left."""
    endpoint = Endpoint("https://api.example.com/v1", SECRET)
    redacted = endpoint.redacted(f"no such key: {NOTATIONS[name]} (sorry)")
    assert redacted.startswith("no such key: ")
    assert redacted.endswith(" (sorry)")
    assert "[key]" in redacted
    assert len(redacted) < len("no such key: [key] (sorry)") + 12, redacted
    assert endpoint.redacted_bytes(NOTATIONS[name].encode() + b"\xff").endswith(b"[key]\xff")


@pytest.mark.parametrize("name", [name for name in NOTATIONS if "base64" not in name])
def test_no_part_of_the_key_is_left_at_a_cut(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path, name: str
) -> None:
    """Wherever a message is cut, the key is removed before: no part of it is shown."""
    written = NOTATIONS[name]
    shapes: list[tuple[int, str, str]] = [
        (400, '{{"error": {{"message": "{}"}}}}', "application/json"),
        (400, '{{"detail": [{{"loc": ["body", "{}"], "msg": "bad"}}]}}', "application/json"),
        (400, "{}", "text/plain"),
        (400, "<html><body>{}</body></html>", "text/html"),
        (200, '{{"text": "{}', "application/json"),
        (200, "<html>{}</html>", "text/html"),
    ]
    replies = [
        Reply(status, shape.format("x" * (cut - before) + written + " y").encode(), content_type)
        for status, shape, content_type in shapes
        for cut in (200, 500)
        for before in (2, 13, 24)
    ]
    server.answer(*replies)
    names = [tmp_path / f"{number}.ogg" for number in range(len(replies))]
    for path in names:
        shutil.copy(media / "hello.ogg", path)
    flags = ("-v", "-j", "1", "--retries", "0", "--no-check", "-o", "-")
    run = anyscribe(*names, *flags, base_url=server.url, api_key=SECRET)
    assert (run.code, run.out, len(server.requests)) == (1, b"", len(replies))
    assert [f"{path}: " in run.err for path in names] == [True] * len(names)
    # Its port may be five digits of the key by chance.
    assert shown_parts(run.err.replace(server.url, "")) == []


def test_short_keys_are_no_secrets() -> None:
    """A very short placeholder key, such as x, is not redacted."""
    assert Endpoint("http://127.0.0.1/v1", "x").redacted("next") == "next"


@pytest.mark.parametrize(
    ("base_url", "model"),
    [("https://api.openai.com/v1", "gpt-transcribe"), ("https://api.anyapi.ai/v1", "gpt-4o-transcribe")],
)
def test_the_model_that_nobody_names(base_url: str, model: str) -> None:
    """OpenAI's other models are shut down."""
    assert default_model(Server(base_url, None, "")) == model
