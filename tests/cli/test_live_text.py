"""What a pipe gets of a stream: the text as it comes, and finally the same bytes as without a stream."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place, with_shell
from loopback import Reply, json_reply
from speech import Speech
from whisper_model import USUAL

if TYPE_CHECKING:
    import subprocess

    from loopback import LoopbackServer
    from programs import Program
    from whispering import Whisper

pytest_plugins = ["whispering"]

SAMPLE = Path(__file__).parents[1] / "media" / "pause.flac"
TEXT = " The  library\n\nis \u56f3\u66f8\u9928 \U0001f600 cafe\u0301 \x1b[2J\told. \n"
needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and a POSIX shell")


@pytest.fixture
def speech(server: LoopbackServer, tmp_path: Path) -> Speech:
    """Return the speech that the server streams for a recording, `a.ogg`."""
    place(tmp_path, "a.ogg")
    speech = Speech(server)
    server.answer(speech.reply)
    return speech


def read_piece(process: subprocess.Popen[bytes]) -> str:
    """Read what the program has written, waiting until there is something."""
    assert process.stdout is not None
    return os.read(process.stdout.fileno(), 1 << 16).decode()


def read_rest(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Read both streams to their ends."""
    out, err = process.communicate(timeout=20)
    return out.decode(), err.decode()


def test_pieces_come_as_they_are_said(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """Each piece is in the pipe before the next is sent; whitespace around the text is not, except a last line feed."""
    with anyscribe.start("a.ogg", "--stream", base_url=server.url) as process:
        for said, piece in ((" The", "The"), (" lib", " lib"), ("rary \n", "rary"), ("\nis", " \n\nis"), (" ", "")):
            speech.say(said)
            assert piece == "" or read_piece(process) == piece
        speech.finish()
        assert read_rest(process) == ("\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("arguments", [[], ["-q"], ["-o", "-"], ["-v"]])
def test_same_bytes_as_without_a_stream(
    anyscribe: Program, server: LoopbackServer, speech: Speech, arguments: list[str], size: int
):
    """However a text is divided, the pipe finally has the same bytes as for a reply that comes whole."""
    speech.say(*(TEXT[start : start + size] for start in range(0, len(TEXT), size)))
    speech.finish()
    run = anyscribe("a.ogg", "--stream", *arguments, base_url=server.url, env={"PYTHONIOENCODING": "ascii"})
    server.answer(json_reply({"text": TEXT}))
    assert (run.code, run.out) == (0, anyscribe("a.ogg", base_url=server.url).out)
    assert run.out == f"{TEXT.strip()}\n".encode()
    assert ("-v" in arguments) == bool(run.err)


@pytest.mark.parametrize(
    ("reply", "out"),
    [
        (Reply(body=b'{"text": "hello"}'), b"hello\n"),
        (Reply(body=b'{"text": ""}'), b""),
    ],
    ids=["text", "silence"],
)
def test_server_that_ignores_the_stream(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, reply: Reply, out: bytes
):
    """If the reply comes whole, so does the result."""
    place(tmp_path, "a.ogg")
    server.answer(reply)
    run = anyscribe("a.ogg", "--stream", base_url=server.url)
    assert (run.code, run.out, run.err) == (0, out, "")


@pytest.mark.parametrize(
    ("final", "rest"),
    [("one two", "\n"), ("one\n\ntwo ", "\n"), ("one two three", " three\n"), ("One two.", None)],
)
def test_final_text(anyscribe: Program, server: LoopbackServer, speech: Speech, final: str, rest: str | None):
    """Text that the final text adds is written; a change to written text is an error that says so."""
    speech.say(" one", " two ")
    speech.finish(final)
    run = anyscribe("a.ogg", "--stream", base_url=server.url)
    assert (run.code, run.text) == (1 if rest is None else 0, f"one two{rest or ''}")
    assert ("the server's final text differs from the text that it streamed" in run.err) == (rest is None)
    again = Speech(server)
    server.answer(again.reply)
    again.say(" one", " two ")
    again.finish(final)
    assert anyscribe("a.ogg", "--stream", "-o", "a.txt", base_url=server.url).code == 0
    assert (anyscribe.cwd / "a.txt").read_text(encoding="utf-8") == f"{final.strip()}\n"


@pytest.mark.parametrize("arguments", [[], ["-o", "a.txt"], ["-f", "json"], ["-f", "json", "-f", "text"]])
def test_stream_that_breaks_off(anyscribe: Program, server: LoopbackServer, tmp_path: Path, arguments: list[str]):
    """If a stream breaks off, the pipe has what came, no line feed is added, and no result is written elsewhere."""
    place(tmp_path, "a.ogg")
    speech = Speech(server, is_cut=True)
    server.answer(speech.reply)
    speech.say(" The library", " is ")
    speech.end()
    run = anyscribe("a.ogg", "--stream", *arguments, base_url=server.url)
    assert (run.code, run.text) == (5, "" if arguments else "The library is")
    assert run.err_lines[0].startswith("anyscribe: error: a.ogg: ")
    assert listing(tmp_path) == ["a.ogg"]
    assert len(server.requests) == 1


@needs_posix
def test_reader_that_has_enough(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """A reader that closes the pipe midway ends the program quietly, and the server is disconnected."""
    with anyscribe.start("a.ogg", "--stream", base_url=server.url) as process:
        speech.say(" The library")
        assert read_piece(process) == "The library"
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        speech.say(" is the oldest")
        assert process.stderr.read() == b""
        assert process.wait(20) == 0
        speech.wait_until_hung_up()


@needs_posix
def test_reader_of_the_built_in_engine_has_enough(whisper: Whisper, tmp_path: Path):
    """The same holds for an engine on this machine."""
    sample = Path(__file__).parents[2] / "samples" / "library.flac"
    place(tmp_path, "long.flac", sample=sample)
    with whisper.start("long.flac", "--stream") as process:
        assert read_piece(process).startswith(USUAL.first)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0


@needs_posix
def test_full_disk(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """If the first piece cannot be written, the rest is not waited for."""
    if not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    speech.say(" The library", " is")
    run = with_shell(anyscribe, "exec >/dev/full")("a.ogg", "--stream", base_url=server.url)
    assert run.code == 1
    assert run.err == (
        "anyscribe: error: a.ogg: cannot write to standard output (No space left on device): "
        "--output writes to a file\n"
    )
    speech.wait_until_hung_up()


@needs_posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "TERM"])
def test_interruption(anyscribe: Program, server: LoopbackServer, speech: Speech, number: int, code: int):
    """An interrupted stream ends at once; the pipe has what came, and the server is disconnected."""
    with anyscribe.start("a.ogg", "--stream", base_url=server.url) as process:
        speech.say(" The library", " is")
        came = read_piece(process)
        while came != "The library is":
            came += read_piece(process)
        began = time.monotonic()
        process.send_signal(number)
        out, err = read_rest(process)
        # The limit is half a second; a machine under load may take a little longer.
        assert time.monotonic() - began < 1.5
        speech.wait_until_hung_up()
    assert (process.returncode, out) == (code, "")
    assert err == "anyscribe: interrupted\n"


@needs_posix
def test_interruption_without_a_reader(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """A pipe that is full, because its reader is slow, delays the text but not an interruption."""
    with anyscribe.start("a.ogg", "--stream", base_url=server.url) as process:
        speech.say(" The library")
        assert read_piece(process) == "The library"
        speech.say(*["word " * 2000] * 50)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        speech.wait_until_hung_up()


@needs_posix
def test_standard_output_that_is_closed(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """If standard output is closed, this is reported before anything is sent."""
    del speech
    run = with_shell(anyscribe, "exec >&-")("a.ogg", "--stream", base_url=server.url)
    assert (run.code, server.requests) == (1, [])
    assert run.err == "anyscribe: error: standard output is closed: --output writes to a file\n"


def test_nothing_beside_the_results(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """In pipes, several results and results in other formats come whole, and nothing else is printed."""
    place(tmp_path, "a.ogg", "b.ogg")

    def answer(*_: object) -> Reply:
        speech = Speech(server)
        speech.say(" one", " two")
        speech.finish()
        return speech.reply()

    server.answer(answer)
    several = anyscribe("a.ogg", "b.ogg", "-o", "-", "--no-headings", "--stream", base_url=server.url)
    assert (several.code, several.text) == (0, "one two\none two\n")
    assert [line[:17] for line in several.err_lines] == ["anyscribe: 2 done", "anyscribe: 0.1 mi"]
    other = anyscribe("a.ogg", "-f", "json", "--stream", base_url=server.url)
    assert (other.code, other.json, other.err) == (0, {"text": "one two"}, "")
    sidecars = anyscribe(".", "--stream", "-q", base_url=server.url)
    assert (sidecars.code, sidecars.out, sidecars.err) == (0, b"", "")
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes() == b"one two\n"


def test_built_in_engine(anyscribe: Program):
    """The built-in engine streams too, one utterance at a time, with the same result."""
    arguments = ("--local", "--model", "tiny.en", SAMPLE)
    streamed = anyscribe(*arguments, "--stream")
    assert (streamed.code, streamed.out) == (0, anyscribe(*arguments).out)
    assert streamed.out
