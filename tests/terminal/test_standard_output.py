"""Standard output: byte for byte in a pipe, harmless on a terminal."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from loopback import Reply, json_reply

from anyscribe.errors import OutputError
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program, Terminal

HOSTILE = "\x1b[2J\x1b]0;title\x07red \x9b31m \x08\x7f\r[bold]x[reset] gr\u00fc\u00df \u202eabc\nsecond\tline\n"


def test_pipe_gets_the_bytes_as_they_are(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """In a pipe and in a file, a result is byte for byte what the server sent, including escape sequences."""
    place(tmp_path, "a.ogg")
    # With the other two controls, a plain reply is not recognized as text.
    text = HOSTILE.replace("\x07", "").replace("\x08", "").encode()
    server.answer(Reply(body=text, content_type="text/plain; charset=utf-8"))
    assert anyscribe("a.ogg", base_url=server.url).out == text
    assert anyscribe("a.ogg", "-o", "a.txt", base_url=server.url).code == 0
    assert (tmp_path / "a.txt").read_bytes() == text


@pytest.mark.parametrize("pipe_out", [False, True], ids=["terminal", "pipe"])
def test_terminal_gets_no_control_characters(
    terminal: Terminal, server: LoopbackServer, tmp_path: Path, *, pipe_out: bool
):
    """On a terminal, control characters in the server's text are shown as escapes, so that they have no effect."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"text": HOSTILE + "\x00end"}))
    run = terminal("a.ogg", "-f", "text", "-q", pipe_out=pipe_out, base_url=server.url)
    assert run.code == 0
    if pipe_out:
        assert (run.out.startswith(HOSTILE[:20].encode()), run.screen) == (True, b"")
    else:
        shown = r"\x1b[2J\x1b]0;title\x07red \x9b31m \x08\x7f\x0d[bold]x[reset] "
        assert run.text.startswith(shown + "gr\u00fc\u00df")
        assert "\tline\n" in run.text
        assert not {character for character in run.text if character < " "} - {"\n", "\t"}


def test_error_texts_are_harmless_too(anyscribe: Program, terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """A server's error message is one line without control characters, also with -vv and its traceback."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"error": {"message": HOSTILE}}, 400))
    for flag in ("-q", "-vv"):
        run = terminal("a.ogg", flag, base_url=server.url, env={"TERM": "dumb"})
        assert run.code == 1
        assert r"(400): \x1b[2J\x1b]0;title\x07red \x9b31m" in run.text
        assert not {character for character in run.text if character < " " or "\x7f" <= character < "\xa0"} - {
            "\r",
            "\n",
        }
    piped = anyscribe("a.ogg", base_url=server.url)
    assert (piped.code, len(piped.err_lines), "\x1b" in piped.err) == (1, 1, False)


def test_text_without_its_last_line_feed(
    anyscribe: Program, terminal: Terminal, server: LoopbackServer, tmp_path: Path
):
    """A pipe gets the end of a text unchanged; a terminal, and a result that follows, begin on a new line."""
    place(tmp_path, "a.ogg", "b.ogg")
    server.answer(Reply(body=b"no end", content_type="text/plain"))
    assert anyscribe("a.ogg", base_url=server.url).out == b"no end"
    assert terminal("a.ogg", "-q", base_url=server.url).text == "no end\n"
    several = anyscribe("a.ogg", "b.ogg", "-o", "-", "--no-headings", base_url=server.url)
    assert several.out == b"no end\nno end"


class Console(io.TextIOWrapper):
    """A terminal with a given encoding."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.mark.parametrize(("encoding", "shown"), [("latin-1", b"gr\xfc\xdf ?\n"), ("ascii", b"gr?? ?\n")])
def test_terminal_of_another_encoding(encoding: str, shown: bytes):
    """A terminal that lacks a character shows a replacement for it."""
    got = io.BytesIO()
    console = Console(got, encoding=encoding)
    StandardOutput(console).write("gr\u00fc\u00df \u4f60".encode())
    assert got.getvalue().replace(os.linesep.encode(), b"\n") == shown


def test_no_standard_output():
    """If standard output is closed, the first data to write raise an error, and nothing before that does."""
    output = StandardOutput(None)
    output.write(b"")
    with pytest.raises(OutputError, match="standard output is closed"):
        output.write(b"text")
