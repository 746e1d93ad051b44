"""What other programs are told of a run: lines of JSON as the schema says, whatever becomes of run and reader."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import place
from loopback import Fault, Reply, json_reply

from anyscribe import errors
from anyscribe.batch.event_lines import EventLines, kind_of
from anyscribe.batch.inputs import Source
from anyscribe.batch.job_events import JobDone, JobEvent, JobStarted, Stopping
from anyscribe.batch.outputs import Job
from anyscribe.cli.exit_codes import code_of
from anyscribe.cli.messages import name_of
from anyscribe.events import Aligning, Delta, Fetched, FindingSpeakers, Opened, Sent, Transcribed
from anyscribe.formats import TEXT

if TYPE_CHECKING:
    from loopback import LoopbackServer, Request
    from programs import Program

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "events.schema.json").read_text(encoding="utf-8"))
BRANCHES = {branch["properties"]["event"]["const"]: branch for branch in SCHEMA["oneOf"]}
TYPES = {"string": str, "integer": int, "number": (int, float), "array": list, "object": dict, "null": type(None)}
needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    """Return whether a value is as a schema says."""
    return all(obeys(value, keyword, rule) for keyword, rule in schema.items())


def obeys(value: Any, keyword: str, rule: Any) -> bool:  # noqa: PLR0911 - one for each keyword
    """Return whether a value is as a keyword of a schema says; members that are not described are refused."""
    match keyword:
        case "$ref":
            return conforms(value, SCHEMA["$defs"][rule.rpartition("/")[2]])
        case "oneOf":
            return sum(conforms(value, one) for one in rule) == 1
        case "const" | "enum":
            return value in (rule if keyword == "enum" else [rule])
        case "type":
            return any(isinstance(value, TYPES[one]) for one in ([rule] if isinstance(rule, str) else rule))
        case "minimum":
            return value is None or value >= rule
        case "pattern":
            return re.search(rule, value) is not None
        case "items":
            return all(conforms(item, rule) for item in value)
        case "required":
            return {*rule} <= {*value}
        case "properties":
            return {*value} <= {*rule} and all(conforms(value[name], rule[name]) for name in value)
    assert keyword in {"title", "description", "format"}
    return True


def read_events(lines: str) -> list[dict[str, Any]]:
    """Read lines of events, and check each against the schema."""
    events = [json.loads(line) for line in lines.splitlines()]
    for event in events:
        branch = BRANCHES[event["event"]]
        whole = {**branch, "properties": {**SCHEMA["properties"], **branch["properties"]}}
        assert obeys(event, "required", SCHEMA["required"])
        assert conforms(event, whole), event
    return events


def test_a_run_is_told(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Its begin and end, and for each recording what happens to it; neither keys nor transcripts."""
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg", "d.ogg")
    (tmp_path / "d.txt").write_text("here")
    (tmp_path / "events.jsonl").write_text("old\n")

    def answer(request: Request) -> Reply:
        name = str(request.part("file").filename)
        if name == "b.ogg":
            return json_reply({"error": {"message": "wrong key: sesame-sesame"}}, 401)
        if len(server.requests) == 1:
            return Reply(503, headers={"Retry-After": "0"})
        return json_reply({"text": "secretly " * 60})

    server.answer(answer)
    url = server.url.replace("//", "//user:pass-word@") + "?token=abc-def"
    inputs = ("a.ogg", "c.ogg", "d.ogg", "gone.ogg", "b.ogg")
    run = anyscribe(
        *inputs,
        "-j1",
        "-q",
        "--price-per-minute",
        "6",
        "--events",
        "events.jsonl",
        base_url=url,
        api_key="sesame-sesame",
    )
    written = (tmp_path / "events.jsonl").read_text(encoding="ascii")
    assert not re.search("sesame|pass-word|abc-def|Bearer", written)
    assert len(re.findall("secretly", written)) <= 4, "findings quote a little"
    first, *events, last = read_events(written)
    facts = {"version": 1, "recordings": 5, "place": server.url, "model": "gpt-4o-transcribe", "formats": ["text"]}
    assert {**first, **facts, "event": "run_started"} == first

    def of(number: int) -> list[str]:
        return [event["event"] for event in events if event.get("recording") == number]

    sent = ["recording_started", "recording_opened", "sending"]
    assert of(1) == [*sent, "retrying", "sending", "finding", "finding", "recording_done"]
    assert of(2) == [*sent, "finding", "finding", "recording_done"]
    assert (of(3), of(4)) == (["recording_skipped"], ["recording_failed"])
    assert of(5) == [*sent, "recording_failed"]
    ended = {
        event["path"]: event for event in events if re.fullmatch("recording_(done|skipped|failed)", event["event"])
    }
    assert (ended["a.ogg"]["written"], ended["a.ogg"]["length_ms"]) == (["a.txt"], 2270)
    assert ended["d.ogg"]["kept"] == ["d.txt"]
    told = {name: ended[name]["error"] for name in ("gone.ogg", "b.ogg")}
    assert [(one["kind"], one["exit_code"], one["status"]) for one in told.values()] == [
        ("audio", 6, None),
        ("access_denied", 4, 401),
    ]
    assert told["gone.ogg"]["message"] == "no such file"
    assert (last["event"], last["exit_code"], last["error"], run.code) == ("run_ended", 3, None, 3)
    assert (last["done"], last["there"], last["failed"], last["untried"]) == (2, 1, 2, 0)
    assert (last["asked_ms"], last["cost"]) == (2 * 2270, pytest.approx(2 * 0.227))


def test_progress_is_told_now_and_then():
    """The first of it, then as time passes, and always its end; all events of the schema have been seen by then."""
    source = Source(Path("gr\u00fc\udcff\u2028.ogg"), Path())
    job = Job(source, {TEXT: None})
    now = [0.0]
    lines: list[str] = []
    told = EventLines([job], lines.append, name_of=name_of, code_of=code_of, clock=lambda: now[0])
    told.begin("local", None, ["text"])
    told.emit(JobStarted(job))
    told.emit(JobEvent(job, Opened(9000)))
    for done in range(1001):
        now[0] += 0.001
        told.emit(JobEvent(job, Sent(done, 1000)))
        told.emit(JobEvent(job, Transcribed(done, 1000)))
        told.emit(JobEvent(job, Fetched("tiny", done, 1000)))
        told.emit(JobEvent(job, Delta("word ")))
    for event in (JobEvent(job, Aligning()), JobEvent(job, FindingSpeakers()), Stopping(1, 10), JobDone(job, ())):
        told.emit(event)
    told.end(0, asked_ms=9000, cost=None, error=errors.OutputError("full"))
    told.emit(JobStarted(job))
    events = read_events("".join(lines))
    for name in ("sending", "transcribed", "downloading"):
        progress = [
            next(value for key, value in one.items() if "done" in key) for one in events if one["event"] == name
        ]
        assert progress == [0, 250, 500, 750, 1000]
    assert "".join(lines).isascii()
    assert events[1]["path"] == source.shown
    assert events[-2]["written"] == ["-"]
    assert (events[-1]["event"], events[-1]["error"]["kind"]) == ("run_ended", "output")
    elsewhere = {"retrying", "notice", "finding", "recording_skipped", "recording_failed"}
    assert {event["event"] for event in events} == {*BRANCHES} - elsewhere


def test_kinds_of_errors_stay():
    """Each class of the tree has its name in the schema, and no other name is there."""
    tree = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.AnyscribeError)]
    names = [kind_of(one.__new__(one)) for one in tree]
    assert sorted(names) == sorted(SCHEMA["$defs"]["error"]["properties"]["kind"]["enum"])


@needs_posix
def test_the_end_is_told_of_an_interrupted_run(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Standard output has whole lines up to the last one, which says so."""
    place(tmp_path, "a.ogg", "b.ogg")
    server.answer(Reply(fault=Fault.HANG))
    with anyscribe.start(".", "-j1", "--events", "-", base_url=server.url) as process:
        server.wait_for_requests(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    last = read_events(out.decode())[-1]
    assert (last["event"], last["exit_code"], last["untried"]) == ("run_ended", 130, 2)


@needs_posix
def test_a_reader_that_leaves_ends_nothing(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A pipe that is closed, or a full disk, costs the events and not the recordings."""
    place(tmp_path, "a.ogg", "b.ogg")
    os.mkfifo(tmp_path / "pipe")
    has_left = threading.Event()

    def read_one() -> None:
        with (tmp_path / "pipe").open(encoding="utf-8") as pipe:
            pipe.readline()
        has_left.set()

    reader = threading.Thread(target=read_one)
    reader.start()

    def answer(_: Request) -> Reply:
        assert has_left.wait(20)
        return json_reply({"text": "hello"})

    server.answer(answer)
    run = anyscribe("a.ogg", "b.ogg", "--events", "pipe", base_url=server.url)
    reader.join()
    assert (run.code, run.err_lines[-2], len(run.err_lines)) == (0, "anyscribe: 2 done", 4)
    if Path("/dev/full").exists():
        run = anyscribe("a.ogg", "--events", "/dev/full", base_url=server.url)
        why = "anyscribe: events can no longer be written (No space left on device)"
        assert (run.code, run.text, run.err_lines) == (0, "hello\n", [why])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--events", "-"], "--events - and transcripts would both go to standard output: write transcripts to"),
        (["--events", "a.ogg"], "a.ogg is a recording or a result: --events FILE names another file"),
        (["--events", "b.ogg"], "b.ogg is a recording or a result"),
        (["-o", "x", "--events", "./x"], "x is a recording or a result"),
        (["--events", "."], "cannot write . (Is a directory): --events FILE names another place"),
        (["--events", "x", "--dry-run"], "--events x and --dry-run exclude each other"),
    ],
)
def test_places_where_events_cannot_go(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, arguments: list[str], message: str
):
    """They are refused before anything is sent or overwritten, with what to do."""
    (recording, other) = place(tmp_path, "a.ogg", "b.ogg")
    run = anyscribe("a.ogg", *arguments, base_url=server.url)
    assert (run.code, run.out, server.requests) == (1 if "Is a directory" in message else 2, b"", [])
    assert message in run.err
    assert recording.stat().st_size == other.stat().st_size > 0
