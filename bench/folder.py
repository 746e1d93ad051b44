"""A folder of paid work: what is paid twice, what is refused, and how long it takes, whatever happens on the way.

Real processes transcribe a folder of recordings with a server on loopback that counts. It is interrupted at random,
limited, broken or killed. Times depend on the machine; what is asked twice does not.

    python bench/folder.py [CASE...] [--seed 1]

Cases: kill, int, term (30 interruptions each), again, two, limit, stated, faults, dead, small, many, list.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_RATE: Final = 16_000
_RECORDINGS: Final = 105
_LONG: Final = 5
_INTERRUPTIONS: Final = 30
_LISTED: Final = 100_000
_LISTED_ASKED: Final = 1_000


class Server(ThreadingHTTPServer):
    """Transcribes into the digest of what it is sent, and counts.

    Args:
        delay_s: How long an answer takes.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, delay_s: float = 0.1) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.delay_s = delay_s
        self.lock = threading.Lock()
        self.asked: Counter[str] = Counter()
        self.answered: set[str] = set()
        self.paid_twice: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.stated: dict[str, str] = {}
        self.began = False
        self.before: Callable[[int], tuple[int, dict[str, str]] | None] = lambda _: None
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *_: Any) -> None:  # noqa: ANN401 - as its base
        """Clients are killed here."""

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def take_one_a_second(self) -> None:
        """Refuse what comes sooner than a second after the request before, without a burst."""
        ready = 0.0

        def before(_: int) -> tuple[int, dict[str, str]] | None:
            nonlocal ready
            with self.lock:
                now = time.monotonic()
                if now < ready:
                    return 429, {"retry-after": str(max(1, round(ready - now + 0.5)))}
                ready = max(now, ready) + 1.0
                return None

        self.before = before


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as its base
        pass

    def do_GET(self) -> None:
        """Serve a recording of a tenth of a second whose sound is its path."""
        self.server.began = True
        samples = self.path.encode().ljust(_RATE // 5)
        header = struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            36 + len(samples),
            b"WAVE",
            b"fmt ",
            16,
            1,
            1,
            _RATE,
            2 * _RATE,
            2,
            16,
            b"data",
            len(samples),
        )
        self.send_response(200)
        self.send_header("content-length", str(len(header + samples)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(header + samples)

    do_HEAD = do_GET  # noqa: N815 - the base class requires it

    def do_POST(self) -> None:
        """Answer a request."""
        self.server.began = True
        body = self.rfile.read(int(self.headers["content-length"]))
        boundary = body.split(b"\r\n", 1)[0]
        digest = hashlib.sha256(body.replace(boundary, b"")).hexdigest()[:12]
        server = self.server
        with server.lock:
            number = sum(server.asked.values())
            server.asked[digest] += 1
            if digest in server.answered:
                server.paid_twice.append(digest)
        fault = server.before(number)
        if fault is not None:
            status, headers = fault
            server.statuses[status] += 1
            if status == 0:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            self._reply(status, json.dumps({"error": {"message": "try again"}}).encode(), headers)
            return
        time.sleep(server.delay_s)
        self._reply(200, json.dumps({"text": f"The words are {digest}."}).encode(), server.stated)
        with server.lock:
            server.statuses[200] += 1
            server.answered.add(digest)

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Folder:
    """A folder of recordings of a home of its own.

    Args:
        recordings: How many.
        seconds: How long each is.
        long: How many of them are four times as long as a request may be.
    """

    def __init__(self, recordings: int, seconds: float = 1, long: int = 0) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bench-folder-"))
        self.talks = self.home / "talks"
        self.temporary = self.home / "tmp"
        self.talks.mkdir()
        self.temporary.mkdir()
        source = random.Random(5)  # noqa: S311 - noise
        for number in range(recordings):
            length_s = 80 if number < long else seconds
            with wave.open(str(self.talks / f"talk{number:05}.wav"), "wb") as file:
                file.setparams((1, 2, _RATE, 0, "NONE", ""))
                file.writeframes(source.randbytes(2 * int(length_s * _RATE)))

    def start(
        self,
        server: Server,
        *flags: str,
        err: int = subprocess.DEVNULL,
        inputs: Sequence[str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start the program on it, or on other inputs, in another folder."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYSCRIBE_", "OPENAI_"))}
        environment = {
            **kept,
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "TMPDIR": str(self.temporary),
            "ANYSCRIBE_BASE_URL": server.url,
        }
        named = [str(self.talks), "-r"] if inputs is None else inputs
        command = [sys.executable, "-m", "anyscribe", *named, "--no-check", *flags]
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=err, cwd=cwd)

    def run(self, server: Server, *flags: str) -> tuple[int, float, list[str]]:
        """Run the program; return its exit code, its seconds, and the lines that it printed."""
        began = time.monotonic()
        with self.start(server, *flags, err=subprocess.PIPE) as process:
            _, err = process.communicate()
        return process.returncode, time.monotonic() - began, err.decode().splitlines()

    def results(self, extension: str = "txt") -> list[Path]:
        """Return the results."""
        return sorted(self.talks.glob(f"*.{extension}"))

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self.home)


def _end(lines: Sequence[str]) -> str:
    """Return the line that says how many recordings ended how."""
    return next((line for line in reversed(lines) if " done" in line), lines[-1])


def interruptions(number: signal.Signals, seed: int) -> None:
    """Interrupt a run again and again, and count what is asked again though its answer had arrived."""
    source = random.Random(seed)  # noqa: S311 - times
    server, folder = Server(0.15), Folder(_RECORDINGS, 1, _LONG)
    left = 0
    flags = ("-j", "4", "--max-seconds", "20", "-f", "text", "-f", "json")
    for _ in range(_INTERRUPTIONS):
        with folder.start(server, *flags) as process:
            time.sleep(source.uniform(0.4, 1.3))
            process.send_signal(number)
            process.wait()
        if number is not signal.SIGKILL:
            left += len(list(folder.temporary.iterdir()))
    code, _, lines = folder.run(server, *flags)
    torn = sum(not path.read_bytes().startswith(b"The words are ") for path in folder.results())
    print(
        f"{number.name}, seed {seed}: {_INTERRUPTIONS} times, {sum(server.asked.values())} requests for"
        f" {len(server.asked)} questions; asked again though answered {len(server.paid_twice)}; results"
        f" {len(folder.results())}, torn {torn}; left in TMPDIR {left}; last exit {code}: {_end(lines)}",
        flush=True,
    )
    folder.close()


def again() -> None:
    """Ask for other formats, lengths and folders afterwards."""
    server, folder = Server(0.02), Folder(_RECORDINGS, 1, _LONG)
    folder.run(server, "--max-seconds", "20", "-f", "text")
    asked = sum(server.asked.values())
    for flags in (
        ["-f", "text"],
        ["-f", "srt"],
        ["-f", "srt", "--max-line-chars", "30"],
        ["-d", str(folder.home / "o")],
    ):
        code, seconds, lines = folder.run(server, "--max-seconds", "20", *flags)
        more = sum(server.asked.values()) - asked
        print(
            f"again, {' '.join(flags)[:40]}: {more} requests, exit {code}, {seconds:.1f} s: {_end(lines)}", flush=True
        )
    folder.close()


def two() -> None:
    """Run twice at the same time."""
    server, folder = Server(0.2), Folder(_RECORDINGS, 1, _LONG)
    runs = [folder.start(server, "--max-seconds", "20", "-f", "text") for _ in range(2)]
    codes = [run.wait() for run in runs]
    print(f"two at once: {sum(server.asked.values())} requests for {len(server.asked)} questions, exits {codes}")
    folder.close()


def limit() -> None:
    """Limit the server to 60 requests a minute, without a burst."""
    server, folder = Server(0.1), Folder(80)
    server.take_one_a_second()
    code, seconds, lines = folder.run(server, "-j", "32", "-f", "text")
    print(
        f"60 a minute: {server.statuses[429]} refusals, exit {code}, {seconds:.0f} s, {seconds / 80:.2f} of the ideal:"
        f" {_end(lines)}"
    )
    folder.close()


def stated() -> None:
    """Limit the server to 60 requests a minute with a bucket of five, and state in each reply what is left."""
    server, folder = Server(0.1), Folder(40)
    bucket = 5.0
    filled_s = time.monotonic()

    def before(_: int) -> tuple[int, dict[str, str]] | None:
        nonlocal bucket, filled_s
        with server.lock:
            now = time.monotonic()
            bucket, filled_s = min(5.0, bucket + now - filled_s), now
            is_refused = bucket < 1
            bucket -= not is_refused
            server.stated = {
                "x-ratelimit-limit-requests": "5",
                "x-ratelimit-remaining-requests": str(int(bucket)),
                "x-ratelimit-reset-requests": f"{5 - bucket:.2f}s",
            }
            return (429, server.stated) if is_refused else None

    server.before = before
    code, seconds, lines = folder.run(server, "-j", "32", "-f", "text")
    print(
        f"60 a minute, stated: {server.statuses[429]} refusals, exit {code}, {seconds:.0f} s, ideal 35: {_end(lines)}"
    )
    folder.close()


def faults() -> None:
    """Let every third request fail."""
    server, folder = Server(0.05), Folder(_RECORDINGS)
    kinds: Sequence[int] = (500, 429, 0)

    def before(number: int) -> tuple[int, dict[str, str]] | None:
        return (kinds[number // 3 % 3], {}) if number % 3 == 2 else None  # noqa: PLR2004 - every third

    server.before = before
    code, seconds, lines = folder.run(server, "-j", "8", "-f", "text")
    print(f"every third fails: {dict(server.statuses)}, exit {code}, {seconds:.0f} s: {_end(lines)}")
    folder.close()


def dead() -> None:
    """Kill the server after 40 of 200 recordings."""
    server, folder = Server(0.1), Folder(200)
    died = threading.Event()

    def before(number: int) -> tuple[int, dict[str, str]] | None:
        if number < 40:  # noqa: PLR2004 - as said above
            return None
        if not died.is_set():
            died.set()
            threading.Thread(target=lambda: (server.shutdown(), server.server_close())).start()
        return 0, {}

    server.before = before
    began = []
    threading.Thread(target=lambda: (died.wait(), began.append(time.monotonic())), daemon=True).start()
    code, _, lines = folder.run(server, "-f", "text", "-q")
    print(f"a server that dies: ends after {time.monotonic() - began[0]:.1f} s, exit {code}, {len(lines)} lines")
    print("\n".join(f"    {line}" for line in lines[-4:]))
    folder.close()


def small() -> None:
    """Transcribe 2,000 files of a second, then again."""
    server, folder = Server(0.1), Folder(2_000)
    for name in ("2,000 small files", "the same again"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        asked = sum(server.asked.values())
        code, seconds, lines = folder.run(server, "-j", "32", "-f", "text", "-q")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"{name}: exit {code}, {seconds:.1f} s (ideal {2_000 * 0.1 / 32:.1f}), {cpu_s / 2:.1f} ms of CPU a file,"
            f" at most {after.ru_maxrss / 1024:.0f} MiB, {sum(server.asked.values()) - asked} requests {lines[-1:]}",
            flush=True,
        )
    folder.close()


def many() -> None:
    """Run again over 10,000 recordings that the store has, with their results there, and with other results."""
    server, folder = Server(0), Folder(10_000, 0.1)
    flags = ("-j", "32", "-f", "text", "-q")
    folder.run(server, *flags)
    asked = sum(server.asked.values())
    for more in ([], ["-d", str(folder.home / "other")]):
        code, seconds, _ = folder.run(server, *flags, *more)
        requests = sum(server.asked.values()) - asked
        print(f"10,000 that the store has, {more[:1]}: exit {code}, {seconds:.1f} s, {requests} requests", flush=True)
    folder.close()


def from_list() -> None:
    """List 100,000 recordings: how long it takes until the first request, and how much memory the process takes."""
    for kind in ("paths", "paths with fields", "web addresses"):
        server, folder = Server(0.02), Folder(0)
        files = [f"{number // 1_000:03}/talk{number:06}.wav" for number in range(_LISTED)]
        if kind != "web addresses":
            _fill(folder.talks, files)
        if kind == "paths":
            lines = files
        elif kind == "web addresses":
            lines = [f"{server.url.removesuffix('/v1')}/{file}?token={number}" for number, file in enumerate(files)]
        else:
            lines = [
                json.dumps({"file": file, "language": ("de", "en")[number % 2], "prompt": f"Talk {number}"})
                for number, file in enumerate(files)
            ]
        (folder.home / "list").write_text("\n".join(lines), encoding="utf-8")
        began = time.monotonic()
        flags = ("--from", str(folder.home / "list"), "-d", str(folder.home / "out"), "-f", "text", "-j", "32", "-q")
        with folder.start(server, *flags, inputs=(), cwd=folder.talks) as process:
            while not server.began and process.poll() is None:
                time.sleep(0.01)
            first_s = time.monotonic() - began
            usage = Path(f"/proc/{process.pid}")
            cpu_s = sum(map(int, (usage / "stat").read_text().rpartition(")")[2].split()[11:13])) / os.sysconf(
                "SC_CLK_TCK"
            )
            at_first = _peak_mib(usage)
            while sum(server.asked.values()) < _LISTED_ASKED and process.poll() is None:
                time.sleep(0.05)
            print(
                f"{_LISTED:,} {kind}: first request after {first_s:.1f} s ({cpu_s:.1f} s of CPU), at most"
                f" {at_first:.0f} MiB then, {_peak_mib(usage):.0f} MiB after {_LISTED_ASKED:,} requests",
                flush=True,
            )
            process.send_signal(signal.SIGINT)
        folder.close()


def _fill(folder: Path, files: Sequence[str]) -> None:
    """Make recordings of a tenth of a second."""
    with wave.open(str(folder / "first.wav"), "wb") as file:
        file.setparams((1, 2, _RATE, 0, "NONE", ""))
        file.writeframes(bytes(_RATE // 5))
    header = (folder / "first.wav").read_bytes()[:44]
    source = random.Random(5)  # noqa: S311 - noise
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(header + source.randbytes(_RATE // 5))


def _peak_mib(process: Path) -> float:
    status = (process / "status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    cases: dict[str, Callable[[], None]] = {
        "kill": lambda: interruptions(signal.SIGKILL, arguments.seed),
        "int": lambda: interruptions(signal.SIGINT, arguments.seed),
        "term": lambda: interruptions(signal.SIGTERM, arguments.seed),
        "again": again,
        "two": two,
        "limit": limit,
        "stated": stated,
        "faults": faults,
        "dead": dead,
        "small": small,
        "many": many,
        "list": from_list,
    }
    for name in arguments.case or cases:
        cases[name]()


if __name__ == "__main__":
    main()
