"""Time whole processes alternately, so that changes of the machine's speed do not affect the comparison."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = str(Path(sys.executable).with_name("anyscribe"))
"""The program installed with the Python that runs the benchmark."""

SAMPLE = Path(__file__).parent.parent / "samples" / "library.flac"


@dataclass(frozen=True)
class Measured:
    """One finished process."""

    wall_s: float
    peak_mib: float


def run_once(command: Sequence[str], *, cores: set[int] | None = None) -> Measured:
    """Run a command to completion, discarding its output.

    Args:
        command: Program and arguments.
        cores: The cores that it may use; None means all.

    Raises:
        SystemExit: The command failed, so that its figures would be meaningless.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,  # noqa: PLW1509 - no threads here
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024)


def _environment() -> Mapping[str, str]:
    own = ("ANYSCRIBE_", "ANYAPI_", "OPENAI_")
    # Modules are compiled once, as in an installed program.
    dropped = ("PYTHONDONTWRITEBYTECODE",)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own) and name not in dropped}
    # Every run shall ask.
    return {**kept, "ANYSCRIBE_NO_STORE": "1"}


def side_by_side(
    ours: Sequence[str], theirs: Sequence[str], *, runs: int
) -> tuple[list[Measured], list[Measured], float]:
    """Run two commands alternately, after one run of each that is not counted.

    Returns:
        The runs of each, and the median of the ratios of their wall times, pair by pair.
    """
    run_once(ours)
    run_once(theirs)
    pairs = [(run_once(ours), run_once(theirs)) for _ in range(runs)]
    ratio = statistics.median(our.wall_s / their.wall_s for our, their in pairs)
    return [our for our, _ in pairs], [their for _, their in pairs], ratio


def median_s(measured: Sequence[Measured]) -> float:
    """Return the median of the wall times, in seconds."""
    return statistics.median(one.wall_s for one in measured)


def peak_mib(measured: Sequence[Measured]) -> float:
    """Return the largest peak of resident memory, in MiB."""
    return max(one.peak_mib for one in measured)
