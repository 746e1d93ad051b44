"""Recordings that the workers of a cluster transcribe: results, store, exit codes and keys are those of one machine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from circumstances import interrupt, listing, place, start_group
from loopback import Fault, Reply, json_reply
from missing import without

pytest.importorskip("distributed")

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import LoopbackServer, Request
    from programs import Program

HELLO = json_reply({"text": "hello"})
NAMES = ["a.ogg", "b.ogg", "c.ogg", "d.ogg"]


def by_name(replies: dict[str, Reply]) -> Callable[[Request], Reply]:
    """Return a function that answers with a recording's name, unless there is another reply for it."""

    def reply(request: Request) -> Reply:
        name = str(request.part("file").filename)
        return replies.get(name, json_reply({"text": f"this is {name}"}))

    return reply


def test_as_on_one_machine(anyscribe: Program, server: LoopbackServer, tmp_path: Path, address: str):
    """Each recording's results are its own, also in subfolders; a failure stops no other; the store has the answers."""
    anyscribe.keeps_answers = True
    place(tmp_path, *NAMES)
    for number, name in enumerate(NAMES):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + bytes(number))
    server.answer(by_name({"b.ogg": json_reply({"error": {"message": "too odd"}}, 400)}))
    run = anyscribe(".", "-f", "text,json", "-d", "out", "-v", "--cluster", address, base_url=server.url)
    assert (run.code, len(server.requests)) == (3, 4)
    assert listing(tmp_path / "out") == [f"{name}.{kind}" for name in "acd" for kind in ("json", "txt")]
    assert (tmp_path / "out" / "c.txt").read_text(encoding="utf-8") == "this is c.ogg\n"
    host = address.removeprefix("tcp://").rpartition(":")[0]
    assert re.search(rf"error: b.ogg \({host}:\d+\): the server refused the request \(400\): too odd", run.err)
    assert re.search(rf"a.ogg → out/a.txt \({host}:\d+\)", run.err)
    assert run.err_lines[-3] == "anyscribe: 3 done, 1 failed"
    server.answer(HELLO)
    run = anyscribe(".", "-f", "md", "--cluster", address, base_url=server.url)
    assert (run.code, len(server.requests)) == (0, 5)
    assert "this is a.ogg" in (tmp_path / "a.md").read_text(encoding="utf-8")


def test_standard_output_is_in_order(anyscribe: Program, server: LoopbackServer, tmp_path: Path, address: str):
    """Texts for standard output come in the order of the inputs, and events name each recording once."""
    place(tmp_path, *NAMES)
    server.answer(by_name({}))
    run = anyscribe(*NAMES, "-o", "-", "--events", "events.jsonl", "--cluster", address, base_url=server.url)
    assert run.text == "\n".join(f"==> {name} <==\nthis is {name}\n" for name in NAMES)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    for kind in ("recording_started", "recording_opened", "recording_done"):
        assert sorted(event["path"] for event in events if event["event"] == kind) == NAMES
    assert all(event["worker"].startswith("tcp://") for event in events if event["event"] == "recording_started")
    assert (events[-1]["done"], events[-1]["exit_code"]) == (4, 0)


def test_denial_and_budget_end_the_run(anyscribe: Program, server: LoopbackServer, tmp_path: Path, address: str):
    """A refused key ends the run with code 4; so does a limit, before more is sent."""
    place(tmp_path, *[f"{number}.ogg" for number in range(12)])
    server.answer(json_reply({"error": {"message": "bad key"}}, 401))
    run = anyscribe(".", "--cluster", address, base_url=server.url)
    assert run.code == 4
    assert len(server.requests) <= 4
    asked = len(server.requests)
    run = anyscribe(".", "--max-minutes", "0", "--cluster", address, base_url=server.url)
    assert (run.code, len(server.requests)) == (1, asked)
    assert "beyond --max-minutes 0" in run.err


def test_key_is_the_workers_own(anyscribe: Program, server: LoopbackServer, tmp_path: Path, address: str):
    """A key does not travel: workers read their own, and one that has none says so before the first recording."""
    place(tmp_path, "a.ogg")
    flags = ("a.ogg", "--cluster", address, "--worker-key-file", tmp_path / "key")
    run = anyscribe(*flags, base_url=server.url, api_key="sk-mine")
    assert (run.code, server.requests) == (2, [])
    assert run.err_lines[-1].startswith(f"anyscribe: error: the worker {address.rpartition(':')[0]}:")
    (tmp_path / "key").write_text("sk-theirs\n", encoding="utf-8")
    assert anyscribe(*flags, base_url=server.url, api_key="sk-mine").code == 0
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer sk-theirs"]
    assert "sk-" not in run.err


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ("localhost:8786", 2, "it is no address of a cluster"),
        ("local:0", 2, "it names no number of workers"),
        ("file:nothing.json", 2, "the file cannot be read"),
        ("file:a.ogg", 2, "no scheduler has written this file"),
        ("tcp://127.0.0.1:9", 5, "no scheduler can be reached there"),
    ],
)
def test_no_such_cluster(anyscribe: Program, tmp_path: Path, given: str, code: int, message: str):
    """An address that is none is refused with what to write instead; a cluster that is not there gives code 5."""
    place(tmp_path, "a.ogg")
    run = anyscribe("a.ogg", "--cluster", given, "--connect-timeout", "0.2", base_url="http://127.0.0.1:9/v1")
    assert (run.code, len(run.err_lines)) == (code, 1)
    assert message in run.err


def test_streams_and_missing_extra(anyscribe: Program, tmp_path: Path, address: str, tmp_path_factory: Any):
    """Standard input cannot be read elsewhere; without Dask, the extra is named."""
    run = anyscribe("-", "--cluster", address, base_url="http://127.0.0.1:9", stdin=b"x")
    assert (run.code, "other machines cannot read it" in run.err) == (2, True)
    place(tmp_path, "a.ogg")
    hidden = without(tmp_path_factory.mktemp("hidden"), "distributed")
    run = anyscribe.as_process()("a.ogg", "--cluster", address, base_url="http://127.0.0.1:9", env=hidden)
    assert (run.code, "[cluster]" in run.err) == (2, True)


def test_nothing_of_dask_is_loaded_without_a_cluster():
    """The command line knows of clusters without loading Dask."""
    code = "import sys, anyscribe.cli.transcription, anyscribe.cli.machines; sys.exit('dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, and needs process groups")
def test_killed_worker_and_interruption(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """A killed worker's recording begins anew in another process and nothing else is asked twice; Ctrl-C ends all."""
    anyscribe.keeps_answers = True
    place(tmp_path, "a.ogg", "b.ogg", "c.ogg")
    for number, name in enumerate(["a.ogg", "b.ogg", "c.ogg"]):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + bytes(number))
    asked: list[str] = []
    is_killed, may_end = threading.Event(), threading.Event()

    def reply(request: Request) -> Reply:
        name = str(request.part("file").filename)
        asked.append(name)
        if name == "b.ogg" and not is_killed.is_set():
            is_killed.set()
            os.kill(worker_of(process.pid), signal.SIGKILL)
        if name == "c.ogg":
            may_end.set()
            return Reply(fault=Fault.HANG)
        return json_reply({"text": f"this is {name}"})

    server.answer(reply)
    environment = anyscribe.environment(base_url=server.url)
    with start_group(anyscribe, [".", "-j1", "--grace", "0", "--cluster", "local:1"], environment) as process:
        assert may_end.wait(30)
        interrupt(process, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in err.decode()) == (130, False), err.decode()
    assert asked == ["a.ogg", "b.ogg", "b.ogg", "c.ogg"]
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == "this is b.ogg\n"
    assert not (tmp_path / "c.txt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, and stops processes")
def test_hanging_worker(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """The recording of a worker that hangs begins anew elsewhere; nothing else is asked twice, or fails."""
    place(tmp_path, "a.ogg", "b.ogg")
    asked: list[str] = []
    both_there = threading.Barrier(2)
    stopped: list[int] = []

    def stop() -> None:
        stopped.append(worker_of(process.pid))
        os.kill(stopped[0], signal.SIGSTOP)

    def reply(request: Request) -> Reply:
        asked.append(str(request.part("file").filename))
        if len(asked) <= 2 and both_there.wait(30) == 0:
            stop()
        elif len(asked) > 2:
            os.kill(stopped[0], signal.SIGCONT)
        return json_reply({"text": f"this is {asked[-1]}"})

    server.answer(reply)
    environment = anyscribe.environment(base_url=server.url)
    command = [".", "-j2", "--cluster", "local:2", "--task-timeout", "1"]
    with start_group(anyscribe, command, environment) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "2 done" in err.decode()) == (0, True), err.decode()
    assert (sorted(set(asked)), len(asked)) == (["a.ogg", "b.ogg"], 3)


def test_workers_that_join_late(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """One that joins has recordings while the first one has; no more workers are used than may be."""
    distributed = pytest.importorskip("distributed")
    place(tmp_path, "a.ogg", "b.ogg")
    both_there = threading.Barrier(2)

    def reply(_: Request) -> Reply:
        if not cluster.scheduler_info["workers"].keys() - first:
            cluster.scale(2)
        both_there.wait(30)
        return HELLO

    server.answer(reply)
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        first = {*cluster.scheduler_info["workers"]}
        command = (".", "--events", "events", "--cluster", cluster.scheduler_address)
        run = anyscribe(*command, base_url=server.url)
        assert (run.code, len(workers_in(tmp_path / "events"))) == (0, 2)
        server.answer(HELLO)
        run = anyscribe(*command, "--overwrite", "--workers-max", "1", base_url=server.url)
        assert (run.code, len(workers_in(tmp_path / "events"))) == (0, 1)


def workers_in(events: Path) -> set[str]:
    """Return the workers that had recordings."""
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    return {event["worker"] for event in told if event["event"] == "recording_started"}


def worker_of(process: int) -> int:
    """Return the process of a worker that a program has started."""
    children: list[str] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        # Threads end meanwhile.
        with contextlib.suppress(OSError):
            children += file.read_text(encoding="ascii").split()
    return next(int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes())
