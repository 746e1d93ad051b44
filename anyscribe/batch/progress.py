"""What a batch says while it works: which recording an event belongs to, and how each one ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyscribe.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anyscribe.batch.outputs import Job
    from anyscribe.errors import AnyscribeError


@dataclass(frozen=True, slots=True)
class JobEvent(Event):
    """Something that was said while a recording was transcribed."""

    job: Job
    event: Event


@dataclass(frozen=True, slots=True)
class JobHeard(Event):
    """All that a recording says is known; its results are still to be written."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobDone(Event):
    """All results of a recording are where they belong."""

    job: Job
    written: Sequence[Path]


@dataclass(frozen=True, slots=True)
class JobSkipped(Event):
    """Files of a recording's were there already and were kept; the others, if any, are still made."""

    job: Job
    kept: Sequence[Path]


@dataclass(frozen=True, slots=True)
class JobFailed(Event):
    """A recording has no result."""

    job: Job
    error: AnyscribeError


@dataclass(frozen=True, slots=True)
class Tick(Event):
    """Time has passed and nothing else has happened."""
