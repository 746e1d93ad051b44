"""What a user sees of a stream on a terminal: words as they come, each once and in its place, in all circumstances."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place
from loopback import json_reply
from sample_texts import CLUSTERS, WORDS
from speech import Speech
from windows import Window

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program

LONG = "\n".join(" ".join((*WORDS[number % 7 :], *CLUSTERS)) for number in range(40))


@pytest.fixture
def speech(server: LoopbackServer, tmp_path: Path) -> Speech:
    """Return the speech that the server streams for a recording, `a.ogg`."""
    place(tmp_path, "a.ogg")
    speech = Speech(server)
    server.answer(speech.reply)
    return speech


def plain(text: str) -> str:
    """Return a text as a screen shows it, with lines joined."""
    return text.strip().replace("\n", "")


def tell(speech: Speech, text: str, size: int = 7) -> None:
    """Send a text in pieces, which end anywhere."""
    speech.say(*(text[start : start + size] for start in range(0, len(text), size)))


@pytest.mark.parametrize("arguments", [[], ["-o", "a.txt"], ["-q"]], ids=["result", "beside a file", "quiet"])
def test_words_appear_as_they_come(anyscribe: Program, server: LoopbackServer, speech: Speech, arguments: list[str]):
    """Each word is on the screen before the next one is sent, in place of the bar, and remains there once."""
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", *arguments, base_url=server.url) as window:
        for word in (" The", " library", "\n\nis", " old."):
            speech.say(word)
            window.wait_for(plain(speech.text))
        assert window.lines == ["The library", "", "is old."]
        speech.finish()
        assert window.end() == 0
    report = ["anyscribe: a.ogg \u2192 a.txt"] if arguments[:1] == ["-o"] else []
    assert window.lines == ["The library", "", "is old.", *report]


@pytest.mark.parametrize("size", [(1, 5), (9, 2), (20, 10), (40, 10), (80, 24), (200, 10)])
def test_long_text_in_a_small_window(anyscribe: Program, server: LoopbackServer, speech: Speech, size: tuple[int, int]):
    """A text of many scripts that is much higher than the window is in the scrollback exactly once."""
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", size=size, base_url=server.url) as window:
        tell(speech, LONG)
        speech.finish()
        assert window.end() == 0
    assert window.joined == plain(LONG)
    assert size[0] < 9 or max(map(len, window.screen.rows[0].cells)) <= size[0]


def test_resizing(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """A window that is resized while text comes shows all of the text once."""
    sizes = [(40, 10), (20, 5), (200, 20), (33, 3), (80, 24), (10, 10)]
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", size=(80, 10), base_url=server.url) as window:
        for number, size in enumerate(sizes):
            tell(speech, f"{number} {LONG[:400]} here {number}")
            window.wait_for(f"here {number}")
            window.resize(*size)
        tell(speech, LONG[:200])
        speech.finish()
        assert window.end() == 0
    assert window.joined == plain(speech.text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "TERM"])
@pytest.mark.parametrize("arguments", [[], ["-o", "a.txt"]], ids=["result", "beside a file"])
def test_interruption(anyscribe: Program, server: LoopbackServer, speech: Speech, arguments: list[str], number: int):
    """An interruption leaves the text on the screen, the visible cursor below it, and disconnects at once."""
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", *arguments, base_url=server.url) as window:
        speech.say(" The library", " is the old")
        window.wait_for("the old")
        began = time.monotonic()
        if number == signal.SIGINT:
            window.press(b"\x03")
        else:
            window.process.send_signal(number)
        assert window.end() == (130 if number == signal.SIGINT else 143)
        assert time.monotonic() - began < 1.5, (
            "half a second is promised; a machine under load may take a little longer"
        )
        speech.wait_until_hung_up()
    assert window.lines == ["The library is the old", "anyscribe: interrupted"]
    assert window.screen.cursor_column == 0
    assert window.screen.is_cursor_shown
    assert b"\x1b[?25l" not in window.raw
    assert listing(anyscribe.cwd) == ["a.ogg"]


@pytest.mark.parametrize("arguments", [[], ["-o", "a.txt"], ["-f", "text", "-f", "json"]])
def test_stream_that_breaks_off(anyscribe: Program, server: LoopbackServer, tmp_path: Path, arguments: list[str]):
    """The text of a stream that breaks off stays above the error, and is written nowhere else."""
    place(tmp_path, "a.ogg")
    speech = Speech(server, is_cut=True)
    server.answer(speech.reply)
    with Window(
        anyscribe, "a.ogg", "--stream", "--no-check", *arguments, base_url=server.url, size=(300, 24)
    ) as window:
        speech.say(" The library", " is the old")
        window.wait_for("the old")
        speech.end()
        assert window.end() == 5
    text, error = window.lines
    assert text == "The library is the old"
    assert error.startswith("anyscribe: error: a.ogg: ")
    assert listing(tmp_path) == ["a.ogg"]


def test_final_text_that_is_another_one(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """If a server changes text that it streamed, an error appears below that text."""
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", base_url=server.url, size=(200, 24)) as window:
        speech.say(" The libary")
        speech.finish("The library")
        assert window.end() == 1
    assert "\n".join(window.lines) == (
        "The libary\n"
        "anyscribe: error: the server's final text differs from the text that it streamed to standard output"
        ": --output FILE takes the final text"
    )


def test_text_is_data(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """Escape sequences in a stream, also those cut in two, are shown and have no effect; markup is text."""
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", base_url=server.url) as window:
        speech.say(" \x1b", "[2J\x1b]0;title\x07red", "\r", "\nnext\ttab\b [bold]", "x[/bold] :smile:\x9b31m\r", "back")
        speech.finish()
        assert window.end() == 0
    assert window.lines == [r"\x1b[2J\x1b]0;title\x07red", r"next tab\x08 [bold]x[/bold] :smile:\x9b31m\x0dback"]


def test_several_recordings(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """With several recordings, each line names its recording; other messages appear between lines, never inside one."""
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg")
    speeches = {"a.ogg": Speech(server), "b.ogg": Speech(server)}

    def answer(request: Request) -> object:
        found = speeches.get(str(request.part("file").filename))
        return found.reply() if found else json_reply({"error": {"message": "too odd"}}, 400)

    server.answer(answer)  # type: ignore[arg-type] # replies
    with Window(anyscribe, ".", "--stream", "--no-check", size=(40, 8), base_url=server.url) as window:
        a, b = speeches.values()
        a.say(" The library is the oldest building")
        window.wait_for("a.ogg: building")
        b.say(" It opens")
        window.wait_for("It opens")
        window.wait_until(
            lambda: "too odd" in window.joined and window.lines[-2:] == ["a.ogg: building", "b.ogg: It opens"]
        )
        assert not any("recordings [" in line for line in window.lines)
        a.finish()
        window.wait_until(lambda: "a.txt" in window.joined and window.lines[-1] == "b.ogg: It opens")
        b.say(" every morning at nine, in the morning.")
        window.wait_for("b.ogg: in the morning.")
        b.finish()
        assert window.end() == 3
    told = [line for line in window.lines if not line.startswith("anyscribe: ")]
    assert told == [
        "a.ogg: The library is the oldest",
        "a.ogg: building",
        "b.ogg: It opens every morning at nine,",
        "b.ogg: in the morning.",
    ]
    assert [line for line in window.lines if line.startswith("anyscribe: ") and "\u2192" in line] == [
        "anyscribe: a.ogg \u2192 a.txt",
        "anyscribe: b.ogg \u2192 b.txt",
    ]
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == f"{b.text.strip()}\n"


def test_interrupted_batch(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Ctrl-C leaves the last lines of all recordings, each on a separate line."""
    place(tmp_path, "a.ogg", "b.ogg")
    speeches = {"a.ogg": Speech(server), "b.ogg": Speech(server)}
    server.answer(lambda request: speeches[str(request.part("file").filename)].reply())
    with Window(anyscribe, ".", "--stream", "--no-check", base_url=server.url) as window:
        for speech in speeches.values():
            speech.say(" one")
            window.wait_for(".ogg: one")
        window.wait_until(lambda: window.lines[-2:] == ["a.ogg: one", "b.ogg: one"])
        window.press(b"\x03")
        assert window.end() == 130
    assert window.lines[:-1] == [
        "a.ogg: one",
        "b.ogg: one",
        "anyscribe: interrupted: 0 done, 2 left; the same command goes on from there",
    ]


@pytest.mark.parametrize("arguments", [["a.ogg", "-f", "json"], ["a.ogg", "b.ogg", "-o", "-", "--no-headings"]])
def test_result_that_the_terminal_shows_itself(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, arguments: list[str]
):
    """If the result goes to the same terminal, live text is shown and removed: the text does not appear twice."""
    place(tmp_path, "a.ogg", "b.ogg")
    speeches = {"a.ogg": Speech(server), "b.ogg": Speech(server)}
    server.answer(lambda request: speeches[str(request.part("file").filename)].reply())
    if "json" in arguments:
        del speeches["b.ogg"]
    with Window(anyscribe, *arguments, "--stream", "--no-check", size=(30, 8), base_url=server.url) as window:
        for speech in speeches.values():
            speech.say(" The library is the oldest", " building in the town")
            window.wait_until(lambda: "".join(window.lines[-1:]).endswith("town"))
            speech.finish()
        assert window.end() == 0
    text = "The library is the oldest building in the town"
    (shown,) = {line for line in window.lines if not line.startswith("anyscribe: ")}
    assert shown == (f'{{"text":"{text}"}}' if "json" in arguments else text)
    assert window.joined.count(text) == len(speeches)


def test_piped_text_ends_the_bar(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """If standard output is a pipe, the bar disappears with the first word, and the terminal stays empty."""
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", pipe_out=True, base_url=server.url) as window:
        window.wait_for("the server is working")
        speech.say(" The", " library")
        window.wait_until(lambda: window.lines == [])
        speech.say(" is")
        speech.finish()
        assert window.end() == 0
    assert (window.elsewhere, window.lines) == ("The library is\n", [])


def test_nowhere_to_show(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """With --quiet, or with standard error elsewhere, text that belongs in a file is not shown."""
    tell(speech, "The library is old")
    speech.finish()
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", "-q", "-o", "a.txt", base_url=server.url) as window:
        assert (window.end(), window.raw) == (0, b"")
    other = Speech(server)
    server.answer(other.reply)
    tell(other, "The library is old")
    other.finish()
    with Window(
        anyscribe, "a.ogg", "--stream", "--no-check", "-d", "out", pipe_err=True, base_url=server.url
    ) as window:
        assert (window.end(), window.raw) == (0, b"")
        assert window.elsewhere == "anyscribe: a.ogg \u2192 out/a.txt\n", window.elsewhere
    assert listing(anyscribe.cwd) == ["a.ogg", "a.txt", "out/a.txt"]


def test_server_that_ignores_the_stream(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If the reply comes whole, it is shown as without --stream."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"text": "hello"}))
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", base_url=server.url) as window:
        assert window.end() == 0
    assert window.lines == ["hello"]


@pytest.mark.parametrize(("env", "moves"), [({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, False)])
def test_poor_terminals(
    anyscribe: Program, server: LoopbackServer, speech: Speech, env: dict[str, str], *, moves: bool
):
    """NO_COLOR removes no word; a terminal that cannot move its cursor gets the text as it comes."""
    with Window(
        anyscribe, "a.ogg", "--stream", "--no-check", "-q", size=(20, 5), env=env, base_url=server.url
    ) as window:
        for word in (" The", " library", " is the oldest buil", "ding"):
            speech.say(word)
            window.wait_for(speech.text.strip())
        speech.finish()
        assert window.end() == 0
    assert window.joined == "The library is the oldest building"
    assert not re.search(rb"\x1b\[[0-9;]*m", window.raw)
    assert (b"\x1b" in window.raw) == moves


def test_messages_on_a_dumb_terminal(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """On a dumb terminal too, a message that comes amid the text gets lines of its own."""
    with Window(anyscribe, "a.ogg", "--stream", "-v", env={"TERM": "dumb"}, base_url=server.url) as window:
        speech.say(" The library")
        window.wait_for("The library")
        speech.say(" is old")
        speech.finish()
        assert window.end() == 0
    text = [line for line in window.lines if not line.startswith("anyscribe: ")]
    assert "".join(text) == "The library is old"
    assert not [line for line in window.lines if "anyscribe: " in line[1:]]


def test_dumb_terminal_and_a_stream_that_breaks_off(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """On a dumb terminal too, an error begins on a new line."""
    place(tmp_path, "a.ogg")
    speech = Speech(server, is_cut=True)
    server.answer(speech.reply)
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", env={"TERM": "dumb"}, base_url=server.url) as window:
        speech.say(" The library")
        window.wait_for("library")
        speech.end()
        assert window.end() == 5
    text, error = window.lines
    assert (text, error.startswith("anyscribe: error: a.ogg: ")) == ("The library", True)


def test_terminal_of_another_encoding(anyscribe: Program, server: LoopbackServer, speech: Speech):
    """A terminal that lacks a character shows a replacement, and lines are wrapped accordingly."""
    env = {"PYTHONIOENCODING": "ascii"}
    with Window(anyscribe, "a.ogg", "--stream", "--no-check", size=(10, 5), env=env, base_url=server.url) as window:
        speech.say(" caf\u00e9", " \u4f60\u597d\u4f60\u597d", " \U0001f600 end")
        speech.finish()
        assert window.end() == 0
    assert window.lines == ["caf? ????", "? end"]
