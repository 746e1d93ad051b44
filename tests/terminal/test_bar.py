"""The progress bar leaves nothing behind, in any window, and however the program ends."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import listing, place
from emulator import Emulator
from loopback import json_reply
from windows import Window

from anyscribe.batch.inputs import Source
from anyscribe.batch.job_events import JobDone, JobEvent, JobStarted, Tick
from anyscribe.batch.outputs import Job
from anyscribe.events import Delta, Notice, Sent
from anyscribe.formats import TEXT
from anyscribe.terminal.display import Display
from anyscribe.terminal.live_text import choose_live_text
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loopback import LoopbackServer, Reply, Request
    from programs import Program, Terminal

    from anyscribe.events import Event

NAME = "a recording with a rather long name.ogg"


@pytest.fixture
def release(server: LoopbackServer) -> Iterator[threading.Event]:
    """Return what makes the server answer; it answers `first.ogg` at once."""
    event = threading.Event()

    def answer(request: Request) -> Reply:
        if request.part("file").filename != "first.ogg":
            event.wait(30)
        return json_reply({"text": "hello"})

    server.answer(answer)
    yield event
    event.set()


@pytest.mark.parametrize("sizes", [[(30, 24)], [(30, 24), (12, 24), (100, 10)], [(120, 24), (25, 5)], [(9, 2)]])
def test_narrower_window(
    anyscribe: Program,
    server: LoopbackServer,
    tmp_path: Path,
    release: threading.Event,
    sizes: list[tuple[int, int]],
):
    """In a window that is made narrower, where the bar is wrapped, nothing of the bar is left."""
    place(tmp_path, NAME)
    with Window(anyscribe, NAME, "--no-check", base_url=server.url) as window:
        window.wait_for("the server is working on")
        for size in sizes:
            window.resize(*size)
            seen = window.raw.count(b"\r")
            # In a window that is too small, there is no bar.
            window.wait_until(lambda seen=seen: window.raw.count(b"\r") > seen + 1 or not window.joined.strip())
        release.set()
        assert window.end() == 0
    assert window.lines == ["hello"]


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("size", [(80, 24), (30, 24), (54, 5)])
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_interruption(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, size: tuple[int, int], env: dict[str, str]
):
    """After Ctrl-C, nothing is left of the bar, nor of the echo of the keys."""
    place(tmp_path, NAME)
    with Window(anyscribe, NAME, "--no-check", size=size, env=env, base_url=server.url) as window:
        window.wait_for("the server is")
        window.press(b"\x03")
        assert window.end() == 130
    assert window.lines == ["anyscribe: interrupted"]


@pytest.mark.usefixtures("release")
def test_interrupted_batch_says_how_many_are_done(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Ctrl-C in a batch says how many recordings are done and which failed; nothing is left of the rows of others."""
    place(tmp_path, "first.ogg", "second.ogg", "third.ogg")
    with Window(anyscribe, ".", "gone.ogg", "--no-check", base_url=server.url) as window:
        window.wait_for("2/4 recordings")
        window.press(b"\x03")
        assert window.end() == 130
    *lines, counts, figures, failed = window.lines
    assert sorted(lines) == [
        "anyscribe: error: gone.ogg: no such file: check the path",
        "anyscribe: first.ogg \u2192 first.txt",
    ]
    assert counts == "anyscribe: interrupted: 1 done, 1 failed, 2 left; the same command goes on from there"
    assert "min asked about" in figures
    assert failed == "anyscribe: failed: gone.ogg"
    assert "first.txt" in listing(tmp_path)


class Glass(io.StringIO):
    """The stream of an emulated terminal."""

    encoding = "utf-8"  # type: ignore[assignment] # the base has none

    def __init__(self, screen: Emulator) -> None:
        super().__init__()
        self.screen = screen

    def isatty(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str, /) -> int:
        """Show text, as the terminal's driver passes it on."""
        self.screen.feed(text.replace("\n", "\r\n").encode())
        return len(text)


def shown(screen: Emulator) -> list[str]:
    """Return the lines of a screen that have text."""
    return [line.rstrip() for line in screen.shown if line.strip()]


JOB = Job(Source(Path("talk.mp3"), Path("talk.mp3")), {TEXT: None})
OTHER = Job(Source(Path("other.mp3"), Path("other.mp3")), {TEXT: None})


def begin(display: Display, job: Job, event: Event) -> None:
    """Begin the work on a recording."""
    display.emit(JobStarted(job))
    display.emit(JobEvent(job, event))


def test_echo_of_keys():
    """Keys that are echoed while the bar is shown, however many, appear on its line and go with it."""
    screen = Emulator(60, 5)
    display = Display(Glass(screen), jobs=[JOB])
    begin(display, JOB, Sent(1, 1))
    for _ in range(8):
        screen.feed(b"^C")
    assert len(screen.rows) == 1
    display.emit(Tick())
    display.close()
    assert shown(screen) == []


def test_no_bar_after_the_end():
    """A thread that is still at work when the program ends does not bring the bar back."""
    screen = Emulator()
    display = Display(Glass(screen), jobs=[JOB])
    begin(display, JOB, Sent(1, 1))
    display.close()
    display.notice("interrupted")
    display.emit(JobEvent(JOB, Sent(1, 1)))
    display.emit(Tick())
    assert shown(screen) == ["anyscribe: interrupted"]


def test_messages_wait_for_the_result():
    """While a result is written to the same terminal, messages wait, and then stand below it, in their order."""
    screen = Emulator()
    glass = Glass(screen)
    display = Display(glass, jobs=[JOB, OTHER])
    begin(display, JOB, Sent(1, 2))
    with display.aside():
        glass.write("the first half ")
        display.notice("one")
        display.emit(JobEvent(JOB, Notice("two")))
        display.emit(Tick())
        glass.write("and the second\n")
    display.emit(JobDone(JOB, [Path("talk.txt")]))
    display.close()
    assert shown(screen) == [
        "the first half and the second",
        "anyscribe: one",
        "anyscribe: two",
        "anyscribe: talk.mp3 \u2192 talk.txt",
    ]


def test_messages_do_not_wait_for_a_pipe():
    """If the result goes elsewhere, to a reader that may be slow, messages appear at once."""
    screen = Emulator()
    display = Display(Glass(screen), jobs=[JOB, OTHER])
    with display.aside(is_shared=False):
        display.notice("one")
        assert shown(screen) == ["anyscribe: one"]


def test_result_that_is_interrupted():
    """If the result is interrupted, what follows begins on a new line."""
    screen = Emulator()
    glass = Glass(screen)
    display = Display(glass, jobs=[JOB, OTHER])

    def write() -> None:
        with display.aside():
            glass.write("the first half ")
            display.notice("one")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    display.close()
    display.notice("interrupted")
    assert shown(screen) == ["the first half", "anyscribe: one", "anyscribe: interrupted"]


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_many_threads_on_one_terminal(term: str):
    """Whatever many threads have to say at once, the text is whole, and every message has a line of its own."""
    screen = Emulator(80, 24)
    glass = Glass(screen)
    live_text = choose_live_text([JOB], StandardOutput(glass), glass, quiet=False, environ={"TERM": term})
    display = Display(glass, jobs=[JOB], live_text=live_text)
    words = [f"word{number} " for number in range(60)]

    def tell(thread: int) -> None:
        for number in range(25):
            display.notice(f"notice {thread}.{number}")
            display.emit(Tick())
            time.sleep(0)

    threads = [threading.Thread(target=tell, args=(thread,)) for thread in range(3)]
    for thread in threads:
        thread.start()
    for word in words:
        display.emit(JobEvent(JOB, Delta(word)))
        time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert display.result("".join(words).encode()) == b""
    display.close()
    lines = shown(screen)
    notices = [line for line in lines if line.startswith("anyscribe: ")]
    assert sorted(notices) == sorted(
        f"anyscribe: notice {thread}.{number}" for thread in range(3) for number in range(25)
    )
    text = "".join(line for line in lines if line not in notices)
    assert text.replace(" ", "") == "".join(words).replace(" ", "")


HOSTILE = "talk\u202egpj\u200b\u2066.ogg"
SAFE = r"talk\u202egpj\u200b\u2066"


@pytest.mark.parametrize(
    "arguments",
    [[], ["-v"], ["--stream"], ["-o", "-"], ["-d", "out\u202e"], ["--overwrite", "-j1"]],
    ids=["batch", "verbose", "stream", "result", "folder", "one at a time"],
)
def test_names_that_reorder_text(terminal: Terminal, server: LoopbackServer, tmp_path: Path, arguments: list[str]):
    """No name reaches a terminal with what reorders text: in bars, messages, summaries, live text."""
    place(tmp_path, HOSTILE, "b.ogg")
    (tmp_path / "none\u202e.ogg").write_bytes(b"no recording")
    server.answer(json_reply({"text": "hello"}))
    run = terminal(".", "gone\u202e.ogg", *arguments, base_url=server.url)
    assert run.code == 3
    assert SAFE in run.text or "-o" in arguments
    assert not set("\u202e\u200b\u2066") & set(run.text)


def test_text_that_reorders_text(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """Nor does text of a server; in a pipe, it stays as it is."""
    place(tmp_path, "a.ogg")
    server.answer(json_reply({"text": "one \u202e two"}))
    assert "one \\u202e two\n" in terminal("a.ogg", base_url=server.url).text
    assert terminal("a.ogg", pipe_out=True, base_url=server.url).out.decode() == "one \u202e two\n"
