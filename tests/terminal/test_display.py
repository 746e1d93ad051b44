"""What a user at a terminal sees on standard error while the program works."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from emulator import Emulator
from loopback import Reply, json_reply

from anyscribe.batch.inputs import Source
from anyscribe.batch.job_events import JobDone, JobEvent, JobFailed, JobStarted, Tick
from anyscribe.batch.outputs import Job
from anyscribe.errors import AudioError
from anyscribe.events import Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.formats import TEXT
from anyscribe.terminal.display import Display, DisplayOptions

if TYPE_CHECKING:
    from loopback import LoopbackServer
    from programs import Terminal

CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CLOCK = re.compile(r"(\d\d:\d\d) the server is working on")


def drawn(text: str) -> list[str]:
    """Split the output of a terminal into the states of its lines, without colours."""
    return [line for line in re.split(r"[\r\n]+", CONTROL_SEQUENCE.sub("", text)) if line.strip()]


def test_bar_of_bytes_then_a_clock(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """During the upload a bar counts bytes; then a line says that the server works, and for how long."""
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(8 << 20))
    server.answer(Reply(body=b'{"text": "hello"}', delay_s=1.6))
    run = terminal("long.wav", base_url=server.url)
    assert run.code == 0
    assert re.search(r"long\.wav: +\d+%\|[^\r\n]*\| [\d.]+[kM]?/8\.00M \[", run.text)
    assert len(set(CLOCK.findall(run.text))) >= 2, "the clock stands still"
    assert drawn(run.text)[-1] == "hello"


@pytest.mark.parametrize("columns", [20, 250])
def test_every_width(terminal: Terminal, server: LoopbackServer, tmp_path: Path, columns: int):
    """On a narrow terminal the bar remains one line that still moves; on a wide one it shows everything."""
    place(tmp_path, "a recording with a long name.ogg")
    server.answer(Reply(body=b'{"text": "hi"}', delay_s=1.3))
    run = terminal("a recording with a long name.ogg", columns=columns, base_url=server.url)
    *states, text = drawn(run.text)
    assert (run.code, text) == (0, "hi")
    assert len(states) >= 2
    assert max(map(len, states)) < columns
    assert {state[:5] for state in states} >= {"00:00", "00:01"}
    assert all("the server is working on a recording with a long name.ogg" in line for line in states) == (columns > 20)


def test_several_recordings_share_one_bar(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """Several recordings have one bar, which counts them; messages appear above it and the summary last."""
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg")
    server.answer(Reply(body=b'{"text": "hello"}', delay_s=0.5))
    run = terminal(".", "gone.ogg", base_url=server.url)
    states = drawn(run.text)
    counts = [int(found[1]) for state in states if (found := re.search(r"(\d)/4 recordings", state))]
    assert run.code == 3
    assert counts == sorted(counts)
    assert len(set(counts)) > 1
    assert not re.search("server is working|[kM]?B/s", run.text)
    *_, counted, figures, failed = states
    assert (counted, failed) == ("anyscribe: 3 done, 1 failed", "anyscribe: failed: gone.ogg")
    assert re.fullmatch(r"anyscribe: 0\.1 min of sound, 0\.1 min asked about, 0:0\d in all", figures)
    assert "anyscribe: a.ogg → a.txt" in states


def test_results_and_bar_on_one_terminal(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """If standard output is the same terminal, each result begins on a new line."""
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg")
    texts = iter("uvw")
    server.answer(lambda _: json_reply({"text": next(texts) * 5}))
    run = terminal(".", "-o", "-", "--no-headings", "-j1", base_url=server.url)
    assert run.code == 0
    screen = Emulator()
    screen.feed(run.screen)
    *lines, figures, end = [line.rstrip() for line in screen.shown]
    assert lines == ["uuuuu", "vvvvv", "wwwww", "anyscribe: 3 done"]
    assert "min of sound" in figures
    assert end == ""


def test_colours_are_taken_away(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """NO_COLOR is obeyed, and so are terminals without colours; otherwise errors are red."""
    place(tmp_path, "a.ogg")
    usual = terminal("gone.ogg", "a.ogg", base_url=server.url)
    assert "\x1b[31merror: gone.ogg" in usual.text
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        run = terminal("gone.ogg", "a.ogg", "--overwrite", base_url=server.url, env=env)
        assert run.code == 3
        assert "anyscribe: error: gone.ogg: no such file: check the path" in drawn(run.text)
        assert not re.search(r"\x1b\[[\d;]*m" if "NO_COLOR" in env else "\x1b", run.text)


def test_markup_is_not_interpreted(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """Names and texts that look like markup are shown unchanged."""
    place(tmp_path, "[red]x[bold].ogg", "[link=a]:smile:.ogg")
    server.answer(json_reply({"text": "[blink]text[reset] :smile:"}))
    run = terminal(".", "[green]gone.ogg", "-o", "-", base_url=server.url)
    states = drawn(run.text)
    assert states.count("[blink]text[reset] :smile:") == 2
    assert "anyscribe: failed: [green]gone.ogg" in states
    files = terminal(".", base_url=server.url)
    assert {
        "anyscribe: [red]x[bold].ogg → [red]x[bold].txt",
        "anyscribe: [link=a]:smile:.ogg → [link=a]:smile:.txt",
    } <= set(drawn(files.text))


def test_quiet_draws_nothing(terminal: Terminal, server: LoopbackServer, tmp_path: Path):
    """With -q, a terminal shows only the transcript and errors."""
    place(tmp_path, "a.ogg")
    server.answer(Reply(body=b'{"text": "hello"}', delay_s=0.6))
    assert terminal("a.ogg", "-q", base_url=server.url).text == "hello\n"
    assert drawn(terminal("gone.ogg", "-q", base_url=server.url).text) == [
        "anyscribe: error: gone.ogg: no such file: check the path"
    ]


def test_progress_of_the_built_in_engine(terminal: Terminal, media: Path):
    """The built-in engine's bar counts seconds of audio, and disappears before the text appears."""
    run = terminal("--local", "--model", "tiny.en", media / "pause.flac")
    assert run.code == 0
    assert re.search(r"pause\.flac: +\d+%\|[^\r\n]*\| \d/\d s \[", run.text)
    assert drawn(run.text)[-1] == "The door is opened. The children are waiting in the garden."


class Screen(io.StringIO):
    """A terminal that stores its output."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Return True."""
        return True


JOB = Job(Source(Path("talk.mp3"), Path("talk.mp3")), {TEXT: None})
OTHER = Job(Source(Path("other.mp3"), Path("other.mp3")), {TEXT: None})


def begun(stream: io.StringIO | None, *jobs: Job, options: DisplayOptions | None = None) -> Display:
    """Return a display of jobs that have begun."""
    display = Display(stream, options, jobs=jobs)
    for job in jobs:
        display.emit(JobStarted(job))
    return display


def test_recording_of_unknown_length():
    """The bar of a recording of unknown length grows while the recording is transcribed."""
    screen = Screen()
    display = begun(screen, JOB)
    for seconds in range(1, 40):
        display.emit(JobEvent(JOB, Transcribed(seconds * 1000, seconds * 1000)))
        display.emit(Tick())
    display.emit(JobEvent(JOB, Transcribed(0, 0)))
    display.emit(JobDone(JOB, []))
    assert "talk.mp3: 100%|" in screen.getvalue()
    assert "39/39 s" in screen.getvalue()


def test_no_bar_between_attempts():
    """Between two attempts no bar claims that the server is working."""
    screen = Screen()
    display = begun(screen, JOB)
    display.emit(JobEvent(JOB, Sent(2, 2)))
    assert "server is working" in screen.getvalue()
    display.emit(JobEvent(JOB, Retrying("the server answered 503", 1.0, 1)))
    before = screen.getvalue()
    display.emit(Tick())
    assert drawn(before)[-1] == "anyscribe: the server answered 503; retrying in 1.0 s (attempt 1)"
    assert screen.getvalue() == before


def test_short_waits_of_many_recordings_are_no_news():
    """Long ones are told, once; with --verbose all are."""
    for verbosity, lines in ((0, ["anyscribe: slow down; waiting 60 s"]), (1, None)):
        screen = io.StringIO()
        display = begun(screen, JOB, OTHER, options=DisplayOptions(verbosity=verbosity))
        for wait_s in (1.0, 60.0, 60.0):
            display.emit(JobEvent(JOB, Retrying("slow down", wait_s, 1)))
        shown = screen.getvalue().splitlines()
        assert shown == lines if lines else len(shown) == 3


class Broken(Screen):
    """A terminal that is gone."""

    def write(self, text: str) -> int:
        """Fail."""
        raise OSError(5, f"cannot write {len(text)} characters")


@pytest.mark.parametrize("stream", [Broken(), None], ids=["gone", "never there"])
def test_work_continues_without_standard_error(stream: Screen | None):
    """If standard error cannot be written, or is closed, nothing is displayed, and nothing fails because of it."""
    display = begun(stream, JOB, OTHER, options=DisplayOptions(verbosity=2))
    for event in (Sent(1, 2), Sent(2, 2), Notice("note"), Trace("trace")):
        display.emit(JobEvent(JOB, event))
    display.emit(JobFailed(JOB, AudioError("no")))
    display.emit(Tick())
    with display.aside():
        pass
    display.line("line")
    display.close()


def test_bar_stays_away_while_output_is_written():
    """While results are written to the same terminal, messages of other threads do not move the bar."""
    screen = Screen()
    display = begun(screen, JOB, OTHER)
    display.emit(JobEvent(JOB, Sent(1, 2)))
    with display.aside():
        before = screen.getvalue()
        display.emit(JobEvent(JOB, Sent(2, 2)))
        display.emit(Tick())
        assert screen.getvalue() == before
    display.emit(Tick())
    assert len(screen.getvalue()) > len(before)
