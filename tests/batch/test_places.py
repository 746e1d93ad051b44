"""Recordings and results in buckets and on the web: as in folders, and without their secrets."""

from __future__ import annotations

import http.server
import shutil
import socket
import subprocess
import sys
import threading
import types
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import SAMPLE, listing, place, sent_names
from loopback import json_reply

from anyscribe.batch.inputs import find_sources, is_single
from anyscribe.errors import UsageError
from anyscribe.places import FileSystems, read_address, shown, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import LoopbackServer, Reply, Request
    from programs import Program

pytest.importorskip("fsspec")

from fsspec.implementations.memory import MemoryFileSystem

TREE = ("b.mp3", "a.ogg", "c.WAV", "sub/d.mp3", "sub/deep/e.mp3", ".hidden.mp3", ".git/f.mp3", "sub/.g/h.mp3")
OTHERS = ("notes.txt", "sub/notes", "sub/deep/list.m3u", "sub/d.srt", "._b.mp3", "[x].mp3")
FLAGS = ("--no-check", "-f", "text")
PATTERNS = (
    *("", "*.mp3", "?.mp3", "[ac].*", "*", "*.*", "**", "**/*.mp3", "sub/**", "sub/**/*.mp3", "**/deep/*", "*.txt"),
    *("*/notes", ".h*", ".*.mp3", ".*/*.mp3", "sub", "sub/", "[x].mp3", "**/sub/**/*", "nothing/*.mp3", "*/*/*"),
)
SECRETS = ("hamlet", "yorick", "elsinore")


@pytest.fixture
def bucket() -> Iterator[MemoryFileSystem]:
    """Return a file system in memory, empty before and after."""
    system = MemoryFileSystem()
    system.store.clear()
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def program(anyscribe: Program) -> Program:
    """Return the program, which uses its store."""
    anyscribe.keeps_answers = True
    return anyscribe


def fill(system: MemoryFileSystem, *paths: str) -> None:
    """Put recordings into buckets, each with a content of its own."""
    for path in paths:
        system.pipe_file(f"/{path}", SAMPLE.read_bytes() + path.encode())


def texts(system: MemoryFileSystem) -> dict[str, bytes]:
    """Return the results in all buckets."""
    return {path: file.getvalue() for path, file in system.store.items() if path.endswith((".txt", ".srt"))}


def found(*inputs: str, recursive: bool = False) -> tuple[list[str], list[str]]:
    """Return the recordings that are found, as an output folder mirrors them, and the files that are passed over."""
    passed: list[Any] = []
    sources = find_sources(inputs, recursive=recursive, pass_over=passed.append)
    return [source.relative.as_posix() for source in sources if not source.error], [path.name for path in passed]


def test_patterns_mean_what_they_mean_in_folders(tmp_path: Path, bucket: MemoryFileSystem):
    """The same recordings are found as in a folder with the same files, in the same order."""
    place(tmp_path, *TREE, *OTHERS)
    fill(bucket, *(f"calls/2026/{name}" for name in (*TREE, *OTHERS)))
    for pattern in PATTERNS:
        for recursive in (False, True):
            here = found(f"{tmp_path}/{pattern}", recursive=recursive)
            assert found(f"memory://calls/2026/{pattern}", recursive=recursive) == here


def test_names_in_a_bucket_stay_as_they_are(bucket: MemoryFileSystem):
    """A name with two slashes is not that with one; one with .. cannot lead out of a folder for results."""
    fill(bucket, "calls//a.mp3", "calls/a.mp3")
    bucket.store["/calls/x/../../b.mp3"] = bucket.store["/calls/a.mp3"]
    sources = find_sources(["memory://calls/**", "memory://calls/x/.*/.*/*"], recursive=False)
    assert [(str(source.path), str(source.error or "")) for source in sources] == [
        ("memory://calls/a.mp3", ""),
        ("memory://calls//a.mp3", ""),
        ("memory://calls/x/../../b.mp3", "a part of its name is ..: rename it"),
    ]


def test_only_one_file_is_single(bucket: MemoryFileSystem):
    """One address of one recording is single; a bucket, a folder or a pattern is not."""
    fill(bucket, "calls/a.mp3")
    for given, single in (("calls/a.mp3", True), ("calls", False), ("calls/", False), ("calls/*.mp3", False)):
        inputs = [f"memory://{given}"]
        assert is_single(inputs, find_sources(inputs, recursive=False)) is single


@pytest.mark.parametrize(
    ("given", "without"),
    [
        ("https://hamlet:yorick@example.com/a.mp3?token=elsinore#x", "https://example.com/a.mp3"),
        ("https://hamlet:yorick/elsinore@example.com/a@b.mp3", "https://example.com/a@b.mp3"),
        ("https://hamlet:yorick?elsinore@example.com:80/a.mp3", "https://example.com:80/a.mp3"),
        ("http://[::1]:80/a@b.mp3", "http://[::1]:80/a@b.mp3"),
        ("sftp://hamlet@example.com/a.mp3", "sftp://example.com/a.mp3"),
        ("s3://hamlet:yorick@calls/a?.mp3", "s3://calls/a?.mp3"),
        ("ftp://hamlet:yorick@example.com/a.mp3?token=elsinore", "ftp://example.com/a.mp3"),
        ("talks/a.mp3", "talks/a.mp3"),
    ],
)
def test_addresses_are_shown_without_secrets(given: str, without: str):
    """No user name, password or query is shown; in a bucket, a question mark is a part of a name."""
    assert shown(given) == without
    assert without_secrets(f"cannot open {given}") == f"cannot open {without.partition('?')[0]}"
    assert not any(secret in repr(read_address(given)) for secret in SECRETS)


def test_password_of_a_bucket_is_refused(anyscribe: Program, server: LoopbackServer):
    """A bucket's backend would take it for a part of its name."""
    with pytest.raises(UsageError, match=r"s3://calls/a\.mp3: a bucket's address holds no user or password"):
        find_sources(["s3://hamlet:yorick@calls/a.mp3"], recursive=False)
    place(anyscribe.cwd, "a.ogg")
    for flag in ("-d", "-o"):
        run = anyscribe("a.ogg", flag, "s3://hamlet:yorick@out/a.txt", base_url=server.url)
        assert (run.code, server.requests) == (2, [])
        assert not any(secret in run.err for secret in SECRETS)


def test_bucket_to_bucket(program: Program, server: LoopbackServer, bucket: MemoryFileSystem):
    """Results mirror the recordings; the same command again asks for nothing and reads no recording."""
    fill(bucket, "calls/2026/a.ogg", "calls/2026/x/b.ogg")
    command = ("memory://calls/2026/**/*.ogg", *FLAGS, "-d", "memory://out/texts")
    run = program(*command, base_url=server.url)
    assert (run.code, run.out, len(server.requests)) == (0, b"", 2)
    assert texts(bucket) == {"/out/texts/a.txt": b"hello\n", "/out/texts/x/b.txt": b"hello\n"}
    for path in [path for path in bucket.store if path.endswith(".ogg")]:
        bucket.store[path].seek = None
    again = program(*command, base_url=server.url)
    assert (again.code, len(server.requests)) == (0, 2)
    assert "2 files are there already and are kept" in again.err


def test_bucket_to_folder_and_back(anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem):
    """Results go to standard output, to a file, a folder, or beside the recordings, wherever these are."""
    fill(bucket, "calls/a.ogg", "calls/b.ogg")
    assert anyscribe("memory://calls/a.ogg", *FLAGS, base_url=server.url).text == "hello\n"
    assert anyscribe("memory://calls/", "-d", "out", *FLAGS, base_url=server.url).code == 0
    assert listing(anyscribe.cwd) == ["out/a.txt", "out/b.txt"]
    place(anyscribe.cwd, "c.ogg")
    assert anyscribe("c.ogg", "-o", "memory://texts/c.txt", base_url=server.url).code == 0
    assert anyscribe("c.ogg", "-d", (anyscribe.cwd / "d").as_uri(), base_url=server.url).code == 0
    assert anyscribe("memory://calls/a.ogg", "memory://calls/b.ogg", base_url=server.url).code == 0
    assert {*texts(bucket)} == {"/texts/c.txt", "/calls/a.txt", "/calls/b.txt"}
    assert "d/c.txt" in listing(anyscribe.cwd)


def test_result_that_appears_meanwhile_is_kept(anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem):
    """What somebody else writes during the run is not replaced."""
    fill(bucket, "calls/a.ogg", "calls/b.ogg")

    def interfere(_: Request) -> Reply:
        bucket.pipe_file("/out/a.txt", b"by hand")
        return json_reply({"text": "hello"})

    server.answer(interfere)
    run = anyscribe("memory://calls/*", "-d", "memory://out", *FLAGS, "-j1", base_url=server.url)
    assert run.code == 0
    assert texts(bucket) == {"/out/a.txt": b"by hand", "/out/b.txt": b"hello\n"}


def test_outdated_result_is_written_again(program: Program, server: LoopbackServer, bucket: MemoryFileSystem):
    """A result that would look different now is written again from the store, unless somebody has edited it."""
    fill(bucket, "calls/a.ogg", "calls/b.ogg")
    command = ("memory://calls/", "--no-check", "--no-align", "-f", "srt", "-d", "memory://out")
    server.answer(
        json_reply({"text": "one two three four", "segments": [{"start": 0, "end": 2, "text": "one two three"}]})
    )
    assert program(*command, base_url=server.url).code == 0
    asked = len(server.requests)
    bucket.pipe_file("/out/b.srt", b"edited")
    first = texts(bucket)["/out/a.srt"]
    assert program(*command, "--max-line-chars", "7", base_url=server.url).code == 0
    assert len(server.requests) == asked
    assert texts(bucket)["/out/a.srt"] != first
    assert texts(bucket)["/out/b.srt"] == b"edited"


def test_object_that_changes_while_it_is_read(
    anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
):
    """It is not sent, whether another one takes its place or only a part of it comes."""
    fill(bucket, "calls/a.ogg", "calls/b.ogg")
    whole = MemoryFileSystem.get_file

    def get_file(self: MemoryFileSystem, path: str, copy: str, **options: Any) -> None:
        if path.endswith("a.ogg"):
            fill(self, "calls/a.ogg")
        whole(self, path, copy, **options)
        if path.endswith("b.ogg"):
            with open(copy, "r+b") as file:  # noqa: PTH123 - as the backend has it
                file.truncate(100)

    monkeypatch.setattr(MemoryFileSystem, "get_file", get_file)
    run = anyscribe("memory://calls/", "-d", "memory://out", *FLAGS, base_url=server.url)
    assert (run.code, server.requests, texts(bucket)) == (6, [], {})
    assert "memory://calls/a.ogg: it changed while it was read: try again once it is complete" in run.err
    assert "memory://calls/b.ogg: 100 bytes of it came, and it has " in run.err


def test_place_that_cannot_be_written(
    anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
):
    """It is found out before the first request, with one trial for the bucket."""
    fill(bucket, "calls/a.ogg", "calls/b.ogg")
    tried = []

    def refuse(_: MemoryFileSystem, path: str, *_others: Any, **_options: Any) -> None:
        tried.append(path)
        raise PermissionError(f"{path}?token=elsinore")

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", refuse)
    run = anyscribe("memory://calls/", "-d", "memory://out", *FLAGS, base_url=server.url)
    assert (run.code, server.requests, tried) == (1, [], ["/out/.anyscribe-trial"])
    assert "memory://calls/a.ogg: cannot write memory://out/ (no permission)" in run.err
    assert "elsinore" not in run.err


def test_two_recordings_with_one_result(anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem):
    """Nothing is sent if two results would have the same address."""
    fill(bucket, "calls/a.ogg", "others/a.ogg")
    run = anyscribe("memory://calls/", "memory://others/", "-d", "memory://out", base_url=server.url)
    assert (run.code, server.requests) == (2, [])
    assert "memory://calls/a.ogg and memory://others/a.ogg would both be written to memory://out/a.txt" in run.err


def test_backend_that_is_missing(anyscribe: Program, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch):
    """The extra that brings it is named."""
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    run = anyscribe("gs://calls/*.mp3", base_url=server.url)
    assert (run.code, server.requests) == (2, [])
    assert "what reads and writes gs:// is not installed" in run.err
    assert "[gcs]" in run.err


def test_inputs_elsewhere_that_name_nothing(bucket: MemoryFileSystem):
    """Each is told with its address; the others can still be done."""
    fill(bucket, "calls/notes.txt")
    given = ["memory://calls/a.mp3", "memory://calls/", "memory://calls/*.mp3", "memory://calls/notes.txt"]
    errors = [source.error and source.error.summary(str) for source in find_sources(given, recursive=False)]
    missing = "cannot be read (there is no such file or folder)"
    assert errors == [missing, "no recordings in this folder", "no recording matches", None]


def test_recording_that_the_disk_cannot_hold(
    anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
):
    """It is not read at all, since its size is known."""
    fill(bucket, "calls/a.ogg")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: types.SimpleNamespace(free=100))
    monkeypatch.setattr(MemoryFileSystem, "get_file", None)
    run = anyscribe("memory://calls/", "-d", "memory://out", *FLAGS, base_url=server.url)
    assert (run.code, server.requests) == (1, [])
    assert "memory://calls/a.ogg: it cannot be stored in " in run.err
    assert "(No space left on device): set TMPDIR to another folder" in run.err


def test_object_with_the_name_of_a_folder(bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch):
    """Azure's backend then lists nothing but the object; what is in the folder is found all the same."""
    fill(bucket, "calls/x/a.ogg", "calls/xyz/b.ogg")
    plain = MemoryFileSystem.find

    def find(self: MemoryFileSystem, path: str, *, prefix: str = "", **options: Any) -> Any:
        return plain(self, path, **options) if prefix else [path]

    monkeypatch.setattr(MemoryFileSystem, "find", find)
    assert found("memory://calls/x/", recursive=True) == (["a.ogg"], [])


def test_connection_that_ends_is_made_anew(monkeypatch: pytest.MonkeyPatch):
    """A host may end a connection between two recordings; only the one that is being read then fails."""
    opened = []

    def open_backend(*_: str) -> Any:
        transport = types.SimpleNamespace(is_active=lambda: len(opened) > 1)
        opened.append(types.SimpleNamespace(get_transport=lambda: transport))
        return types.SimpleNamespace(protocol=("sftp", "ssh"), client=opened[-1])

    monkeypatch.setattr("anyscribe.places.file_system.open_backend", open_backend)
    address = read_address("sftp://example.com/a.mp3")
    assert address is not None
    system = FileSystems().file(address).system
    assert [opened.index(system.opened().client) for _ in range(3)] == [0, 1, 1]


def test_link_is_what_it_leads_to(
    anyscribe: Program, server: LoopbackServer, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
):
    """A listing of a host has the sizes of links themselves; a recording behind one has not changed for that."""
    fill(bucket, "calls/a.ogg")
    plain = MemoryFileSystem.ls

    def ls(self: MemoryFileSystem, *arguments: Any, **options: Any) -> list[Any]:
        return [{**info, "type": "link", "size": 7} for info in plain(self, *arguments, **options)]

    monkeypatch.setattr(MemoryFileSystem, "ls", ls)
    assert anyscribe("memory://calls/", "-d", "out", *FLAGS, base_url=server.url).code == 0
    assert listing(anyscribe.cwd / "out") == ["a.txt"]


class Pages(http.server.SimpleHTTPRequestHandler):
    """A web server that wants a user and a token for recordings."""

    def do_GET(self) -> None:
        """Refuse those without them."""
        if "denied.ogg" in self.path:
            self.send_error(403)
        elif "circle.ogg" in self.path:
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif "cut.ogg" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(b"half")
        else:
            super().do_GET()

    do_HEAD = do_GET  # noqa: N815 - the base class requires it

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Yield the host of a web server for a folder."""
    folder = tmp_path / "pages"
    for path in place(folder, "a talk.ogg", "x/b.ogg", "denied.ogg"):
        path.write_bytes(SAMPLE.read_bytes() + path.name.encode())
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *arguments: Pages(*arguments, directory=str(folder))
    ) as pages:
        thread = threading.Thread(target=pages.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{pages.server_port}"
        pages.shutdown()
        thread.join()


def test_web(program: Program, server: LoopbackServer, web: str, tmp_path: Path):
    """An address of the web may hold a user and a token, which nothing shows."""
    pytest.importorskip("aiohttp")
    start, end = f"http://hamlet:yorick@{web}", "?token=elsinore"
    given = [f"{start}/{name}{end}" for name in ("a%20talk.ogg", "x/b.ogg", "denied.ogg", "none.ogg")]
    run = program(*given, "-d", "out", "--events", "events", *FLAGS, base_url=server.url)
    assert (run.code, sorted(sent_names(server))) == (3, ["a talk.ogg", "b.ogg"])
    assert listing(tmp_path / "out") == ["a talk.txt", "b.txt"]
    assert f"http://{web}/denied.ogg: cannot be read (no permission)" in run.err
    assert f"http://{web}/none.ogg: cannot be read (there is no such file or folder)" in run.err
    told = [run.err, (tmp_path / "events").read_text(), program("store", "list").text]
    told += [program(f"{start}:x/a.ogg{end}", "-vv", base_url=server.url).err]
    told += [program(given[0], *flags, base_url=server.url).err for flags in (("-f", "srt,vtt"), ("-o", given[0]))]
    told += [program("--watch", given[0], base_url=server.url).err]
    assert all(web in text for text in told[:2])
    assert not any(secret in text for text in told for secret in SECRETS)
    found = program(f"http://{web}/**/*.ogg", *FLAGS, "--dry-run", base_url=server.url)
    assert [line.split(": ")[0] for line in found.text.splitlines()[:3]] == [
        f"http://{web}/a%20talk.ogg",
        f"http://{web}/denied.ogg",
        f"http://{web}/x/b.ogg",
    ]


def test_pages_are_folders(web: str, tmp_path: Path):
    """A page gives the recordings below it that it links to, with or without a slash, and nothing else."""
    pytest.importorskip("aiohttp")
    links = (
        "a%20talk.ogg",
        "a&amp;b.ogg#t=1",
        "?C=N;O=D",
        "#top",
        "c.ogg?token=elsinore",
        "../",
        "http://x.invalid/d.ogg",
    )
    page = "".join(f'<a href="{link}">' for link in (*links, f"http://{web}/page/e.ogg"))
    (tmp_path / "pages" / "page").mkdir()
    (tmp_path / "pages" / "page" / "index.html").write_text(page)
    for given, recursive in (("page/", False), ("page", False), ("page/", True), ("page/*.ogg", False)):
        names, passed = found(f"http://{web}/{given}", recursive=recursive)
        assert (names, passed) == (["a%20talk.ogg", "a&b.ogg", "e.ogg"], [])


def test_web_that_fails(anyscribe: Program, server: LoopbackServer, web: str):
    """What is said is what happened, in plain words."""
    pytest.importorskip("aiohttp")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    reasons = {
        f"http://{web}/circle.ogg": "it is redirected in a circle",
        f"http://{web}/cut.ogg": "the connection broke",
        f"http://{nobody}/a.ogg": "it cannot be reached",
    }
    run = anyscribe(*reasons, "-d", "out", *FLAGS, base_url=server.url)
    assert (run.code, server.requests) == (6, []), run.err
    for address, reason in reasons.items():
        assert f"error: {address}: cannot be read ({reason}): " in run.err


def test_local_runs_load_nothing_of_it():
    """No backend is loaded without an address."""
    code = "import sys, anyscribe.cli.transcription; assert not {'fsspec', 'anyscribe.places'} & {*sys.modules}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
