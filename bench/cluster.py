"""Paid work on several machines: what is paid twice and what comes out, whoever is killed, and how long it takes.

Real processes transcribe a folder of recordings with a server on loopback that counts (`bench/folder.py`). Times depend
on the machine; what is asked twice does not.

    python bench/cluster.py [CASE...] [--seed 1] [--recordings 200]

Cases: wall, kill, limit, scheduler, local.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from folder import Folder, Server
from local_speed import repeat_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORKERS: Final = 4
_AT_ONCE: Final = 16
_KILLS: Final = 20
_SENDING_S: Final = 0.05
_TALKS: Final = 8
_TALK_S: Final = 60
_FLAGS: Final = ("-f", "text", "-f", "json", "--no-align")


def _dask(*arguments: str, folder: Folder) -> subprocess.Popen[bytes]:
    """Start a process of Dask's."""
    own = {"HOME": str(folder.home), "TMPDIR": str(folder.temporary)}
    environment = {**os.environ, **own, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder.home
    )


def dask_scheduler(folder: Folder, port: int = 0) -> tuple[subprocess.Popen[bytes], str]:
    """Start a scheduler; return it, and the file that says where it is."""
    file = folder.home / "scheduler.json"
    file.unlink(missing_ok=True)
    process = _dask(
        "dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
        "--scheduler-file",
        str(file),
        folder=folder,
    )
    while not file.exists() or not file.read_bytes():
        time.sleep(0.05)
    return process, str(file)


def dask_workers(
    folder: Folder, file: str, *, count: int = _WORKERS, threads: int = _AT_ONCE // _WORKERS
) -> list[subprocess.Popen[bytes]]:
    """Start workers, each watched by a nanny that starts it anew."""
    flags = ("--host", "127.0.0.1", "--nthreads", str(threads), "--no-dashboard", "--scheduler-file", file)
    return [_dask("dask_worker", *flags, folder=folder) for _ in range(count)]


@contextlib.contextmanager
def _cluster(folder: Folder) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    scheduler, file = dask_scheduler(folder)
    workers = dask_workers(folder, file)
    try:
        yield f"file:{file}", workers
    finally:
        end(*workers, scheduler)


def end(*processes: subprocess.Popen[bytes]) -> None:
    """End processes, in good order if they do so in five seconds."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Answered(set[str]):
    """The questions that were answered, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.times_s: dict[str, float] = {}

    def add(self, digest: str) -> None:
        """Note that an answer was sent."""
        self.times_s.setdefault(digest, time.monotonic())
        super().add(digest)


def _children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in lists for child in file.read_text(encoding="ascii").split()]


def _worker_of(nanny: int) -> int | None:
    """Return the process that works for a nanny; None if it has none now."""
    for child in _children(nanny):
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return None


def _told(server: Server, folder: Folder, code: int, seconds: float, lines: list[str]) -> str:
    right = sum(path.read_bytes().startswith(b"The words are ") for path in folder.results())
    end = next((line for line in reversed(lines) if " done" in line), lines[-1] if lines else "")
    return (
        f"{seconds:.1f} s, exit {code}, {sum(server.asked.values())} requests for {len(server.asked)} questions,"
        f" asked again though answered {len(server.paid_twice)}; right results {right}; {end}"
    )


def wall(recordings: int, _: int) -> None:
    """Compare four workers with one machine, at the same number of requests at a time."""
    for delay_s in (0.1, 0.5):
        server, folder = Server(delay_s), Folder(recordings)
        print(
            f"answers take {delay_s} s; one machine:",
            _told(server, folder, *folder.run(server, *_FLAGS, f"-j{_AT_ONCE}")),
        )
        folder.close()
        server, folder = Server(delay_s), Folder(recordings)
        with _cluster(folder) as (address, _workers):
            time.sleep(4)
            ran = folder.run(server, *_FLAGS, f"-j{_AT_ONCE}", "--cluster", address)
            print(f"answers take {delay_s} s; {_WORKERS} workers:", _told(server, folder, *ran))
            asked = sum(server.asked.values())
            code, seconds, _lines = folder.run(server, "-f", "srt", "--no-align", f"-j{_AT_ONCE}", "--cluster", address)
            print(
                f"again for another format: {sum(server.asked.values()) - asked} requests, exit {code}, {seconds:.1f} s"
            )
        folder.close()


def kill(recordings: int, seed: int) -> None:
    """Kill workers at random."""
    source = random.Random(seed)  # noqa: S311 - times
    server, folder = Server(0.3), Folder(recordings)
    with _cluster(folder) as (address, nannies):
        time.sleep(4)
        server.answered = answered = _Answered()
        kills_s: list[float] = []
        ended = threading.Event()

        def kill_some() -> None:
            while not server.asked:
                time.sleep(0.05)
            while len(kills_s) < _KILLS and not ended.wait(source.uniform(0.3, 1.5)):
                worker = _worker_of(source.choice(nannies).pid)
                if worker is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
                        kills_s.append(time.monotonic())

        threading.Thread(target=kill_some, daemon=True).start()
        ran = folder.run(server, *_FLAGS, f"-j{_AT_ONCE}", "--cluster", address)
        ended.set()
        print(f"seed {seed}, {len(kills_s)} workers killed:", _told(server, folder, *ran))
        # The server answers a killed worker too, and does not notice.
        under_way = {
            digest
            for digest in server.paid_twice
            for kill_s in kills_s
            if 0 <= answered.times_s[digest] - kill_s <= server.delay_s + _SENDING_S
        }
        print(f"    of these under way when a worker was killed: {sum(map(under_way.__contains__, server.paid_twice))}")
        others = [answered.times_s[digest] for digest in server.paid_twice if digest not in under_way]
        until_ms = [
            round(1000 * min((kill_s - sent_s for kill_s in kills_s if kill_s > sent_s), default=-1))
            for sent_s in others
        ]
        print(f"    the others were answered so many ms before the next kill: {sorted(until_ms)}")
    folder.close()


def limit(recordings: int, _: int) -> None:
    """Limit the server to 60 requests a minute, without a burst, for four workers of eight."""
    del recordings
    server, folder = Server(0.1), Folder(40)
    server.take_one_a_second()
    scheduler, file = dask_scheduler(folder)
    workers = dask_workers(folder, file, threads=8)
    time.sleep(4)
    ran = folder.run(server, *_FLAGS, "--cluster", f"file:{file}")
    print(f"60 a minute: {server.statuses[429]} refusals,", _told(server, folder, *ran))
    end(*workers, scheduler)
    folder.close()


def scheduler(recordings: int, _: int) -> None:
    """Kill the scheduler in the middle, start another one, and give the same command."""
    server, folder = Server(0.5), Folder(recordings)
    flags = (*_FLAGS, f"-j{_AT_ONCE}", "--cluster")
    first, file = dask_scheduler(folder)
    workers = dask_workers(folder, file)
    time.sleep(4)

    def kill_it() -> None:
        # Not before the run has reached it, and has some answers.
        while len(server.answered) < 2 * _AT_ONCE:
            time.sleep(0.05)
        first.kill()

    threading.Thread(target=kill_it, daemon=True).start()
    print("the scheduler dies:", _told(server, folder, *folder.run(server, *flags, f"file:{file}")))
    end(*workers)
    with _cluster(folder) as (address, _workers_too):
        time.sleep(4)
        print("the same command:", _told(server, folder, *folder.run(server, *flags, address)))
    folder.close()


def local(recordings: int, _: int) -> None:
    """Compare two workers of one core with one, both with the small built-in model, which each loads once."""
    del recordings
    server, walls_s = Server(), []
    for cores in ((0,), (0, 1)):
        folder = Folder(0)
        for number in range(_TALKS):
            repeat_sample(folder.talks / f"talk{number}.wav", _TALK_S)
        scheduler, file = dask_scheduler(folder)
        workers = []
        for core in cores:
            workers += dask_workers(folder, file, threads=1, count=1)
            os.sched_setaffinity(workers[-1].pid, {core})
        time.sleep(6)
        code, seconds, lines = folder.run(
            server, "--local", "--model", "tiny.en", "-f", "text", "--cluster", f"file:{file}"
        )
        walls_s.append(seconds)
        words = sum(len(path.read_text(encoding="utf-8").split()) for path in folder.results())
        print(f"{len(cores)} workers of one core: {seconds:.1f} s, exit {code}, {words} words; {lines[-1]}")
        end(*workers, scheduler)
        folder.close()
    print(f"    {walls_s[0] / walls_s[1]:.2f} times as fast")


def main() -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recordings", type=int, default=200)
    arguments = parser.parse_args()
    cases: dict[str, Callable[[int, int], None]] = {
        "wall": wall,
        "kill": kill,
        "limit": limit,
        "scheduler": scheduler,
        "local": local,
    }
    for name in arguments.case or cases:
        cases[name](arguments.recordings, arguments.seed)


if __name__ == "__main__":
    main()
