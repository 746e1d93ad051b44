"""200 clients at once against ``anyscribe serve``: what each of them gets, and what the server keeps of them.

python bench/serving.py
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from conftest import Program
from crowd import answers_of, ask_at_once, begin_at_once, kill
from served import field, form, long_recording, recording, request, serving

if TYPE_CHECKING:
    from served import Served

_CLIENTS = 200
_ROUNDS = 5
_KILLED = 50
_MODEL = field("model", "sphinx")
_SETTLE_S = 30


def main() -> None:
    """Print what becomes of clients, of memory, of temporary files and of workers."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder), Path(folder))
        with serving(program, "--queue", "8") as served:
            measure_crowds(served)
        with serving(program, "--queue", "30") as served:
            measure_killing(served, Path(folder))


def measure_crowds(served: Served) -> None:
    """Let everybody come at once, several times."""
    data = request(form(_MODEL, recording()))
    print(f"{_CLIENTS} requests in flight, --queue 8; resident {served.resident_mib():.1f} MiB at first")
    after_mib = []
    for number in range(_ROUNDS):
        began_s = time.perf_counter()
        outcomes = ask_at_once(served, data, _CLIENTS)
        took_s = time.perf_counter() - began_s
        after_mib.append(served.resident_mib())
        told = ", ".join(f"{count} x {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"   round {number + 1}: {told} in {took_s:.1f} s; resident {after_mib[-1]:.1f} MiB")
        if set(outcomes) - {"200", "429"}:
            raise SystemExit("a client got something else than 200 or 429")
    print(f"   resident grew by {after_mib[-1] - after_mib[0]:.1f} MiB since the first round   (at most 10)")


def measure_killing(served: Served, folder: Path) -> None:
    """Let clients be killed in every phase."""
    path = long_recording(folder, 100)
    whole = request(form(_MODEL, recording(path)))
    streamed = request(form(_MODEL, field("stream", "true"), recording(path)))
    connections = begin_at_once(served, [[whole, streamed, whole[:50_000]][number % 3] for number in range(_KILLED)])
    places = len(list(served.folder.iterdir()))
    refused = answers_of(connections[places:], 1)
    kill(connections)
    began_s = time.perf_counter()
    while served.leftovers():
        if time.perf_counter() - began_s > _SETTLE_S:
            raise SystemExit(f"temporary files stay behind: {served.leftovers()}")
        time.sleep(0.01)
    gone_s = time.perf_counter() - began_s
    time.sleep(1)
    busy_s = served.busy_s()
    time.sleep(2)
    busy_s = served.busy_s() - busy_s
    print(f"{_KILLED} clients killed: {places} had a place, the others: {dict(refused)}")
    print(f"   temporary files gone after {gone_s:.2f} s")
    print(f"   a second later {os.cpu_count()} cores are busy for {busy_s:.2f} of 2 s   (at most 0.2)")
    print(f"   the next request is answered: {served.transcribes()}")


if __name__ == "__main__":
    main()
