"""What the core rooms say while they work; the terminal draws it, tests collect it, a server streams it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""


@dataclass(frozen=True, slots=True)
class Sent(Event):
    """So much of the request's body has been handed to the network; ``done_bytes == total_bytes`` is the end of it."""

    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Transcribed(Event):
    """So much of the recording's sound has been transcribed, in milliseconds."""

    done_ms: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class Delta(Event):
    """The next piece of the text, as soon as it is known; only where the request asked for a stream.

    Joined in order, and without white space around the whole, they are the transcript's text, unless a server corrects
    itself in the end. What was told is not taken back: no attempt is made again after the first one.

    Args:
        text: Never empty; white space in it counts, also at its start and end.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Fetched(Event):
    """So much of a built-in model's weights has been fetched; ``total_bytes`` may grow until all files are known."""

    model: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """An attempt failed in a way that may pass; the next one starts after ``wait_seconds``."""

    reason: str
    wait_seconds: float
    attempt: int


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something that the user should know although the work goes on, as one line.

    Args:
        message: The line.
        of_recording: Whether it tells of this recording; else it would be the same for any other.
    """

    message: str
    of_recording: bool = False


@dataclass(frozen=True, slots=True)
class Aligning(Event):
    """The text is there, and now its words are being timed on this machine."""


@dataclass(frozen=True, slots=True)
class Doubted(Event):
    """Something about a finished transcript looks wrong: a stretch of speech without text, a phrase said in a loop.

    Args:
        finding: One line, with the place where it is known.
    """

    finding: str


@dataclass(frozen=True, slots=True)
class Trace(Event):
    """A line for those who asked to see what is sent and received; never holds a key."""

    message: str


Emit = Callable[[Event], None]
"""How a core room speaks: called from any thread, and returns soon.

It may raise, which is how work is given up that nobody waits for any more: what it raises passes through whoever
emits, who cleans up behind it.
"""
