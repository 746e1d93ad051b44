"""200 simultaneous clients of ``anyscribe serve``: the replies to each, and the resources left afterwards.

python bench/serving.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from crowd import answers_of, ask_at_once, begin_at_once, kill
from programs import Program
from served import field, form, long_recording, recording, request, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from served import ServedProcess

_CLIENTS = 200
_ROUNDS = 10
_WARM_ROUNDS = 3
_KILLED = 50
_MODEL = field("model", "tiny.en")
_SETTLE_S = 60
_REST_S = 1.0


def main() -> None:
    """Print the results for clients, memory, temporary files and workers."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder), Path(folder))
        with serving(program, "--queue", "8") as served:
            measure_crowds(served)
        with serving(program, "--queue", "30") as served:
            measure_killing(served, Path(folder))


def measure_crowds(served: ServedProcess) -> None:
    """Send all requests at once, several times."""
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
    grown_mib = after_mib[-1] - after_mib[_WARM_ROUNDS - 1]
    # 200 simultaneous requests hold 13 MiB, which may not be returned to the system.
    print(f"   resident grew by {grown_mib:.1f} MiB since round {_WARM_ROUNDS}   (at most 20)")


def measure_killing(served: ServedProcess, folder: Path) -> None:
    """Kill clients in every phase of a request."""
    path = long_recording(folder, 100)
    whole = request(form(_MODEL, recording(path)))
    streamed = request(form(_MODEL, field("stream", "true"), recording(path)))
    connections = begin_at_once(served, [[whole, streamed, whole[:50_000]][number % 3] for number in range(_KILLED)])
    places = len(list(served.folder.iterdir()))
    refused = answers_of(connections[places:], 1)
    kill(connections)
    gone_s = seconds_until(lambda: not served.leftovers(), "temporary files stay behind")
    rest_s = gone_s + seconds_until(lambda: is_at_rest(served), "workers stay busy")
    print(f"{_KILLED} clients killed: {places} had a place, the others: {dict(refused)}")
    print(f"   the last temporary file gone after {gone_s:.2f} s, all workers at rest after {rest_s:.1f} s")
    print(f"   the next request is answered: {served.transcribes()}")


def is_at_rest(served: ServedProcess) -> bool:
    """Return whether neither the server nor its workers use CPU time."""
    busy_s = served.busy_s()
    time.sleep(_REST_S)
    return served.busy_s() - busy_s < _REST_S / 20


def seconds_until(holds: Callable[[], bool], otherwise: str) -> float:
    """Wait until a condition holds.

    Returns:
        The time waited, in seconds.

    Raises:
        SystemExit: The condition does not hold in time.
    """
    began_s = time.perf_counter()
    while not holds():
        if time.perf_counter() - began_s > _SETTLE_S:
            raise SystemExit(otherwise)
        time.sleep(0.01)
    return time.perf_counter() - began_s


if __name__ == "__main__":
    main()
