"""What the core rooms report while they work. The terminal draws it, tests collect it, the server streams it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.sentence import Text


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """The recording can be read.

    Args:
        length_ms: Its length in milliseconds; None if that cannot be told.
    """

    length_ms: int | None


@dataclass(frozen=True, slots=True)
class Queued(Event):
    """The request waits for its turn: the server is not asked more at a time, or not yet."""


@dataclass(frozen=True, slots=True)
class Sent(Event):
    """Part of the request's body has been handed to the network; ``done_bytes == total_bytes`` is its end."""

    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Transcribed(Event):
    """Part of the recording has been transcribed, in milliseconds of audio."""

    done_ms: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class Delta(Event):
    """The next part of the text, as soon as it is known; only if the request asked for a stream.

    Joined in order, and without white space around the whole, the deltas are the transcript's text, unless the server
    corrects itself at the end. Text is never taken back: after the first delta the request is not retried.

    Args:
        text: Never empty; white space in it counts, also at its start and end.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Fetched(Event):
    """Part of a built-in model's weights has been downloaded; ``total_bytes`` may grow until all files are known."""

    model: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """An attempt failed for a temporary reason; the next one starts after ``wait_seconds``."""

    reason: Text
    wait_seconds: float
    attempt: int


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something that the user should know although the work goes on.

    Args:
        message: One line.
        of_recording: Whether it is about this recording; otherwise it would be the same for any other.
    """

    message: Text
    of_recording: bool = False


@dataclass(frozen=True, slots=True)
class Aligning(Event):
    """The text is known, and its words are now being timed on this machine."""


@dataclass(frozen=True, slots=True)
class FindingSpeakers(Event):
    """The text is known, and its speakers are now being told apart on this machine."""


@dataclass(frozen=True, slots=True)
class Trace(Event):
    """A line of detail: what is sent and received. It never holds a key."""

    message: Text


Emit = Callable[[Event], None]
"""How a core room reports: called from any thread, and returns soon.

It may raise. That is how work is cancelled: the exception passes through the caller, which cleans up.
"""
