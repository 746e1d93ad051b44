"""Episodes of podcasts: found in feeds as they are in the wild, named after their titles, and done once."""

from __future__ import annotations

import gzip
import http.server
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import SAMPLE, listing

from anyscribe.batch.feeds import find_episodes
from anyscribe.cli.parsing import read_since

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

pytest.importorskip("feedparser")
pytest.importorskip("aiohttp")

FLAGS = ("--no-check", "-j", "1", "-f", "text")
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Show</title>{}</channel></rss>'
SECRETS = ("hamlet", "yorick", "elsinore")


def item(title: str, date: str, href: str, kind: str = "audio/mpeg", guid: str = "") -> str:
    """Write an episode."""
    parts = (f"<title>{title}</title>", f"<pubDate>{date}</pubDate>" * bool(date), f"<guid>{guid}</guid>" * bool(guid))
    return f'<item>{"".join(parts)}<enclosure url="{href}" type="{kind}" length="1"/></item>'


class Host(http.server.ThreadingHTTPServer):
    """A web server with pages; those of recordings differ, and some are moved or need a login."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []

    def __str__(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Host

    def log_message(self, *_: Any) -> None:
        """Write nothing."""

    def do_GET(self) -> None:
        """Answer a request."""
        path, _, query = self.path.partition("?")
        self.server.asked.append(f"{self.command} {path}")
        if path.startswith("/private") and "authorization" not in self.headers:
            self.send_error(401)
        elif path.startswith("/tracker/"):
            self.send_response(302)
            self.send_header("Location", f"/moved/{path.rpartition('/')[2]}?{query}")
            self.end_headers()
        elif path in self.server.pages or path.endswith(".mp3"):
            self.send_response(200)
            body = self.server.pages.get(path, SAMPLE.read_bytes() + path.encode())
            if path.startswith("/encoded"):
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)
        else:
            self.send_error(404)

    do_HEAD = do_GET  # noqa: N815 - the base class requires it


@pytest.fixture
def host() -> Iterator[Host]:
    """Yield a running web server."""
    with Host() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def found(host: Host, page: str, **choice: Any) -> tuple[list[str], list[str]]:
    """Return the names of the episodes of a feed, or its error, and what is told."""
    told: list[str] = []
    sources = [*find_episodes(f"http://{host}{page}", **{"since": None, "limit": None, **choice}, tell=told.append)]
    return [source.error.summary(str) if source.error else source.name for source in sources], told


def test_podcast_from_end_to_end(anyscribe: Program, server: LoopbackServer, host: Host, tmp_path: Path):
    """The newest episodes come first, under their titles; again, only the feed is read; what is new is done then."""
    anyscribe.keeps_answers = True
    items = [
        item("Old: one / two?", "Mon, 02 Nov 2026 10:00:00 GMT", f"http://{host}/1/audio.mp3?token=elsinore"),
        item("New &amp;amp; shiny", "Fri, 27 Nov 2026 10:00:00 +0100", "/tracker/2/audio.mp3?token=elsinore"),
    ]
    host.pages["/private.xml"] = RSS.format("".join(items)).encode()
    feed = f"http://hamlet:yorick@{host}/private.xml?key=elsinore"
    run = anyscribe("--feed", feed, *FLAGS, base_url=server.url)
    assert (run.code, run.out) == (0, b"")
    fetched = [line for line in host.asked if line.startswith("GET ")]
    assert fetched == ["GET /private.xml", "GET /tracker/2/audio.mp3", "GET /moved/audio.mp3", "GET /1/audio.mp3"]
    assert listing(tmp_path) == ["2026-11-02 Old one two.txt", "2026-11-27 New & shiny.txt"]
    host.asked.clear()
    again = anyscribe("--feed", feed, *FLAGS, base_url=server.url)
    assert (again.code, len(server.requests), host.asked) == (0, 2, ["GET /private.xml"])
    items.insert(0, item("Newest", "Sat, 28 Nov 2026 10:00:00 GMT", "/private/3.mp3"))
    host.pages["/private.xml"] = RSS.format("".join(items)).encode()
    dry = anyscribe("--feed", feed, "--limit", "2", "-d", "out", "--suffix", "full", "--dry-run", base_url=server.url)
    assert dry.text.splitlines()[0].endswith("→ out/2026-11-28 Newest.mp3.txt")
    run = anyscribe("--feed", feed, "--since", "2026-11-27", "-d", "out", *FLAGS, "-vv", base_url=server.url)
    assert listing(tmp_path / "out") == ["2026-11-27 New & shiny.txt", "2026-11-28 Newest.txt"]
    assert len(server.requests) == 3
    told = [run.err, again.err, dry.text, anyscribe("store", "list").text]
    assert not any(secret in text for text in told for secret in SECRETS)


def test_feeds_as_they_are(host: Host):
    """Atom, compressed, relative, undated and alike episodes are found; what is no recording on the web is not."""
    host.pages["/encoded/a.xml"] = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>
        <entry><id>1</id><title>One</title><updated>2026-11-01T23:30:00-05:00</updated>
        <link rel="enclosure" href="b/one.mp3"/></entry></feed>"""
    assert found(host, "/encoded/a.xml") == (["2026-11-02 One.mp3"], [])
    items = [
        item("Same", "Fri, 27 Nov 2026 10:00:00", "/1/audio.mp3", guid="a"),
        item("SAME", "Fri, 27 Nov 2026 09:00:00 GMT", "/2/audio.mp3", guid="b"),
        item("...", "Thu, 26 Nov 2026 10:00:00 GMT", "/3/talk%20x.mp3"),
        item("Sometime" + "é" * 200, "", "/4/stream", "audio/mp4"),
        item("A file", "", "file:///etc/passwd.mp3"),
        item("A bucket", "", "s3://calls/a.mp3"),
        item("A picture", "", "/a.jpg", "image/jpeg"),
        "<item><title>No recording</title></item>",
    ]
    host.pages["/b.xml.gz"] = gzip.compress(RSS.format("".join(items)).encode())
    names, told = found(host, "/b.xml.gz")
    assert [name.rpartition(".")[0][:16] for name in names] == [
        "2026-11-27 Same ",
        "2026-11-27 SAME ",
        "2026-11-26 talk%",
        "Sometime" + "é" * 8,
    ]
    assert len({name.casefold() for name in names}) == 4
    assert all(len(name.encode()) < 180 for name in names)
    assert told == []
    since = datetime(2026, 11, 27, tzinfo=UTC)
    names, told = found(host, "/b.xml.gz", since=since, limit=1)
    assert [name[:15] for name in names] == ["2026-11-27 Same"]
    assert told == [f"http://{host}/b.xml.gz: 1 of its episodes have no date and are left out"]


def test_feeds_that_cannot_be_read(anyscribe: Program, server: LoopbackServer, host: Host):
    """Each is told with its address and without its secrets; a damaged one gives what is left of it."""
    whole = RSS.format(item("One", format_datetime(datetime.now(UTC)), "/1.mp3") + item("Two", "", "/2.mp3"))
    host.pages |= {
        "/page": b"<html><body><p>A podcast</body></html>",
        "/empty": b"",
        "/none.xml": RSS.format("").encode(),
        "/cut.xml": whole[: whole.index("<title>Two")].encode(),
        "/cut.gz": gzip.compress(whole.encode())[:-20],
    }
    assert found(host, "/page") == (["it is no feed"], [])
    assert found(host, "/empty") == (["it is no feed"], [])
    assert found(host, "/none.xml") == (["no episode of this feed has a recording"], [])
    assert found(host, "/cut.gz") == (["its compression is damaged"], [])
    assert found(host, "/private") == (["cannot be read (no permission)"], [])
    names, told = found(host, "/cut.xml")
    assert [name[11:] for name in names] == ["One.mp3"]
    assert told == [f"http://{host}/cut.xml: the feed is damaged; 2 episodes of it can be read"]
    run = anyscribe("--feed", f"http://{host}/gone?key=elsinore", *FLAGS, base_url=server.url)
    assert (run.code, server.requests) == (6, [])
    assert f"http://{host}/gone: cannot be read (there is no such file or folder)" in run.err
    assert "elsinore" not in run.err


def test_days_and_times_are_read():
    """A day begins at midnight here; a time keeps its zone."""
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    assert read_since("today") == today
    assert read_since("Yesterday") == today - timedelta(days=1)
    assert read_since("2w") == today - timedelta(days=14)
    assert read_since("20261101") == read_since("2026-11-01") == datetime(2026, 11, 1).astimezone()
    assert read_since("2026-11-01T10:00Z") == datetime(2026, 11, 1, 10, tzinfo=UTC)
