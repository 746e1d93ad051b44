"""What a batch reports while it works: which recording an event belongs to, and how each one ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyscribe.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.batch.outputs import Job
    from anyscribe.errors import AnyscribeError
    from anyscribe.places import Location
    from anyscribe.transcript import Finding


@dataclass(frozen=True, slots=True)
class JobEvent(Event):
    """An event of the work on a recording."""

    job: Job
    event: Event


@dataclass(frozen=True, slots=True)
class JobStarted(Event):
    """The work on a recording begins; it may begin a second time, after a failure.

    Args:
        job: The recording's job.
        worker: The address of the worker that does it; empty for this process.
    """

    job: Job
    worker: str = ""


@dataclass(frozen=True, slots=True)
class JobsArrived(Event):
    """Further recordings are there."""

    jobs: Sequence[Job]


@dataclass(frozen=True, slots=True)
class JobLeft(Event):
    """The work on a recording ends without an outcome: it is tried again later, or not at all."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobTranscribed(Event):
    """A recording's whole text is known; its results are not written yet.

    Args:
        job: The recording.
        findings: What looks wrong about its transcript.
    """

    job: Job
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class JobDone(Event):
    """All results of a recording are written."""

    job: Job
    written: Sequence[Location]


@dataclass(frozen=True, slots=True)
class JobSkipped(Event):
    """Some files of a recording existed already and were kept; the others, if any, are still made."""

    job: Job
    kept: Sequence[Location]


@dataclass(frozen=True, slots=True)
class Stopping(Event):
    """The run was interrupted; answers that are under way are waited for.

    Args:
        under_way: How many there are.
        longest_s: How long they are waited for, in seconds.
    """

    under_way: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class JobFailed(Event):
    """A recording has no result."""

    job: Job
    error: AnyscribeError


@dataclass(frozen=True, slots=True)
class Tick(Event):
    """Time has passed and nothing else has happened."""
