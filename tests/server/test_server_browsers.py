"""Web pages and `anyscribe serve`: those that may use it can, and no page reaches it under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripted_engine import HELLO, ScriptedEngine
from served import MEDIA, ROUTE, field, form, recording, request, serving, serving_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from programs import Program
    from served import Answer, Served, ServedHere
    from whispering import Reciter

pytest_plugins = ["whispering"]

PAGE = "http://localhost:3000"
OTHER = "https://other.example"
FILE = ("file", MEDIA / "hello.wav")
MODEL = ("model", "tiny.en")
KEY = b"sk-secret"
BEARER = {"Authorization": "Bearer sk-secret"}
CROSS = {
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
}


@pytest.fixture(scope="module")
def served() -> Iterator[ServedHere]:
    """Yield a server that one page may use, with a key."""
    with serving_here(ScriptedEngine(), key=KEY, origins=(PAGE,)) as running:
        yield running


@pytest.fixture(scope="module")
def closed() -> Iterator[ServedHere]:
    """Yield a server that no page may use, without a key."""
    with serving_here(ScriptedEngine(), hosts=("My-Machine", "127.0.1.1")) as running:
        yield running
    assert running.journal.failures == []


def preflight(served: Served, origin: str, path: str = ROUTE, **headers: str) -> Answer:
    """Ask what a browser asks before it lets a page send something."""
    lines = [
        f"OPTIONS {path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Origin: {origin}",
        "Access-Control-Request-Method: POST",
    ]
    lines += [f"Access-Control-Request-{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return served.exchange("\r\n".join([*lines, "", ""]).encode())


def test_page_asks_first(served: ServedHere):
    """A page that may use the server is told so without a key, with its headers, and from a public address too."""
    wanted = "authorization,content-type,x-stainless-os,x-my-own"
    answer = preflight(served, PAGE, Headers=wanted, Private_Network="true")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-headers"] == wanted
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


def test_page_that_may_not(served: ServedHere):
    """Another page is not let in, however similar its origin is."""
    for origin in (OTHER, "null", "http://localhost:3001", "https://localhost:3000", f"{PAGE}.other.example"):
        answer = preflight(served, origin)
        assert answer.status == 400
        assert "access-control-allow-origin" not in answer.headers
        reply = served.post(MODEL, FILE, headers={**BEARER, "Origin": origin})
        assert reply.status_code == 200
        assert "access-control-allow-origin" not in reply.headers
        assert "Origin" in reply.headers["vary"]


def test_every_reply_can_be_read(served: ServedHere):
    """A page reads every reply: results, streams, lists, refusals of every kind; and the headers that say more."""
    headers = {**BEARER, "Origin": PAGE}
    replies = [
        (200, served.post(MODEL, FILE, headers=headers)),
        (200, served.post(MODEL, FILE, ("stream", "true"), headers=headers)),
        (200, served.get("/v1/models", headers=headers)),
        (200, served.get("/health", headers={"Origin": PAGE})),
        (401, served.post(MODEL, FILE, headers={"Origin": PAGE})),
        (400, served.post(MODEL, ("file", ("a.wav", b"no recording")), headers=headers)),
        (400, served.post(MODEL, headers=headers)),
        (404, served.get("/nowhere", headers=headers)),
        (405, served.get(ROUTE, headers=headers)),
        (413, served.post(MODEL, ("file", ("a.wav", bytes(27_000_000))), headers=headers)),
    ]
    for status, reply in replies:
        assert reply.status_code == status
        assert reply.headers["access-control-allow-origin"] == PAGE
        assert {"Retry-After", "X-Request-Id"} <= set(reply.headers["access-control-expose-headers"].split(", "))
        assert "Origin" in reply.headers["vary"]
        assert reply.headers["x-request-id"]
    assert replies[0][1].json() == {"text": HELLO}


def test_every_page():
    """With *, every page is let in."""
    with serving_here(ScriptedEngine(), origins=("*",)) as served:
        for origin in (PAGE, OTHER, "null"):
            assert preflight(served, origin).headers["access-control-allow-origin"] == "*"
            reply = served.post(MODEL, FILE, headers={"Origin": origin})
            assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, "*")


def test_no_page_unless_it_is_named(closed: ServedHere):
    """Without origins there are no such headers; OPTIONS is answered with what is possible."""
    answer = preflight(closed, PAGE, Headers="authorization", Private_Network="true")
    assert (answer.status, answer.body, answer.headers["allow"]) == (204, b"", "OPTIONS, POST")
    assert not CROSS & set(answer.headers)
    reply = closed.post(MODEL, FILE, headers={"Origin": PAGE})
    assert reply.status_code == 200
    assert not CROSS & {name.lower() for name in reply.headers}


@pytest.mark.parametrize(
    ("path", "status", "allowed"),
    [
        (ROUTE, 204, "OPTIONS, POST"),
        (f"{ROUTE}/", 204, "OPTIONS, POST"),
        ("/v1/models", 204, "GET, HEAD, OPTIONS"),
        ("/v1/models/tiny.en", 204, "GET, HEAD, OPTIONS"),
        ("/health", 204, "GET, HEAD, OPTIONS"),
        ("*", 204, "GET, HEAD, OPTIONS, POST"),
        ("/nowhere", 404, None),
    ],
)
def test_options(closed: ServedHere, served: ServedHere, path: str, status: int, allowed: str | None):
    """OPTIONS says what a route accepts, also without the key."""
    for server in (closed, served):
        answer = server.exchange(f"OPTIONS {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert (answer.status, answer.headers.get("allow")) == (status, allowed)


@pytest.mark.parametrize(
    "path",
    [
        f"{ROUTE}/",
        f"{ROUTE}//",
        "/v1//audio/transcriptions",
        "//v1/audio/transcriptions",
        f"http://127.0.0.1:1{ROUTE}",
        f"HTTP://LOCALHOST{ROUTE}/",
    ],
)
def test_spellings_of_the_route(closed: ServedHere, path: str):
    """A path with too many slashes, or with an address before it, is answered at once: a redirect loses the upload."""
    whole = request(form(field(*MODEL), recording())).replace(ROUTE.encode(), path.encode(), 1)
    answer = closed.exchange(whole)
    assert (answer.status, HELLO in answer.body.decode()) == (200, True)


def test_other_routes_with_a_slash(closed: ServedHere, served: ServedHere):
    """So it is with the other routes; a slash does not get around the key."""
    for path in ("/v1/models/", "/v1/models/tiny.en/", "/health/"):
        assert closed.get(path).status_code == 200
    assert served.get("/health/").status_code == 200
    for path in ("/v1/models/", "//v1/models", "/health/../v1/models", "/v1/models?/health"):
        answer = served.exchange(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert answer.status == 401


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost.",
        "localhost:8000",
        "app.localhost:9",
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.8.9.10",
        "[::1]",
        "[::1]:8000",
        "[0:0:0:0:0:0:0:1]:8000",
        "my-machine",
        "MY-MACHINE:8000",
        "127.0.1.1:8000",
    ],
)
def test_names_of_this_machine(closed: ServedHere, host: str):
    """Without a key, the server answers by every name of this machine, with any port: it may be a forwarded one."""
    assert closed.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.evil.example",
        "0.0.0.0",  # noqa: S104 - a name, which is refused
        "0.0.0.0:8000",
        "192.168.1.5",
        "[fe80::1]:8000",
        "[::]",
        "[::1",
        "::1",
        "localhost:80:80",
        "localhost:port",
        "user@localhost",
        "evil.example@127.0.0.1",
        "localhost/evil.example",
        "",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_other_names(closed: ServedHere, served: ServedHere, host: str, method: str):
    """Without a key, a request by another name is refused before it is read: DNS rebinding makes browsers send one."""
    head = f"{method} /v1/models HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    answer = closed.exchange(f"{head}Content-Length: 0\r\n\r\n".encode())
    assert answer.status == 421
    if method != "HEAD":
        assert (answer.error["type"], answer.error["code"]) == ("invalid_request_error", "unknown_host")
        assert "localhost" in answer.error["message"]
        assert len(answer.body) < 500
    # With a key, a page cannot do anything anyway, and the server may have any name.
    allowed = served.exchange(
        f"{head}Authorization: Bearer {KEY.decode()}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
    )
    assert allowed.status == {"GET": 200, "HEAD": 200, "OPTIONS": 204, "POST": 405}[method]


def test_address_counts_more_than_the_header(closed: ServedHere):
    """If a request has an address in its first line, that is the name that it was sent to."""
    for path, host, status in (
        ("http://evil.example/health", "localhost", 421),
        ("http://localhost/health", "evil.example", 200),
        ("http://[::1/health", "localhost", 400),
    ):
        answer = closed.exchange(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answer.status == status


def test_request_without_a_host(closed: ServedHere):
    """HTTP/1.0 knows no host, and no browser speaks it; later versions need exactly one."""
    assert closed.exchange(b"GET /health HTTP/1.0\r\n\r\n").status == 200
    assert closed.exchange(b"GET /health HTTP/1.0\r\nHost: evil.example\r\nConnection: close\r\n\r\n").status == 421
    assert closed.exchange(b"GET /health HTTP/1.1\r\n\r\n").status == 400
    assert closed.exchange(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n").status == 400


def test_as_a_process(anyscribe: Program, reciter: Reciter):
    """The flags do this: pages are named, and so is the machine."""
    origins = ("--allow-origin", f"{PAGE}/", "--allow-origin", "null")
    with serving(anyscribe, "--host", "localhost", *origins, **reciter) as process:
        for origin in (PAGE, "null"):
            reply = process.get("/v1/models", headers={"Origin": origin})
            assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, origin)
        assert process.get("/v1/models", headers={"Host": "evil.example"}).status_code == 421
        assert process.post(MODEL, FILE, headers={"Origin": OTHER}).status_code == 200
