"""What is seen of a run while it works: on a terminal, where there is none, and in the taskbar."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from emulator import Emulator
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Reply, json_reply
from sample_texts import ANY_TEXT
from windows import Window

from anyscribe.batch.inputs import Source
from anyscribe.batch.job_events import (
    JobDone,
    JobEvent,
    JobFailed,
    JobLeft,
    JobSkipped,
    JobStarted,
    JobTranscribed,
    Stopping,
    Tick,
)
from anyscribe.batch.outputs import Job
from anyscribe.errors import AudioError
from anyscribe.events import Aligning, Fetched, Opened, Queued, Retrying, Sent, Transcribed
from anyscribe.formats import TEXT
from anyscribe.terminal.capability import shows_progress
from anyscribe.terminal.display import Display, DisplayOptions
from anyscribe.terminal.escaping import printable
from anyscribe.terminal.passing_rows import PassingRows
from anyscribe.terminal.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loopback import LoopbackServer, Request
    from programs import Program

    from anyscribe.events import Event

MINUTE_MS = 60_000


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


class Glass(io.StringIO):
    """A terminal that stores its output; how it looks is on the emulated screen."""

    encoding = "utf-8"  # type: ignore[assignment] # the base has none

    def __init__(self, columns: int = 120, lines: int = 24) -> None:
        super().__init__()
        self.screen = Emulator(columns, lines)

    def isatty(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str, /) -> int:
        """Show text, without what only the taskbar shows."""
        self.screen.feed(re.sub(r"\x1b\]9;[^\x1b]*\x1b\\", "", text).replace("\n", "\r\n").encode())
        return super().write(text)

    @property
    def lines(self) -> list[str]:
        """The lines that have text."""
        return [line.rstrip() for line in self.screen.shown if line.strip()]


def jobs_of(folder: Path, *sizes: int) -> list[Job]:
    """Return jobs of files of these sizes."""
    jobs = []
    for number, size in enumerate(sizes):
        path = folder / f"talk{number:02}.wav"
        path.write_bytes(bytes(size))
        jobs.append(Job(Source(path, Path(path.name), label=path.name), {TEXT: Path(f"{path}.txt")}))
    return jobs


def work(taker: Tally | Display, job: Job, *events: Event) -> None:
    """Begin the work on a recording, and do some of it."""
    take = taker.note if isinstance(taker, Tally) else taker.emit
    take(JobStarted(job))
    for event in events:
        take(JobEvent(job, event))


def test_lengths_are_estimated_from_sizes(tmp_path: Path):
    """What was opened tells how long the others are; what failed is left out; what the store had is done, not fast."""
    clock = Clock()
    jobs = jobs_of(tmp_path, 1_000, 1_000, 4_000, 2_000)
    tally = Tally(jobs, clock, is_total_needed=True)
    assert (tally.sound.total_ms, tally.share, tally.rate) == (0, None, None)
    work(tally, jobs[0], Opened(MINUTE_MS), Sent(1, 1))
    assert (tally.sound.total_ms, tally.sound.is_exact) == (8 * MINUTE_MS, False)
    clock.now_s = 30.0
    tally.note(JobDone(jobs[0], []))
    work(tally, jobs[1], Opened(MINUTE_MS))
    tally.note(JobDone(jobs[1], []))
    assert (tally.share, tally.rate, tally.done) == (0.25, 2.0, 2)
    work(tally, jobs[2], Opened(6 * MINUTE_MS), Transcribed(3 * MINUTE_MS, 6 * MINUTE_MS))
    assert tally.sound.done_ms == 5 * MINUTE_MS
    tally.note(JobLeft(jobs[2]))
    assert (tally.sound.done_ms, len(tally.in_work)) == (2 * MINUTE_MS, 0)
    work(tally, jobs[2], Transcribed(MINUTE_MS, 6 * MINUTE_MS))
    tally.note(JobFailed(jobs[2], AudioError("no")))
    # A part of it that was still under way is answered.
    tally.note(JobEvent(jobs[2], Transcribed(2 * MINUTE_MS, 6 * MINUTE_MS)))
    assert (tally.failed, tally.sound.done_ms, len(tally.in_work)) == (1, 2 * MINUTE_MS, 0)
    work(tally, jobs[3], Opened(None))
    tally.note(JobDone(jobs[3], []))
    assert (tally.sound.total_ms, tally.sound.is_exact, tally.share) == (2 * MINUTE_MS, True, 1)


def test_rows_of_a_batch(tmp_path: Path):
    """A bar in minutes for all, and for each recording what is being done; nothing of it stays."""
    clock = Clock()
    glass = Glass()
    jobs = jobs_of(tmp_path, *[1_000_000] * 12)
    display = Display(glass, jobs=jobs, clock=clock)
    work(display, jobs[0], Opened(4 * MINUTE_MS), Sent(1_000_000, 1_000_000))
    clock.now_s = 60.0
    display.emit(JobTranscribed(jobs[0]))
    display.emit(JobDone(jobs[0], [Path("talk00.txt")]))
    phases = (
        [Sent(310_000, 800_000)],
        [Sent(800_000, 800_000)],
        [Opened(60 * MINUTE_MS), Transcribed(130_000, 60 * MINUTE_MS)],
        [Retrying("slow down", 9.0, 1)],
        [Aligning()],
        [Queued()],
        [Fetched("base", 2_000_000, 140_000_000)],
        [],
    )
    for job, events in zip(jobs[1:], phases, strict=False):
        work(display, job, *events)
    display.emit(JobTranscribed(jobs[8]))
    clock.now_s += 5
    display.emit(Tick())
    message, bar, *rows = glass.lines
    assert message.endswith("talk00.wav → talk00.txt")
    assert re.fullmatch(r" +\d+%\|.+\| 6\.2/~\d+\.\d min, 1/12 recordings \[01:05<\d.*, 5\.7 min/min\]", bar)
    assert [row.split(maxsplit=1) for row in rows] == [
        ["talk01.wav", "sending 0.3/0.8 MB"],
        ["talk02.wav", "waiting 5 s"],
        ["talk03.wav", "2:10 of 1:00:00"],
        ["talk04.wav", "again in 4 s"],
        ["talk05.wav", "timing the words, 5 s"],
        ["talk07.wav", "downloading the model, 2.0/140.0 MB"],
        ["talk08.wav", "writing"],
        ["talk06.wav", "queued"],
    ]
    display.emit(Stopping(2, 10.0))
    display.emit(Tick())
    assert glass.lines[1:] == [
        "anyscribe: interrupted: waiting up to 10 s for 2 answers that are paid for; Ctrl-C again stops at once"
    ]


@pytest.mark.parametrize(("can_erase", "rows"), [(True, 12), (False, 1)], ids=["able", "dumb"])
def test_rows_that_do_not_fit(tmp_path: Path, *, can_erase: bool, rows: int):
    """They take half of the window, and the others are counted; a terminal that cannot erase has one row."""
    clock = Clock()
    glass = Glass()
    jobs = jobs_of(tmp_path, *[1] * 40)
    display = Display(glass, DisplayOptions(can_erase=can_erase, is_colored=False), jobs=jobs, clock=clock)
    for job in jobs[:32]:
        work(display, job, Sent(1, 2))
    drawings = glass.getvalue().count("0/40 recordings")
    assert drawings == 1
    display.emit(Tick())
    assert len(glass.lines) == rows
    assert rows == 1 or glass.lines[-1] == "  … and 22 more"
    assert "\x1b" in glass.getvalue() or not can_erase
    for job in jobs[:30]:
        display.emit(JobDone(job, [Path("x")]))
    display.emit(Tick())
    assert len(glass.lines) == 30 + (3 if can_erase else 1)
    display.close()
    assert len(glass.lines) == 30


WINDOWS = st.tuples(st.integers(12, 60), st.integers(14, 30))
ROWS = st.lists(ANY_TEXT.map(lambda text: printable(text, one_line=True)), max_size=6)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(WINDOWS, ROWS, st.booleans()), min_size=1, max_size=8))
def test_rows_leave_nothing(drawings: Sequence[tuple[tuple[int, int], Sequence[str], bool]]):
    """Whatever is drawn in windows of whatever sizes, only what was written above the rows stays, in its order."""
    glass = Glass(60, 30)
    screen = PassingRows(glass)
    written = []
    for number, ((columns, lines), rows, is_written) in enumerate(drawings):
        glass.screen.resize(columns, lines)
        if is_written:
            written.append(f"line {number}")
        fitting = [row for row in rows if len(row) * 2 < columns]
        screen.draw(fitting, columns, f"{written[-1]}\n" if is_written else "")
    screen.draw([], columns)
    assert glass.lines == written
    assert glass.screen.cursor_column == 0


def test_window_that_changes(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Rows of several recordings in a window that becomes narrow, then wide, leave nothing, also after Ctrl-C."""
    place(tmp_path, "first.ogg", *(f"the {number}th of many recordings with long names.ogg" for number in range(8)))

    def answer(request: Request) -> Reply:
        return Reply(body=b'{"text": "hi"}', delay_s=0 if request.part("file").filename == "first.ogg" else 30)

    server.answer(answer)
    with Window(anyscribe, ".", "-j", "3", "--no-check", size=(100, 30), base_url=server.url) as window:
        window.wait_until(lambda: "1/9 recordings" in window.joined and window.joined.count("waiting 0 s") == 3)
        assert sum("with long names.ogg" in line for line in window.lines) == 3
        for size in ((34, 12), (110, 26)):
            window.resize(*size)
            seen = window.raw.count(b"names.ogg")
            window.wait_until(lambda seen=seen: window.raw.count(b"names.ogg") > seen + 3)
        window.press(b"\x03")
        assert window.end() == 130
    assert window.lines[:2] == [
        "anyscribe: first.ogg → first.txt",
        "anyscribe: interrupted: 1 done, 8 left; the same command goes on from there",
    ]
    assert len(window.lines) == 3


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (1, "anyscribe: still working: talk00.wav, 12:00 of 1:00:00"),
        (3, "anyscribe: 1 of 3 recordings done, 1 failed, 1 in work, 13.0 min of sound transcribed"),
    ],
)
def test_silence_is_broken_once_a_minute(tmp_path: Path, count: int, line: str):
    """Where there is no terminal, a line a minute says how far the run is while nothing else is written."""
    clock = Clock()
    err = io.StringIO()
    jobs = jobs_of(tmp_path, *[1] * count)
    display = Display(err, jobs=jobs, clock=clock)
    quiet = Display(out := io.StringIO(), DisplayOptions(quiet=True), jobs=jobs, clock=clock)
    work(display, jobs[0], Opened(60 * MINUTE_MS), Transcribed(12 * MINUTE_MS, 60 * MINUTE_MS))
    if count > 1:
        work(display, jobs[1], Opened(MINUTE_MS))
        display.emit(JobDone(jobs[1], []))
        display.emit(JobFailed(jobs[2], AudioError("no")))
    before = err.getvalue()
    for second in range(0, 190, 5):
        clock.now_s = float(second)
        display.emit(Tick())
        quiet.emit(Tick())
    assert err.getvalue().removeprefix(before).splitlines() == [line] * 3
    display.notice("news")
    clock.now_s += 59
    display.emit(Tick())
    assert err.getvalue().endswith("news\n")
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("environ", "is_known"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, True),
        ({"ConEmuANSI": "ON", "TERM": "xterm"}, True),
        ({"ConEmuANSI": "OFF", "TERM": "xterm"}, False),
        ({"TERM_PROGRAM": "ghostty"}, True),
        ({"TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_FEATURES": "T3CwLrMSc7UUw9Ts3BFGsSyHNoSxF"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_FEATURES": "T3CwLrMSc7UUw9Ts3BFGsSyHNoSxFP"}, True),
        ({"PTYXIS_VERSION": "47.10"}, False),
        ({"PTYXIS_VERSION": "48.0"}, True),
        ({"TERM_PROGRAM": "ghostty", "TMUX": "socket"}, False),
        ({"WT_SESSION": "1", "TERM": "screen.xterm"}, False),
        ({"WT_SESSION": "1", "TERM": "dumb"}, False),
    ],
)
def test_terminals_that_show_progress(environ: Mapping[str, str], *, is_known: bool):
    """Only those that are known to; a multiplexer passes nothing on."""
    assert shows_progress(environ) is is_known


def test_progress_in_the_taskbar(tmp_path: Path):
    """It has a share, an error once something failed, is repeated so that it does not look stale, and is taken away."""
    clock = Clock()
    glass = Glass()
    jobs = jobs_of(tmp_path, 1_000, 1_000, 2_000)
    display = Display(glass, DisplayOptions(shows_progress=True), jobs=jobs, clock=clock)

    def told() -> list[str]:
        return re.findall(r"\x1b\]9;4;(\d;\d+)\x1b\\", glass.getvalue())

    work(display, jobs[0], Opened(MINUTE_MS), Sent(1, 2))
    display.emit(JobDone(jobs[0], []))
    display.emit(Tick())
    display.emit(Tick())
    assert told() == ["3;0", "1;25"]
    clock.now_s = 6.0
    display.emit(Tick())
    assert told()[2:] == ["1;25"]
    display.emit(JobFailed(jobs[1], AudioError("no")))
    display.close()
    assert told()[3:] == ["2;33", "0;0"]


def test_reasons_are_told_once(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A failure is told when it happens; the last lines name what failed, and a reason that several share once."""
    names = [f"{number:02}.ogg" for number in range(13)]
    place(tmp_path, *names, "odd.ogg")
    refusals = {"odd.ogg": "too odd", "12.ogg": None}

    def answer(request: Request) -> Reply:
        reason = refusals.get(str(request.part("file").filename), "too loud")
        return json_reply({"error": {"message": reason}}, 400) if reason else json_reply({"text": "hi"})

    server.answer(answer)
    run = anyscribe(".", "-j1", "--price-per-minute", "1", base_url=server.url)
    counted, figures, *failed = run.err_lines[-4:]
    assert counted == "anyscribe: 1 done, 13 failed"
    assert re.fullmatch(r"anyscribe: 0\.0 min of sound, 0\.0 min asked about, cost 0\.0\d+, 0:0\d in all", figures)
    assert failed == [
        f"anyscribe: failed: {', '.join(names[:10])} and 2 more: the server refused the request (400): too loud",
        "anyscribe: failed: odd.ogg",
    ]
    assert run.err.count("too odd") == 1


def test_kept_files_are_counted(tmp_path: Path):
    """Files that are there at the start of a batch are counted once; a single one, or one that appears, is named."""
    err = io.StringIO()
    jobs = [Job(job.source, {}, (Path(f"{job.source.path}.txt"),)) for job in jobs_of(tmp_path, 1, 1)]
    display = Display(err, jobs=jobs)
    for job in jobs:
        display.emit(JobSkipped(job, job.kept))
        display.emit(JobDone(job, []))
    assert err.getvalue() == "anyscribe: 2 files are there already and are kept; overwrite replaces them\n"
    display.emit(JobSkipped(jobs[0], (Path("new.txt"),)))
    assert err.getvalue().endswith("\nanyscribe: new.txt exists and is kept; overwrite replaces it\n")
