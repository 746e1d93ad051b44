"""The time from a server's delta to its display, and the cost of many fast deltas.

python bench/live.py
"""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from measure import PROGRAM

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loopback import LoopbackServer, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNS = 20
_DELTAS = 5000
_SAMPLE = Path(__file__).parent.parent / "tests" / "media" / "hello.ogg"
_WORD = "Welcome"


def main() -> None:
    """Print the figures of first words, then those of many deltas."""
    with LoopbackServer() as server:
        for pause_s in (0.0, 1.0):
            delays_ms = sorted(1000 * time_first_word(server, pause_s) for _ in range(_RUNS))
            print(
                f"first event on the wire {pause_s:.0f} s after the upload, to the word on the screen: "
                f"median {statistics.median(delays_ms):.1f} ms, worst {delays_ms[-1]:.1f} ms   (at most 50)"
            )
        for count in (1, _DELTAS):
            wall_s, cpu_s = time_deltas(server, count)
            print(f"{count:5} deltas, none waited for: {wall_s:.2f} s, of processor time {cpu_s:.2f} s")


def time_first_word(server: LoopbackServer, pause_s: float) -> float:
    """Run the program in a terminal and return the seconds from sending the first event to its display."""
    sent_s: list[float] = []

    def events() -> Iterator[bytes]:
        time.sleep(pause_s)
        sent_s.append(time.perf_counter())
        yield _event("transcript.text.delta", "delta", f" {_WORD}")
        time.sleep(0.2)
        yield _event("transcript.text.done", "text", _WORD)

    server.answer(lambda _: Reply(content_type="text/event-stream", chunks=events()))  # type: ignore[arg-type] # iterated
    shown_s = 0.0
    seen = b""
    with _Window(server) as window:
        for data in window.read():
            seen += data
            if not shown_s and _WORD.encode() in seen:
                shown_s = time.perf_counter()
    return shown_s - sent_s[0]


def time_deltas(server: LoopbackServer, count: int) -> tuple[float, float]:
    """Run the program on a stream of fast deltas; return its wall time and CPU time, in seconds."""
    words = [f" word{number}" for number in range(count)]

    def events() -> Iterator[bytes]:
        for word in words:
            yield _event("transcript.text.delta", "delta", word)
        yield _event("transcript.text.done", "text", "".join(words).strip())

    server.answer(lambda _: Reply(content_type="text/event-stream", chunks=events()))  # type: ignore[arg-type] # iterated
    started_s = time.perf_counter()
    with _Window(server) as window:
        shown = b"".join(window.read())
        ended_s = time.perf_counter()
        _, status, usage = os.wait4(window.process.pid, 0)
        window.process.returncode = os.waitstatus_to_exitcode(status)
    if window.process.returncode or words[-1].strip().encode() not in shown:
        raise SystemExit(f"it ended with {window.process.returncode}")
    return ended_s - started_s, usage.ru_utime + usage.ru_stime


def _event(kind: str, member: str, text: str) -> bytes:
    return f'data: {{"type": "{kind}", "{member}": "{text}"}}\n\n'.encode()


class _Window:
    """The program in a terminal of its own, 80 columns wide."""

    def __init__(self, server: LoopbackServer) -> None:
        self._terminal, program_side = os.openpty()
        termios.tcsetwinsize(program_side, (24, 80))
        with tempfile.TemporaryDirectory() as home:
            self.process = subprocess.Popen(
                [PROGRAM, str(_SAMPLE), "--stream", "--base-url", server.url],
                stdin=subprocess.DEVNULL,
                stdout=program_side,
                stderr=program_side,
                env={"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color", "ANYSCRIBE_NO_STORE": "1"},
            )
        os.close(program_side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.wait()
        os.close(self._terminal)

    def read(self) -> Iterator[bytes]:
        """Yield the program's output until it closes the terminal."""
        while select.select([self._terminal], [], [], 60)[0]:
            try:
                data = os.read(self._terminal, 1 << 16)
            except OSError:
                return
            if not data:
                return
            yield data


if __name__ == "__main__":
    main()
