"""Which stream gets what: transcripts on standard output, all else on standard error, nothing to a closed pipe."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place, with_shell
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program, Terminal

KEY = "sk-very-secret-0123456789"
needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")


def test_success_says_nothing(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A recording that succeeds prints only its text; no bar is drawn without a terminal."""
    place(tmp_path, "a.ogg")
    server.answer(Reply(body=b'{"text": "hello"}', delay_s=0.6))
    run = anyscribe("a.ogg", base_url=server.url)
    assert (run.code, run.out, run.err) == (0, b"hello\n", "")


def test_batch_says_what_it_did(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A batch reports the place of each result and the number of results, in plain lines without a bar."""
    place(tmp_path, "a.ogg", "b.ogg")
    run = anyscribe(".", "-j1", base_url=server.url)
    assert (run.code, run.out) == (0, b"")
    *lines, figures = run.err_lines
    assert lines == ["anyscribe: a.ogg → a.txt", "anyscribe: b.ogg → b.txt", "anyscribe: 2 done"]
    assert re.fullmatch(r"anyscribe: 0\.1 min of sound, 0\.1 min asked about, 0:0\d in all", figures)


def test_quiet_says_nothing_but_errors(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """With -q, a successful run is silent, including notices and retries; failures are still reported."""
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg")
    (tmp_path / "c.txt").write_text("kept", encoding="utf-8")
    server.answer(Reply(503, headers={"Retry-After": "0"}), json_reply({"text": "hello"}))
    run = anyscribe(".", "-q", "-j1", base_url=server.url)
    assert (run.code, run.out, run.err, len(server.requests)) == (0, b"", "", 3)
    local = anyscribe("a.ogg", "-q", "--model", "tiny.en", "--prompt", "unused")
    assert (local.code, local.out, local.err) == (0, b"Welcome to the town library.\n", "")
    failed = anyscribe("a.ogg", "gone.ogg", "-q", base_url=server.url)
    assert failed.err_lines == [
        "anyscribe: error: gone.ogg: no such file: check the path",
        "anyscribe: failed: gone.ogg",
    ]


def test_verbose_shows_what_is_sent(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """-v shows each request's fields and each reply's status, and never the key."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"text": "hello"}, headers={"x-request-id": "req-7"}))
    run = anyscribe("a.ogg", "-v", "-l", "en", "--prompt", "names", base_url=server.url, api_key=KEY)
    assert (run.code, run.out) == (0, b"hello\n")
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    sent, received = (next(line for line in run.err_lines if mark in line) for mark in ("> ", "< "))
    assert f"POST {server.url}/audio/transcriptions" in sent
    for shown in ("model", "gpt-4o-transcribe", "language", "en", "prompt", "names", "a.ogg"):
        assert shown in sent
    assert "200" in received
    assert "req-7" in received
    assert KEY not in run.err


@pytest.mark.parametrize(
    "reply",
    [
        json_reply({"error": {"message": f"the key {KEY} is not known"}}, 401),
        json_reply({"error": {"message": f"no field {KEY}"}}, 400),
        Reply(body=f"<html>{KEY}</html>".encode(), content_type="text/html"),
        Reply(body=f'{{"text": "{KEY}'.encode()),
        Reply(307, headers={"Location": f"http://127.0.0.1:9/{KEY}"}),
    ],
    ids=["denied", "refused", "page", "cut", "redirect"],
)
def test_key_is_in_no_message(anyscribe: Program, server: LoopbackServer, tmp_path: Path, reply: Reply):
    """If a server repeats the key in its errors, the key is printed nowhere, not even in a traceback."""
    place(tmp_path, "a.ogg")
    server.answer(reply)
    run = anyscribe("a.ogg", "-vv", "--retries", "0", base_url=server.url, api_key=KEY)
    assert run.code in (1, 4)
    assert "Traceback" in run.err
    assert KEY not in run.err
    assert run.out == b""


@needs_posix
def test_reader_that_has_enough(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A reader that closes the pipe, as `head -1` does, ends the program quietly and without a failure."""
    place(tmp_path, "a.ogg", "b.ogg")
    server.answer(json_reply({"text": "first\n" + "x" * (1 << 20)}))
    for arguments in (["a.ogg"], ["a.ogg", "b.ogg", "-o", "-", "--no-headings", "-q"]):
        with anyscribe.start(*arguments, "--no-check", base_url=server.url) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == b"first\n"
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(20) == 0


@needs_posix
def test_reader_that_never_was(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A reader that closes the pipe before there is any output makes no difference."""
    place(tmp_path, "a.ogg")
    server.answer(Reply(body=b'{"text": "hello"}', delay_s=0.3))
    for arguments in (["a.ogg"], ["--local", "--model", "tiny.en", "a.ogg"], ["--help"]):
        with anyscribe.start(*arguments, base_url=server.url) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(20) == 0


@needs_posix
def test_standard_error_without_a_reader(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If standard error is closed, the work is still done."""
    place(tmp_path, "a.ogg", "b.ogg")
    with anyscribe.start(".", "-v", base_url=server.url) as process:
        assert process.stderr is not None
        process.stderr.close()
        assert process.wait(20) == 0
    assert listing(tmp_path) == ["a.ogg", "a.txt", "b.ogg", "b.txt"]
    closed = with_shell(anyscribe, "exec 2>&-")("a.ogg", "-o", "-", base_url=server.url)
    assert (closed.code, closed.out, closed.err) == (0, b"hello\n", "")


@needs_posix
def test_pipelines_of_the_shell(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """The program works in a pipeline like any other, at its beginning and in its middle."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"text": "one two\nthree four five"}))
    script = 'set -o pipefail; cat a.ogg | "$0" - | wc -w && "$0" a.ogg | head -n 1'
    bash = shutil.which("bash") or pytest.skip("needs bash")
    run = subprocess.run(
        [bash, "-c", script, *anyscribe.command[-1:]],
        env=anyscribe.environment(base_url=server.url),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout.split(), run.stderr) == (0, ["5", "one", "two"], "")


def test_bars_are_on_standard_error(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """If standard output is a pipe, the bar is on the terminal, and only the transcript is in the pipe."""
    place(tmp_path, "a.ogg")
    server.answer(Reply(body=b'{"text": "hello"}', delay_s=0.6))
    run = terminal("a.ogg", pipe_out=True, base_url=server.url)
    assert (run.code, run.out) == (0, b"hello\n")
    assert "the server is working" in run.text
    assert "hello" not in run.text.replace("a.ogg", "")
