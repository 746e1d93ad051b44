"""Connections to the server: timeouts, proxies, certificates, redirects and invalid addresses."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import socket
import socketserver
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3.exceptions
from failures import the_error
from loopback import Fault, LoopbackServer, Reply, json_reply
from missing import without

from anyscribe.engines.remote.endpoint import Endpoint, is_loopback
from anyscribe.engines.remote.transport_errors import Progress, read_transport_error
from anyscribe.errors import ServerError, UnavailableError, UsageError
from anyscribe.events import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Asker
    from programs import Program

pytest_plugins = ["asking"]

TLS = Path(__file__).parent.parent / "tls"
CERTIFICATE, KEY = TLS / "loopback.cert.pem", TLS / "loopback.key.pem"
SUBJECT_HASH = "91041afa.0"
HELLO = json_reply({"text": "hello"})


@pytest.fixture
def tls_server() -> Iterator[LoopbackServer]:
    """Yield an https server whose certificate is not trusted by default."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    server = LoopbackServer()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server:
        yield server


@pytest.fixture
def dead_port() -> int:
    """Return a port without a listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def https(server: LoopbackServer) -> str:
    """Return a server's https address."""
    return f"https://127.0.0.1:{server.port}/v1"


def test_an_answer_is_not_waited_for_forever(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A server that never replies fails after --timeout, and the error names that flag."""
    server.answer(Reply(fault=Fault.HANG))
    run = anyscribe(media / "hello.ogg", "--timeout", "0.5", "--retries", "0", base_url=server.url)
    error = the_error(run, 5)
    assert "within 0.5 s" in error
    assert "--timeout" in error
    assert run.seconds < 20


def test_a_timeout_may_pass(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A timeout is retried."""
    server.answer(Reply(fault=Fault.HANG), HELLO)
    run = anyscribe(media / "hello.ogg", "--timeout", "2", base_url=server.url)
    assert (run.code, run.text) == (0, "hello\n"), run.err
    assert "no answer" in run.err


def test_no_server_at_the_port(anyscribe: Program, media: Path, dead_port: int) -> None:
    """A refused connection is a one-line error that names the address, with exit code 5."""
    error = the_error(anyscribe(media / "hello.ogg", "--retries", "0", base_url=f"http://127.0.0.1:{dead_port}/v1"), 5)
    assert f"127.0.0.1:{dead_port}" in error
    assert "refused" in error


@pytest.mark.parametrize(
    "base_url",
    [
        "127.0.0.1:8000/v1",
        "ftp://127.0.0.1/v1",
        "http://",
        "http:///v1",
        "http://127.0.0.1:port/v1",
        "http://127.0.0.1:99999/v1",
        "http://exa mple/v1",
        "http://a..b/v1",
        f"http://{'a' * 64}/v1",
        "http://[::1/v1",
        "http://*.example/v1",
        "http://127.0.0.1\\@example.invalid/v1",
        "http://example.invalid\\@127.0.0.1/v1",
        "http://127.0.0.1/\r\nX-Evil: 1",
        "nonsense",
    ],
)
def test_what_is_no_address_is_refused(base_url: str) -> None:
    """An address that requests would reject or mistake for another is refused before anything is sent."""
    with pytest.raises(UsageError, match="not an address"):
        Endpoint(base_url)


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/audio/transcriptions"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/audio/transcriptions"),
        ("https://api.example.com", "https://api.example.com/audio/transcriptions"),
        ("https://api.example.com/v1/audio/transcriptions", "https://api.example.com/v1/audio/transcriptions"),
        ("https://api.example.com/v1/audio/transcriptions/", "https://api.example.com/v1/audio/transcriptions"),
        ("https://api.example.com/v1/audio/transcriptions?a=b", "https://api.example.com/v1/audio/transcriptions?a=b"),
        ("https://api.example.com/v1//audio//transcriptions//", "https://api.example.com/v1/audio/transcriptions"),
        ("https://api.example.com/v1/audio/translations", "https://api.example.com/v1/audio/transcriptions"),
        ("https://api.example.com/v1/audio", "https://api.example.com/v1/audio/transcriptions"),
        ("https://api.example.com/v1/audio/?a=b", "https://api.example.com/v1/audio/transcriptions?a=b"),
        ("https://api.example.com/audio", "https://api.example.com/audio/transcriptions"),
        ("https://api.example.com/my-audio", "https://api.example.com/my-audio/audio/transcriptions"),
        (
            "https://a.azure.com/openai/deployments/audio?api-version=1",
            "https://a.azure.com/openai/deployments/audio/audio/transcriptions?api-version=1",
        ),
        ("https://a.example/d/w?api-version=1&b=2#c", "https://a.example/d/w/audio/transcriptions?api-version=1&b=2"),
        ("https://user:pass@a.example/v1", "https://a.example/v1/audio/transcriptions"),
        (" https://bücher.example/v1 ", "https://xn--bcher-kva.example/v1/audio/transcriptions"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/audio/transcriptions"),
    ],
)
def test_the_route_is_found(base_url: str, url: str) -> None:
    """The route is appended to the base URL's path, and its query is kept."""
    assert Endpoint(base_url).transcriptions_url == url


def test_an_address_that_is_none_is_the_users_fault(anyscribe: Program, media: Path) -> None:
    """An invalid address ends the run with exit code 2 and an example of a valid one."""
    assert "https://" in the_error(anyscribe(media / "hello.ogg", base_url="example.invalid/v1"), 2)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("evil.localhost", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),  # noqa: S104 - not bound to
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, here: bool) -> None:  # noqa: FBT001 - pytest calls it
    """Only addresses that cannot leave the machine count as loopback."""
    assert is_loopback(host) is here


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("absolute", [False, True])
def test_a_redirect_on_the_server_is_followed(
    ask: Asker,
    server: LoopbackServer,
    media: Path,
    status: int,
    absolute: bool,  # noqa: FBT001 - pytest calls it
) -> None:
    """The whole request goes to the new address, with its key."""
    target = f"HTTP://127.0.0.1:{server.port}/v2/x?y=1#z" if absolute else "/v2/x?y=1"
    server.answer(Reply(status, headers={"Location": target}), HELLO)
    asked = ask(server.url, key="sk-0123456789")
    assert asked.error is None
    assert [request.target for request in server.requests] == ["/v1/audio/transcriptions", "/v2/x?y=1"]
    for request in server.requests:
        assert request.headers["Authorization"] == "Bearer sk-0123456789"
        assert request.part("file").sha256 == hashlib.sha256((media / "hello.ogg").read_bytes()).hexdigest()
    assert asked.waits == []


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{other}/v1/audio/transcriptions",
        "http://localhost:{port}/v1/audio/transcriptions",
        "https://127.0.0.1:{port}/v1/audio/transcriptions",
        "//127.0.0.1:{other}/x",
        "http://127.0.0.1:{port}\\@127.0.0.1:{other}/x",
        "http://127.0.0.1:{port}@127.0.0.1:{other}/x",
        "http://[broken",
        "http://127.0.0.1:port/",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(
    anyscribe: Program, server: LoopbackServer, media: Path, location: str
) -> None:
    """Neither recording nor key goes to a server that the user did not name; the error names the redirect's target."""
    with LoopbackServer() as other:
        target = location.format(port=server.port, other=other.port)
        server.answer(Reply(307, headers={"Location": target}))
        error = the_error(anyscribe(media / "hello.ogg", base_url=server.url, api_key="sk-0123456789"), 1)
        assert (len(server.requests), other.requests) == (1, [])
    assert "redirects (307)" in error
    assert "--base-url" in error


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_drops_the_form_is_not_followed(ask: Asker, server: LoopbackServer, status: int) -> None:
    """Such a redirect means a GET without the recording, which no transcription server answers."""
    server.answer(Reply(status, headers={"Location": "/v2/audio/transcriptions"}), HELLO)
    asked = ask(server.url)
    assert type(asked.error) is ServerError
    assert f"({status}) to /v2/audio/transcriptions" in str(asked.error.message)
    assert len(server.requests) == 1


def test_the_page_of_a_redirect_is_not_read(ask: Asker, server: LoopbackServer) -> None:
    """The body of a redirect is not used and may be endless."""
    page = itertools.repeat(b"moved" * 10_000)
    server.answer(Reply(307, headers={"Location": "/v2"}, chunks=page), HELLO)  # type: ignore[arg-type] # only iterated
    assert ask(server.url).error is None


def test_redirects_in_circles_end(ask: Asker, server: LoopbackServer) -> None:
    """A redirect loop is an error."""
    server.answer(Reply(308, headers={"Location": "/v1/audio/transcriptions"}))
    assert "circles" in str(ask(server.url).error)
    assert len(server.requests) == 5


def test_an_untrusted_certificate(anyscribe: Program, tls_server: LoopbackServer, media: Path) -> None:
    """Nothing is sent to a server with an untrusted certificate, and the error is permanent, so it is not retried."""
    run = anyscribe(media / "hello.ogg", base_url=https(tls_server), api_key="sk-0123456789")
    error = the_error(run, 5)
    assert len(run.err_lines) == 1
    assert "no trusted connection" in error
    assert "self" in error
    assert "REQUESTS_CA_BUNDLE" in error
    assert tls_server.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_ones_own_authority_is_trusted(
    anyscribe: Program, tls_server: LoopbackServer, media: Path, tmp_path: Path, variable: str
) -> None:
    """The variables of requests, curl and OpenSSL set the trusted certificates."""
    named = CERTIFICATE
    if variable.endswith("DIR"):
        # OpenSSL finds a certificate by the hash of its subject, which `openssl x509 -hash` prints.
        named = tmp_path / "certificates"
        named.mkdir()
        (named / SUBJECT_HASH).write_bytes(CERTIFICATE.read_bytes())
    env = {variable: str(named)}
    run = anyscribe(media / "hello.ogg", base_url=https(tls_server), api_key="sk-0123456789", env=env)
    assert (run.code, run.text) == (0, "hello\n"), run.err
    assert tls_server.requests[0].headers["Authorization"] == "Bearer sk-0123456789"


def test_order_of_the_variables_for_authorities(
    anyscribe: Program, tls_server: LoopbackServer, media: Path, tmp_path: Path
) -> None:
    """The variable of requests outweighs that of curl, and both that of OpenSSL; an empty one counts as not set."""
    names = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
    for first, variable in enumerate(names):
        env = dict.fromkeys(names[first:], str(tmp_path / "missing.pem")) | {variable: str(CERTIFICATE)}
        env |= dict.fromkeys(names[:first], "")
        assert anyscribe(media / "hello.ogg", base_url=https(tls_server), env=env).text == "hello\n"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_that_cannot_be_read(
    anyscribe: Program, tls_server: LoopbackServer, media: Path, tmp_path: Path, variable: str
) -> None:
    """A bundle that is missing or holds no certificates is a one-line error that names the variable, and permanent."""
    broken = CERTIFICATE.read_text(encoding="ascii").replace("MII", "!!!")
    for name, content in {"rubbish.pem": "rubbish", "broken.pem": broken, "empty.pem": ""}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    for bundle in ("missing.pem", "rubbish.pem", "broken.pem", "empty.pem"):
        run = anyscribe(media / "hello.ogg", base_url=https(tls_server), env={variable: str(tmp_path / bundle)})
        assert f"check {variable}" in the_error(run, 5)
        assert len(run.err_lines) == 1


def test_https_where_http_is_spoken(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """Using https for a plain http server fails at once, and the error says why."""
    error = the_error(anyscribe(media / "hello.ogg", base_url=https(server)), 5)
    assert "does not speak TLS" in error
    assert "http://" in error


def test_a_proxy_is_used(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """HTTP_PROXY carries the request to a host that only the proxy can resolve."""
    env = {"HTTP_PROXY": f"http://127.0.0.1:{server.port}"}
    run = anyscribe(media / "hello.ogg", base_url="http://scribe.invalid/v1", env=env)
    assert (run.code, run.text) == (0, "hello\n"), run.err
    assert server.requests[0].target == "http://scribe.invalid/v1/audio/transcriptions"


def test_no_proxy_goes_around_it(anyscribe: Program, server: LoopbackServer, media: Path, dead_port: int) -> None:
    """Hosts in NO_PROXY are reached directly."""
    env = {"HTTP_PROXY": f"http://127.0.0.1:{dead_port}", "NO_PROXY": "127.0.0.1"}
    assert anyscribe(media / "hello.ogg", base_url=server.url, env=env).text == "hello\n"


def test_a_proxy_that_is_not_there(anyscribe: Program, server: LoopbackServer, media: Path, dead_port: int) -> None:
    """An unreachable proxy is named as the cause."""
    env = {"HTTP_PROXY": f"http://127.0.0.1:{dead_port}"}
    error = the_error(anyscribe(media / "hello.ogg", "--retries", "0", base_url=server.url, env=env), 5)
    assert "proxy" in error
    assert "HTTP_PROXY" in error


def test_a_proxy_that_wants_a_password(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A refusal by the proxy before the server is reached is not retried."""
    server.answer(Reply(407, b"", None))
    env = {"HTTPS_PROXY": f"http://someone:wrong-password@127.0.0.1:{server.port}"}
    error = the_error(anyscribe(media / "hello.ogg", base_url="https://scribe.invalid/v1", env=env), 5)
    assert "407" in error
    assert "wrong-password" not in error
    assert [request.method for request in server.requests] == ["CONNECT"]


class SocksProxy(socketserver.BaseRequestHandler):
    """A SOCKS 5 proxy without authentication that connects to one server, whatever it is asked for."""

    def handle(self) -> None:
        """Answer the two steps of SOCKS, then pass bytes on in both directions."""
        _, count = self.request.recv(2)
        self.request.recv(count)
        self.request.sendall(b"\x05\x00")
        *_, kind = self.request.recv(4)
        size = self.request.recv(1)[0] if kind == 3 else 4
        self.server.asked.append(self.request.recv(size))
        self.request.recv(2)
        with socket.create_connection(self.server.target) as other:
            self.request.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            copies = [
                threading.Thread(target=pass_on, args=pair) for pair in ((self.request, other), (other, self.request))
            ]
            for copy in copies:
                copy.start()
            for copy in copies:
                copy.join()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    """Copy what comes from one connection to another until it ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def socks_proxy(server: LoopbackServer) -> Iterator[socketserver.ThreadingTCPServer]:
    """Yield a SOCKS proxy that leads to the loopback server; ``asked`` has the hosts that it was asked for."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SocksProxy) as proxy:
        proxy.daemon_threads = True
        proxy.asked, proxy.target = [], ("127.0.0.1", server.port)
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
def test_a_socks_proxy_is_used(
    anyscribe: Program, socks_proxy: socketserver.ThreadingTCPServer, media: Path, variable: str
) -> None:
    """With PySocks, a SOCKS proxy carries the request; socks5h lets it resolve the name."""
    pytest.importorskip("socks")
    env = {variable: f"socks5h://127.0.0.1:{socks_proxy.server_address[1]}"}
    run = anyscribe(media / "hello.ogg", base_url="http://scribe.invalid/v1", env=env)
    assert (run.code, run.text, socks_proxy.asked) == (0, "hello\n", [b"scribe.invalid"]), run.err


def test_a_socks_proxy_that_is_not_there(anyscribe: Program, media: Path, dead_port: int) -> None:
    """An unreachable SOCKS proxy is named as the cause, without its password."""
    pytest.importorskip("socks")
    env = {"ALL_PROXY": f"socks5h://someone:wrong-password@127.0.0.1:{dead_port}"}
    run = anyscribe(media / "hello.ogg", "--retries", "0", base_url="http://scribe.invalid/v1", env=env)
    error = the_error(run, 5)
    assert "cannot reach scribe.invalid through the SOCKS proxy (" in error
    assert "refused" in error
    assert "ALL_PROXY" in error
    assert "wrong-password" not in error


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1", "socks5h://u:wrong-password@127.0.0.1:1", "socks4://127.0.0.1:1"]
)
def test_a_socks_proxy_without_its_package(
    anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path, proxy: str
) -> None:
    """Without PySocks, the error names the extra to install, and nothing is retried."""
    env = {"ALL_PROXY": proxy, **without(tmp_path, "socks")}
    run = anyscribe(media / "hello.ogg", base_url="http://scribe.invalid/v1", env=env)
    error = the_error(run, 5)
    assert "the proxy speaks SOCKS, which needs another package: " in error
    assert "[socks]" in error
    assert len(run.err_lines) == 1
    assert "wrong-password" not in error
    assert server.requests == []


@pytest.mark.parametrize("proxy", ["nonsense://127.0.0.1:1", "http://127.0.0.1:port", "socks5://127.0.0.1:1"])
def test_a_proxy_address_that_is_none(anyscribe: Program, media: Path, proxy: str) -> None:
    """An unusable proxy address is a one-line error that names the variable."""
    run = anyscribe(
        media / "hello.ogg", "--retries", "0", base_url="http://scribe.invalid/v1", env={"HTTP_PROXY": proxy}
    )
    assert "HTTP_PROXY" in the_error(run, 5)


HALF, NONE, ALL = 2500, 0, 5000
POOL = urllib3.HTTPConnectionPool("h", 1)


def unresolved() -> Exception:
    """Return the exception that urllib3 raises for a host that cannot be resolved."""
    cause = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    error = urllib3.exceptions.NameResolutionError("h", urllib3.connection.HTTPConnection("h"), cause)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("sent_bytes", "error", "words", "passing"),
    [
        (NONE, requests.exceptions.ConnectTimeout("x"), "did not accept the connection within 3 s", True),
        (
            HALF,
            requests.exceptions.ConnectionError(
                urllib3.exceptions.ProtocolError("Connection aborted.", TimeoutError("timed out"))
            ),
            "took nothing for 3 s, after 2,500 of 5,000 bytes",
            True,
        ),
        (
            HALF,
            requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError("x", ConnectionResetError(104, "x"))),
            "broke off after 2,500 of 5,000 bytes",
            True,
        ),
        (
            ALL,
            requests.exceptions.ConnectionError(urllib3.exceptions.ReadTimeoutError(POOL, "/", "Read timed out.")),
            "no answer from h:1 within 60 s",
            True,
        ),
        (
            NONE,
            requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(POOL, "/", unresolved())),
            "cannot reach h:1 .name or service not known.",
            True,
        ),
        (ALL, requests.exceptions.SSLError("EOF occurred"), "no trusted connection", True),
        (NONE, requests.exceptions.InvalidHeader("no"), "cannot be made", False),
        (NONE, urllib3.exceptions.LocationParseError("no"), "cannot be made", False),
    ],
)
def test_faults_that_no_loopback_has(
    sent_bytes: int,
    error: Exception,
    words: str,
    passing: bool,  # noqa: FBT001 - pytest calls it
) -> None:
    """Network errors that cannot be produced on loopback are translated as well."""
    refusal = read_transport_error(error, Progress("h:1", sent_bytes, 5000, connect_seconds=3, read_seconds=60))
    assert refusal.is_temporary is passing
    assert isinstance(refusal.error, UnavailableError)
    with pytest.raises(UnavailableError, match=words):
        raise refusal.error


def test_an_old_server_is_understood(ask: Asker, server: LoopbackServer) -> None:
    """A reply without a length ends when the connection closes."""
    server.answer(Reply(body=b'{"text": "hello"}', http10=True))
    answer = ask(server.url).answer
    assert answer is not None
    assert answer.transcript.text == "hello"


def test_what_happens_can_be_watched(ask: Asker, server: LoopbackServer) -> None:
    """The trace shows what is sent and received, including errors that were retried."""
    server.answer(Reply(fault=Fault.CLOSE), HELLO)
    first, fault, again, last = [event.message for event in ask(server.url).said(Trace)]
    assert first == again
    assert first.startswith(f"> POST {server.url}/audio/transcriptions model='m' response_format='text' file=hello.ogg")
    assert fault.startswith("! ConnectionError")
    assert last == "< 200 OK (application/json)"
