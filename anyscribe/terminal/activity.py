"""A recording in work: what is being done for it, in a few words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from anyscribe.events import Aligning, Fetched, FindingSpeakers, Queued, Retrying, Sent, Transcribed

if TYPE_CHECKING:
    from anyscribe.events import Event

_MEGABYTE: Final = 1_000_000


class Phase(Enum):
    """What is being done for a recording."""

    READING = auto()
    FETCHING = auto()
    """A model is downloaded."""
    QUEUED = auto()
    """The request waits for its turn."""
    SENDING = auto()
    WAITING = auto()
    """All was sent; the server works."""
    TRANSCRIBING = auto()
    RETRYING = auto()
    ALIGNING = auto()
    FINDING_SPEAKERS = auto()
    WRITING = auto()


@dataclass(slots=True)
class Activity:
    """A recording in work.

    Args:
        name: Its name; empty for what belongs to no recording.
        since_s: When the phase began.
        phase: What is being done.
        done: How much of it is done: bytes, or milliseconds of sound.
        total: Of how much; when retrying, the seconds of the wait.
        model: The name of the model that is downloaded.
    """

    name: str
    since_s: float
    phase: Phase = Phase.READING
    done: float = 0
    total: float = 0
    model: str = ""

    @property
    def share(self) -> float | None:
        """How much of the phase is done, from 0 to 1; None if that cannot be told."""
        is_known = self.phase in (Phase.FETCHING, Phase.SENDING, Phase.TRANSCRIBING) and self.total
        return self.done / self.total if is_known else None

    def note(self, event: Event, now_s: float) -> None:
        """Take an event of the work.

        Args:
            event: Any event.
            now_s: The time.
        """
        match event:
            case Fetched(model, done, total):
                self.model = model
                self.enter(Phase.FETCHING if done < total else Phase.READING, now_s, done, total)
            case Queued():
                self.enter(Phase.QUEUED, now_s)
            case Sent(done, total):
                self.enter(Phase.SENDING if done < total else Phase.WAITING, now_s, done, total)
            case Transcribed(done, total):
                self.enter(Phase.TRANSCRIBING, now_s, done, total)
            case Retrying(_, wait_seconds):
                self.since_s = now_s
                self.enter(Phase.RETRYING, now_s, 0, wait_seconds)
            case Aligning():
                self.enter(Phase.ALIGNING, now_s)
            case FindingSpeakers():
                self.enter(Phase.FINDING_SPEAKERS, now_s)
            case _:
                pass

    def enter(self, phase: Phase, now_s: float, done: float = 0, total: float = 0) -> None:
        """Enter a phase, or go on in it.

        Args:
            phase: The phase.
            now_s: The time.
            done: How much of it is done.
            total: Of how much.
        """
        if self.phase is not phase:
            self.phase, self.since_s = phase, now_s
        self.done, self.total = done, total

    def told(self, now_s: float) -> str:
        """Say what is being done.

        Args:
            now_s: The time.
        """
        seconds = now_s - self.since_s
        megabytes = f"{self.done / _MEGABYTE:,.1f}/{self.total / _MEGABYTE:,.1f} MB"
        texts = {
            Phase.FETCHING: f"downloading the model, {megabytes}",
            Phase.QUEUED: "queued",
            Phase.SENDING: f"sending {megabytes}",
            Phase.WAITING: f"waiting {seconds:.0f} s",
            Phase.TRANSCRIBING: f"{told_time(self.done / 1000)} of {told_time(self.total / 1000)}",
            Phase.RETRYING: f"again in {max(self.total - seconds, 0):.0f} s",
            Phase.ALIGNING: f"timing the words, {seconds:.0f} s",
            Phase.FINDING_SPEAKERS: f"finding speakers, {seconds:.0f} s",
        }
        return texts.get(self.phase) or self.phase.name.lower()


def told_time(seconds: float) -> str:
    """Format a length of time: ``2:05``, ``1:02:05``.

    Args:
        seconds: Not negative; fractions are dropped.
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, rest_minutes = divmod(minutes, 60)
    return f"{hours}:{rest_minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
