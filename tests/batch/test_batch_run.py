"""Many recordings in one run: how many at a time, how a failure affects the others, what an interruption leaves."""

from __future__ import annotations

import signal
import sys
import threading
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from circumstances import interrupt, listing, living_in_group, place, sent_names, start_group
from loopback import Fault, Reply, json_reply

from anyscribe.batch.inputs import Source
from anyscribe.batch.job_events import JobDone, JobFailed
from anyscribe.batch.job_runner import JobSteps, run_jobs
from anyscribe.batch.making import MakerHere
from anyscribe.batch.outputs import Job
from anyscribe.errors import AccessDeniedError, AudioError
from anyscribe.formats import TEXT
from anyscribe.rendering import RenderOptions
from anyscribe.result import Result
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import LoopbackServer, Request
    from programs import Program

    from anyscribe.events import Emit, Event
    from anyscribe.formats import OutputFormat

needs_groups = pytest.mark.skipif(sys.platform != "linux", reason="needs process groups, and /proc to look into them")
NAMES = [f"{letter}.ogg" for letter in "abcdef"]


def by_name(replies: dict[str, Reply], otherwise: Reply) -> Callable[[Request], Reply]:
    """Return a function that answers by the recording's name."""
    return lambda request: replies.get(str(request.part("file").filename), otherwise)


@pytest.mark.parametrize(("arguments", "at_once"), [([], 4), (["--jobs", "3"], 3), (["-j1"], 1)])
def test_so_many_at_a_time(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, arguments: list[str], at_once: int
):
    """As many recordings are in progress at once as --jobs says, four by default: not more, and not fewer."""
    place(tmp_path, *(f"{number}.ogg" for number in range(2 * at_once)))
    together = threading.Barrier(at_once)

    def wait_for_the_others(_: Request) -> Reply:
        together.wait(20)
        return json_reply({"text": "hello"})

    server.answer(wait_for_the_others)
    run = anyscribe(".", *arguments, base_url=server.url)
    assert (run.code, server.most_at_once, len(server.requests)) == (0, at_once, 2 * at_once)


def test_failure_stops_no_other(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A failure of one recording does not affect the others; the summary counts and names the failures."""
    place(tmp_path, *NAMES)
    (tmp_path / "f.ogg").write_bytes(b"")
    refused = json_reply({"error": {"message": "too odd"}}, 400)
    broken = Reply(body=b"<html>proxy</html>", content_type="text/html")
    server.answer(by_name({"b.ogg": refused, "d.ogg": broken}, json_reply({"text": "hello"})))
    run = anyscribe(".", "gone.ogg", "-j2", base_url=server.url)
    assert (run.code, run.out) == (3, b"")
    assert [name for name in listing(tmp_path) if name.endswith(".txt")] == ["a.txt", "c.txt", "e.txt"]
    counted, figures, failed = run.err_lines[-3:]
    assert counted == "anyscribe: 3 done, 4 failed"
    assert "min asked about" in figures
    assert sorted(failed.removeprefix("anyscribe: failed: ").split(", ")) == ["b.ogg", "d.ogg", "f.ogg", "gone.ogg"]
    assert sum("error: b.ogg: the server refused the request (400): too odd" in line for line in run.err_lines) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, {"message": "bad key"}),
        (402, {"code": 402, "message": "no credit", "type": "payment_required"}),
        (403, {"message": "not for you"}),
        (429, {"message": "no credit", "type": "insufficient_quota", "code": "insufficient_quota"}),
    ],
)
def test_denial_ends_the_run(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, status: int, error: dict[str, object]
):
    """If one recording is refused because of the key or the account, those that wait are not sent."""
    place(tmp_path, *NAMES)
    server.answer(json_reply({"error": error}, status))
    run = anyscribe(".", "-j1", base_url=server.url, api_key="key")
    assert (run.code, len(server.requests)) == (4, 1)
    assert "anyscribe: 0 done, 1 failed" in run.err_lines
    assert run.err_lines[-1] == "anyscribe: not tried for the same reason: 5"
    assert [name for name in listing(tmp_path) if name not in NAMES] == []


def test_denial_keeps_what_was_done(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If the credit runs out midway, finished results are kept, and the exit code says that some are done."""
    place(tmp_path, *NAMES)
    server.answer(json_reply({"text": "hello"}), json_reply({"error": {"message": "no credit"}}, 402))
    run = anyscribe(".", "-j1", base_url=server.url)
    assert (run.code, (tmp_path / "a.txt").read_text(encoding="utf-8")) == (3, "hello\n")
    assert len(server.requests) == 2


@needs_groups
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "TERM"])
def test_interruption_keeps_what_is_finished(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, number: int, code: int
):
    """An interrupted run ends at once, keeps finished sidecars, and leaves no temporary files and no processes."""
    place(tmp_path, *NAMES)
    folder = tmp_path / "tmp"
    folder.mkdir()
    server.answer(by_name({"a.ogg": json_reply({"text": "hello"})}, Reply(fault=Fault.HANG)))
    environment = anyscribe.environment(base_url=server.url, env={"TMPDIR": str(folder)})
    with start_group(anyscribe, [".", "-j2"], environment) as process:
        server.wait_for_requests(3)
        while not (tmp_path / "a.txt").exists():
            time.sleep(0.01)
        began = time.monotonic()
        interrupt(process, number)
        out, err = process.communicate(timeout=20)
        seconds = time.monotonic() - began
    assert (process.returncode, out, "Traceback" in err.decode()) == (code, b"", False)
    assert seconds < 1.5, "half a second is promised; a machine under load may take a little longer"
    assert listing(tmp_path) == ["a.ogg", "a.txt", *NAMES[1:]]
    assert (tmp_path / "a.txt").read_bytes() == b"hello\n"
    assert list(folder.iterdir()) == []


@needs_groups
def test_interruption_while_standard_input_is_read(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Piped input is removed when the run is interrupted, while it is received and while it is sent."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    server.answer(Reply(fault=Fault.HANG))
    recording = place(tmp_path, "a.ogg")[0].read_bytes()
    for complete in (False, True):
        options = {"stdin": b"", "base_url": server.url, "env": {"TMPDIR": str(folder)}}
        with anyscribe.start("-", **options) as process:
            assert process.stdin is not None
            process.stdin.write(recording)
            process.stdin.flush()
            if complete:
                process.stdin.close()
                process.stdin = None
                server.wait_for_requests(1)
            # Python's own search for the folder writes a file there first.
            while not any(folder.glob("anyscribe-*")):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            # A pipe that stays open does not delay the exit.
            assert process.wait(20) == 130
        assert list(folder.iterdir()) == []


@needs_groups
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["Ctrl-C", "TERM", "KILL"])
def test_local_engine_leaves_no_process(anyscribe: Program, tmp_path: Path, number: int):
    """The built-in engine's processes end with the program, however it ends, and print nothing about it."""
    recording = tmp_path / "long.wav"
    sample = Path(__file__).parents[1] / "media" / "hello.wav"
    with wave.open(str(sample), "rb") as once, wave.open(str(recording), "wb") as file:
        file.setparams(once.getparams())
        file.writeframes(once.readframes(once.getnframes()) * 60)
    with start_group(
        anyscribe, ["--local", "--model", "tiny.en", recording, "-d", tmp_path], anyscribe.environment()
    ) as process:
        ends = time.monotonic() + 20
        while len(living_in_group(process.pid)) < 3:  # the program, the resource tracker, and a worker
            assert time.monotonic() < ends
            time.sleep(0.02)
        interrupt(process, number) if number != signal.SIGKILL else process.kill()
        _, err = process.communicate(timeout=20)
        ends = time.monotonic() + 5
        while (living := living_in_group(process.pid)) and time.monotonic() < ends:
            time.sleep(0.02)
    assert living == []
    # After a kill, messages are beyond the program's control.
    assert number == signal.SIGKILL or "Traceback" not in err.decode()
    assert listing(tmp_path) == [recording.name]


def job(name: str, *, error: AudioError | None = None) -> Job:
    """Return a job whose result goes to standard output."""
    return Job(Source(Path(name), Path(name), error=error), {} if error else {TEXT: None})


class Maker(MakerHere):
    """Transcribes with a given function, and renders the text unchanged."""

    def transcribe(self, source: Source, emit: Emit, check: Callable[[], None]) -> Result:  # noqa: ARG002 - no events
        """Transcribe a recording."""
        return Result(Transcript(self.transcriber(source).decode()))  # type: ignore[operator]

    def render(self, result: Result, job: Job, emit: Emit) -> dict[OutputFormat, bytes]:  # noqa: ARG002 - as above
        """Render a result."""
        return {TEXT: result.transcript.text.encode()}


def run_here(
    jobs: list[Job], transcribe: Callable[[Source], bytes], workers: int = 1, *, failed: threading.Event | None = None
) -> tuple[list[bytes], list[Event], dict[str, int]]:
    """Run jobs in this process; return what was written, the events, and the number of jobs with each outcome.

    The event `failed` is set as soon as the run knows of a failure.
    """
    written: list[bytes] = []
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if failed is not None and isinstance(event, JobFailed):
            failed.set()

    with ThreadPoolExecutor(workers) as executor:
        steps = JobSteps(Maker(transcribe, (), RenderOptions()), lambda _, body: written.append(body))
        report = run_jobs(jobs, steps, executor=executor, emit=emit)
    counts = {"done": len(report.done), "failed": len(report.failed), "untried": len(report.untried)}
    return written, events, counts


def test_defect_costs_one_recording():
    """A defect that one recording triggers is reported as one, and the others are done."""

    def transcribe(source: Source) -> bytes:
        return b"fine" if source.path.name != "b" else b"%d" % source.path.name  # type: ignore[str-bytes-safe]

    written, events, counts = run_here([job("a"), job("b"), job("c")], transcribe)
    assert (written, counts) == ([b"fine", b"fine"], {"done": 2, "failed": 1, "untried": 0})
    (failed,) = [event for event in events if isinstance(event, JobFailed)]
    assert str(failed.error).startswith("this is a bug in anyscribe (TypeError: ")
    assert isinstance(failed.error.__cause__, TypeError)


def test_results_wait_for_their_turn():
    """A result is written when all results before it have been written or have failed, and not before."""
    first_may_end = threading.Event()
    order: list[str] = []

    def transcribe(source: Source) -> bytes:
        if source.path.name == "a":
            assert first_may_end.wait(20)
        order.append(source.path.name)
        if source.path.name == "d":
            first_may_end.set()
        if source.path.name == "b":
            raise AudioError("no")
        return source.path.name.encode()

    jobs = [job("a"), job("gone", error=AudioError("no such file")), job("b"), job("c"), job("d")]
    written, _, counts = run_here(jobs, transcribe, workers=2)
    assert order[-1] == "a"
    assert (written, counts) == ([b"a", b"c", b"d"], {"done": 3, "failed": 2, "untried": 0})


def test_denial_lets_what_is_under_way_finish():
    """After a denial nothing is started; a recording that is being transcribed at that moment may still succeed."""
    failed = threading.Event()

    def transcribe(source: Source) -> bytes:
        if source.path.name == "a":
            assert failed.wait(20)
            return b"made it"
        raise AccessDeniedError("no credit")

    written, events, counts = run_here([job(name) for name in "abcdefgh"], transcribe, workers=2, failed=failed)
    assert (written, counts) == ([b"made it"], {"done": 1, "failed": 1, "untried": 6})
    assert sum(isinstance(event, JobDone) for event in events) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_ends_the_run():
    """If the disk is full when a result is written, nothing more is started: results paid for later would be lost."""
    failed = threading.Event()

    def transcribe(source: Source) -> bytes:
        if source.path.name == "b":
            assert failed.wait(20)
        return source.path.name.encode()

    full = Job(Source(Path("a"), Path("a")), {TEXT: Path("/dev/full")})
    written, events, counts = run_here([full, *(job(name) for name in "bcd")], transcribe, failed=failed)
    # The next one may have been started before the disk was found full, and then waits for that.
    assert written in ([], [b"b"])
    assert counts == {"done": len(written), "failed": 1, "untried": 3 - len(written)}
    (failure,) = [event for event in events if isinstance(event, JobFailed)]
    assert str(failure.error).startswith("cannot write /dev/full (No space left on device): ")


def test_sent_in_the_order_of_the_inputs(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """One at a time, recordings are sent in the order of the inputs."""
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg")
    assert anyscribe("c.ogg", "a.ogg", "b.ogg", "-j1", base_url=server.url).code == 0
    assert sent_names(server) == ["c.ogg", "a.ogg", "b.ogg"]
