"""Pipes as inputs: named ones, those of ``<(command)``, and standard input under its names of a path."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from circumstances import MEDIA, SAMPLE, listing, place, sent_names, with_shell

from anyscribe.batch.inputs import find_sources

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program, Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


def write_later(path: Path, content: bytes) -> threading.Thread:
    """Create a named pipe, and write to it from a thread."""
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=[content], daemon=True)
    writer.start()
    return writer


def test_named_pipe_is_read_to_its_end(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A named pipe is read like standard input, and what is sent has the pipe's name and the right bytes."""
    writer = write_later(tmp_path / "talk.ogg", SAMPLE.read_bytes())
    run = anyscribe("talk.ogg", base_url=server.url)
    writer.join(20)
    assert (run.code, run.text, run.err) == (0, "hello\n", "")
    part = server.requests[0].part("file")
    assert (part.filename, part.body) == ("talk.ogg", SAMPLE.read_bytes())
    assert listing(tmp_path) == ["talk.ogg"]


def test_results_of_a_named_pipe(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Several formats go beside the pipe, and the pipe itself is not a file to be replaced."""
    (tmp_path / "in").mkdir()
    write_later(tmp_path / "in" / "talk.ogg", SAMPLE.read_bytes())
    run = anyscribe("in/talk.ogg", "-f", "md,text", base_url=server.url)
    assert (run.code, listing(tmp_path)) == (0, ["in/talk.md", "in/talk.ogg", "in/talk.txt"])
    assert (tmp_path / "in" / "talk.md").read_text(encoding="utf-8").startswith("# talk\n")
    refused = anyscribe("in/talk.ogg", "-o", "in/talk.ogg", "--overwrite", base_url=server.url)
    assert (refused.code, (tmp_path / "in" / "talk.ogg").is_fifo()) == (2, True)
    assert "in/talk.ogg is an input" in refused.err


def test_pipes_that_one_program_fills_together(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Pipes are read at the same time: a program that fills two by turns would otherwise wait forever."""
    content = (MEDIA / "hello.wav").read_bytes()
    assert len(content) > 65_536  # more than a pipe holds
    for name in ("a.wav", "b.wav"):
        os.mkfifo(tmp_path / name)

    def fill() -> None:
        with (tmp_path / "a.wav").open("wb", buffering=0) as first, (tmp_path / "b.wav").open("wb", 0) as second:
            second.write(content)
            first.write(content)

    writer = threading.Thread(target=fill, daemon=True)
    writer.start()
    run = anyscribe("a.wav", "b.wav", "-j1", base_url=server.url, timeout_s=30)
    writer.join(20)
    assert (run.code, sent_names(server)) == (0, ["a.wav", "b.wav"])


def test_pipe_that_cannot_be_opened_among_files(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A pipe that brings no recording is a failure like a file that is none, and the others are done."""
    place(tmp_path, "a.ogg")
    write_later(tmp_path / "empty.ogg", b"")
    write_later(tmp_path / "text.ogg", b"no recording at all")
    run = anyscribe("empty.ogg", "a.ogg", "text.ogg", "-d", "out", base_url=server.url)
    assert (run.code, sent_names(server), listing(tmp_path / "out")) == (3, ["a.ogg"], ["a.txt"])
    assert "anyscribe: error: empty.ogg: the file is empty: check how it was made or copied" in run.err_lines


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_names_of_standard_input(anyscribe: Program, server: LoopbackServer, tmp_path: Path, name: str):
    """Standard input under a path is standard input, also for the names of its results."""
    run = anyscribe(name, "-f", "text,md", stdin=SAMPLE.read_bytes(), base_url=server.url)
    assert (run.code, listing(tmp_path)) == (0, ["stdin.md", "stdin.txt"])
    assert server.requests[0].part("file").body == SAMPLE.read_bytes()
    twice = anyscribe("-", name, stdin=SAMPLE.read_bytes(), base_url=server.url)
    assert (twice.code, "standard input (-) can be read only once" in twice.err) == (2, True)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs open files as paths")  # noqa: PTH110 - no path
@pytest.mark.parametrize("is_pipe", [True, False], ids=["pipe", "file"])
def test_open_file_of_a_shell(anyscribe: Program, server: LoopbackServer, tmp_path: Path, *, is_pipe: bool):
    """What a shell passes as /dev/fd/3, as for ``<(command)``, is read; its results are in the current folder."""
    program = with_shell(anyscribe, "exec 3<&0" if is_pipe else f"exec 3<'{SAMPLE}'")
    stdin = SAMPLE.read_bytes() if is_pipe else b""
    alone = program("/dev/fd/3", base_url=server.url, stdin=stdin)
    assert (alone.code, alone.text, listing(tmp_path)) == (0, "hello\n", [])
    several = program("/dev/fd/3", "-f", "text,json", base_url=server.url, stdin=stdin)
    assert (several.code, listing(tmp_path)) == (0, ["fd3.json", "fd3.txt"])
    assert several.err_lines[0] == "anyscribe: /dev/fd/3 → fd3.txt"
    assert [request.part("file").body for request in server.requests] == [SAMPLE.read_bytes()] * 2


def test_standard_input_on_a_terminal_by_its_path(terminal: Terminal, server: LoopbackServer):
    """A terminal is refused under any name of standard input, rather than waited for."""
    run = terminal("/dev/stdin", keys=b"x\n", base_url=server.url)
    assert run.code == 2
    assert "standard input (-) is a terminal: pipe a recording into anyscribe -" in run.text
    other = terminal("/dev/fd/2", base_url=server.url)
    assert other.code == 6
    assert "/dev/fd/2: it is a device, not a file" in other.text


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/random"])
def test_devices_are_refused(anyscribe: Program, server: LoopbackServer, name: str):
    """A device is no recording; reading it might never end."""
    if not os.path.exists(name):  # noqa: PTH110 - no path
        pytest.skip("there is no such device")
    run = anyscribe(name, base_url=server.url, timeout_s=20)
    assert (run.code, run.err_lines) == (
        6,
        [f"anyscribe: error: {name}: it is a device, not a file: check the path"],
    )


def test_pipes_are_only_read_if_they_are_named(tmp_path: Path):
    """A pipe in a folder is not waited for: nothing may ever write to it."""
    os.mkfifo(tmp_path / "a.mp3")
    assert [source.stream for source in find_sources([str(tmp_path)], recursive=False)] == [""]
    assert [source.stream for source in find_sources([str(tmp_path / "a.mp3")], recursive=False)] != [""]


def test_pipe_that_nothing_writes_to(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A pipe without a writer is waited for, the user is told, and Ctrl-C ends the wait and leaves nothing."""
    os.mkfifo(tmp_path / "talk.ogg")
    (tmp_path / "tmp").mkdir()
    environment = {"TMPDIR": str(tmp_path / "tmp")}
    with anyscribe.start("talk.ogg", base_url=server.url, env=environment) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert line == b"anyscribe: talk.ogg: waiting: nothing writes to this pipe yet\n"
    assert (process.returncode, out, err) == (130, b"", b"anyscribe: interrupted\n")
    assert listing(tmp_path) == ["talk.ogg"]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_interrupt_while_a_pipe_is_read(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Ctrl-C ends the program while a pipe is open and nothing comes, and removes what had come."""
    os.mkfifo(tmp_path / "talk.ogg")
    (tmp_path / "tmp").mkdir()
    environment = {"TMPDIR": str(tmp_path / "tmp")}
    with (
        anyscribe.start("talk.ogg", base_url=server.url, env=environment) as process,
        (tmp_path / "talk.ogg").open("wb", buffering=0) as pipe,
    ):
        pipe.write(SAMPLE.read_bytes()[:1000])
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err in (b"", b"anyscribe: interrupted\n")  # what had begun by then
    assert list((tmp_path / "tmp").iterdir()) == []


def test_process_substitution(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Two commands as inputs, written as bash has it, give two transcripts."""
    program = " ".join(f"'{word}'" for word in anyscribe.command)
    command = f"{program} <(cat {SAMPLE}) <(cat {SAMPLE}) -o - --no-headings"
    try:
        run = subprocess.run(
            ["bash", "-c", command],  # noqa: S607 - bash is what is tested
            env=anyscribe.environment(base_url=server.url),
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("needs bash")
    assert (run.returncode, run.stdout) == (0, b"hello\nhello\n"), run.stderr
