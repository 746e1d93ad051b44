"""How far one coordinator goes: a model of a run on a cluster, with measured costs, and held against real runs.

    python bench/scale.py [CASE...] [--costs COORDINATOR SCHEDULER WORKER SERVER WAITING]

Cases: costs (measures what a recording costs each process), check (the model against runs with 1, 2 and 4 workers),
ahead (what the model says of 10, 100 and 1,000 workers), size (of the store). Without `--costs`, in milliseconds, they
are measured first. `docs/scale.md` says what the model leaves out.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
import simpy
from cluster import dask_scheduler, dask_workers, end
from folder import Folder, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_FLAGS: Final = ("-f", "text", "-f", "json", "--no-align", "-q")
_FEW: Final = 40
_MANY: Final = 440
_SLOTS: Final = 4
_ANSWER_S: Final = 0.3
_CORES: Final = os.cpu_count() or 1
_VISITS: Final = 3
"""How often a recording's work passes from its worker to the coordinator and back; costs are spread over these."""

_LOOK_S: Final = 0.5
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Costs:
    """What one recording costs.

    Args:
        coordinator: Processor time of the command that the user started, in milliseconds.
        scheduler: Processor time of Dask's scheduler, likewise.
        worker: Processor time of the worker that has the recording, likewise.
        server: Processor time of the server that answers, if it shares the machine, likewise.
        waiting: What else passes while a recording is alone, beside its answer, in milliseconds: messages on their way.
    """

    coordinator: float
    scheduler: float
    worker: float
    server: float
    waiting: float


class Run:
    """The model of one run: each recording visits its worker, the scheduler and the coordinator in turn.

    A process of Python works on one thing at a time. Work waits in the order in which it comes.

    Args:
        costs: What a recording costs.
        workers: How many workers there are.
        slots: How many recordings each has in work.
        answer_s: How long the server takes.
        cores: How many cores all processes share; None if each has its own.
    """

    def __init__(self, costs: Costs, workers: int, slots: int, answer_s: float, cores: int | None = None) -> None:
        self._costs = costs
        self._answer_s = answer_s
        self._env = simpy.Environment()
        self._cores = None if cores is None else simpy.Resource(self._env, cores)
        self._coordinator, self._scheduler, self._server = (simpy.Resource(self._env, 1) for _ in range(3))
        self._workers = [simpy.Resource(self._env, 1) for _ in range(workers)]
        self._slots = slots
        self._left = 0
        self.busy_s = {"coordinator": 0.0, "scheduler": 0.0}

    def seconds(self, recordings: int) -> float:
        """Return how long it takes to do so many recordings."""
        self._left = recordings
        for worker in self._workers:
            for _ in range(self._slots):
                self._env.process(self._slot(worker))
        self._env.run()
        return float(self._env.now)

    def _slot(self, worker: simpy.Resource) -> Iterator[Any]:
        while self._left:
            self._left -= 1
            for visit in range(_VISITS):
                yield from self._visit(worker)
                if visit == _VISITS // 2:
                    yield from self._work(self._server, self._costs.server if self._cores is not None else 0)
                    yield self._env.timeout(self._answer_s)

    def _visit(self, worker: simpy.Resource) -> Iterator[Any]:
        """Let the worker do a part of its work, and ask the coordinator through the scheduler."""
        costs = self._costs
        yield from self._work(worker, costs.worker / _VISITS)
        yield from self._work(self._scheduler, costs.scheduler / _VISITS / 2, "scheduler")
        yield from self._work(self._coordinator, costs.coordinator / _VISITS, "coordinator")
        yield from self._work(self._scheduler, costs.scheduler / _VISITS / 2, "scheduler")
        yield self._env.timeout(costs.waiting / _VISITS / 1000)

    def _work(self, process: simpy.Resource, ms: float, name: str = "") -> Iterator[Any]:
        if not ms:
            return
        with process.request() as turn:
            yield turn
            if self._cores is None:
                yield self._env.timeout(ms / 1000)
            else:
                with self._cores.request() as core:
                    yield core
                    yield self._env.timeout(ms / 1000)
        if name:
            self.busy_s[name] += ms / 1000


class _Watch:
    """Reads how much processor time processes have taken, for as long as they live."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._names: dict[int, str] = {}
        self._ended = threading.Event()

    def watch(self, name: str, root: int) -> None:
        """Watch a process and all that it has started until it ends."""

        def look() -> None:
            while not self._ended.wait(_LOOK_S):
                with contextlib.suppress(psutil.Error):
                    process = psutil.Process(root)
                    for one in (process, *process.children(recursive=True)):
                        times = one.cpu_times()
                        self._names[one.pid] = name
                        self._seconds[one.pid] = times.user + times.system

        threading.Thread(target=look, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._ended.set()

    def seconds(self, name: str) -> float:
        """Return the processor time of all processes of that name."""
        return sum(self._seconds[pid] for pid, known in self._names.items() if known == name)


def _real(recordings: int, workers: int, answer_s: float, slots: int = _SLOTS) -> tuple[float, dict[str, float]]:
    """Run it; return the seconds between the first request and the last, and the processor time of each process."""
    server, folder, watch = Server(answer_s), Folder(recordings), _Watch()
    asked_s: list[float] = []
    server.before = lambda _: asked_s.append(time.monotonic())
    scheduler, file = dask_scheduler(folder)
    nannies = dask_workers(folder, file, count=workers, threads=slots)
    time.sleep(4)
    watch.watch("scheduler", scheduler.pid)
    for nanny in nannies:
        watch.watch("worker", nanny.pid)
    own = time.process_time()
    process = folder.start(server, *_FLAGS, f"-j{workers * slots}", "--cluster", f"file:{file}")
    watch.watch("coordinator", process.pid)
    code = process.wait()
    took = {name: watch.seconds(name) for name in ("coordinator", "scheduler", "worker")}
    took["server"] = time.process_time() - own
    watch.close()
    end(*nannies, scheduler)
    done = len(folder.results())
    folder.close()
    if code or done != recordings:
        raise SystemExit(f"exit {code}, {done} of {recordings} results")
    return asked_s[-1] - asked_s[0] + answer_s, took


def measured() -> Costs:
    """Measure what a recording costs: the difference between many and few, so that starting costs nothing."""
    _, few = _real(_FEW, 1, _ANSWER_S)
    _, many = _real(_MANY, 1, _ANSWER_S)
    each = {name: (many[name] - few[name]) * 1000 / (_MANY - _FEW) for name in many}
    alone_s, _ = _real(20, 1, _ANSWER_S, slots=1)
    total = sum(each.values())
    waiting = max((alone_s / 20 - _ANSWER_S) * 1000 - total, 0)
    costs = Costs(each["coordinator"], each["scheduler"], each["worker"], each["server"], waiting)
    print("a recording costs, in ms:", ", ".join(f"{name} {value:.1f}" for name, value in _named(costs)))
    return costs


def _named(costs: Costs) -> list[tuple[str, float]]:
    return [(name, getattr(costs, name)) for name in Costs.__slots__]


def check(costs: Costs) -> None:
    """Hold the model against runs on this machine, whose cores all processes share."""
    for answer_s in (0.1, 1.0):
        for workers in (1, 2, 4):
            recordings = 200
            told = Run(costs, workers, _SLOTS, answer_s, _CORES).seconds(recordings)
            seen, _ = _real(recordings, workers, answer_s)
            print(
                f"{workers} workers of {_SLOTS}, answers after {answer_s} s, {recordings} recordings:"
                f" model {told:.1f} s, run {seen:.1f} s, {told / seen:.2f}",
                flush=True,
            )


def ahead(costs: Costs) -> None:
    """Say what the model expects of more machines."""
    for answer_s in (2.0, 20.0):
        for workers in (10, 100, 1000):
            slots = 8
            recordings = max(10 * workers * slots, 2000)
            run = Run(costs, workers, slots, answer_s)
            seconds = run.seconds(recordings)
            shares = ", ".join(f"{name} {busy_s / seconds:.0%} busy" for name, busy_s in run.busy_s.items())
            ideal = workers * slots * _HOUR_S / answer_s
            print(
                f"{workers:,} workers of {slots}, answers after {answer_s:g} s: {recordings * _HOUR_S / seconds:,.0f}"
                f" recordings an hour, {recordings * _HOUR_S / seconds / ideal:.0%} of the workers' room; {shares}",
                flush=True,
            )


def size(_: Costs | None = None) -> None:
    """Measure how large the store is for each answer."""
    from anyscribe.request import Granularity, ResponseFormat  # noqa: PLC0415 - one case needs it
    from anyscribe.result import Result  # noqa: PLC0415 - likewise
    from anyscribe.store.store import WHOLE, KeptAnswer, Question, Store  # noqa: PLC0415 - likewise
    from anyscribe.transcript import Segment, Transcript, Word  # noqa: PLC0415 - likewise

    for minutes, has_words in ((1, False), (10, False), (10, True), (60, True)):
        texts = [f"word{number % 700}" for number in range(minutes * 150)]
        words = tuple(Word(text, 400 * n, 400 * n + 350) for n, text in enumerate(texts))
        segments = tuple(
            Segment(" ".join(texts[n : n + 10]), 400 * n, 400 * n + 3950) for n in range(0, len(texts), 10)
        )
        transcript = Transcript(" ".join(texts), "english", minutes * 60_000, segments, words if has_words else ())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "store.sqlite")
            store = Store(path, print)
            question = Question("http://127.0.0.1/v1", "model", "")
            asked = (ResponseFormat.VERBOSE_JSON, (Granularity.WORD,))
            began = time.perf_counter()
            for number in range(_MANY):
                kept = KeptAnswer(WHOLE, Result(transcript))
                store.keep(number.to_bytes(32, "big"), question, asked, kept, minutes * 60_000)
            seconds = time.perf_counter() - began
            store.close()
            with sqlite3.connect(path) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            each = path.stat().st_size / _MANY
            print(
                f"{minutes} minutes, {'words' if has_words else 'segments'}: {each / 1024:.1f} KiB an answer"
                f" ({each * 1e6 / 2**30:,.0f} GiB for a million), {seconds * 1000 / _MANY:.1f} ms to keep one",
                flush=True,
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", default=[])
    parser.add_argument("--costs", nargs=5, type=float)
    given = parser.parse_args(arguments)
    cases: dict[str, Callable[[Costs], None]] = {"check": check, "ahead": ahead, "size": size}
    names = given.case or ["costs", *cases]
    costs = Costs(*given.costs) if given.costs else measured() if {*names} - {"size"} else Costs(0, 0, 0, 0, 0)
    for name in names:
        if name in cases:
            cases[name](costs)


if __name__ == "__main__":
    main()
