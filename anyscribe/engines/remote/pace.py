"""One pace for all requests of a run: how many at a time, and how soon after each other.

Nothing is known of a server's limits before it speaks of them. So the number of requests at a time doubles with each
round of successes until the server refuses one; then it falls, and rises by one after each round (as TCP does, RFC
5681). A wait that the server names shuts a
gate for all. From then on, requests start as far apart as the server has shown that it takes them: what it took since
the gate was last opened, over that time and the wait that it named. Servers that state what is left of a limit are kept
below it.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FIRST: Final = 4
"""So many requests at a time are tried first."""

_FALL: Final = 0.7
_JITTER: Final = 0.05
_FASTER: Final = 0.9
_FASTER_AFTER_S: Final = 60.0
"""Without a refusal for so long, requests start this much closer together."""

_SHORTEST_S: Final = 0.02
_POLL_S: Final = 0.25
_LONGEST_S: Final = 120.0

_REMAINING: Final = re.compile(r"x-ratelimit-remaining-(.+)", re.IGNORECASE)
_DURATION: Final = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


class Pace:
    """The pace of a run; safe to use from any thread.

    Args:
        most: The most requests at a time.
        check: Called while a request waits for its turn; it may raise to give up.
        clock: Returns seconds, from any start.
    """

    def __init__(
        self, most: int, check: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._check = check
        self._clock = clock
        self._changed = threading.Condition()
        self._limit = float(min(most, _FIRST))
        self._at_once = 0
        self._successes = 0
        self._is_refused = False
        self._fell_s = clock()
        # When the gate was last opened; before that, when the first request started.
        self._opened_s: float | None = None
        self._taken = 0
        self._gate_s = 0.0
        self._interval_s = 0.0
        self._next_s = 0.0
        self._eased_s = 0.0
        self._left: dict[str, _Left] = {}

    @property
    def is_shut(self) -> bool:
        """Whether a request would wait for its turn now."""
        with self._changed:
            return self._wait_s() > 0

    @property
    def is_free(self) -> bool:
        """Whether a request would not wait for its turn now, and no limit of the server is known."""
        with self._changed:
            return not (self._interval_s or self._left or self._is_refused) and self._wait_s() == 0

    def widen(self, most: int) -> None:
        """Allow another number of requests at a time from now on.

        Args:
            most: The most requests at a time.
        """
        with self._changed:
            self._most = most
            usual = self._limit if self._is_refused else max(self._limit, float(_FIRST))
            self._limit = min(usual, most)
            self._changed.notify_all()

    @contextlib.contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for a request's turn, and count it as under way while the context lasts."""
        with self._changed:
            while (wait_s := self._wait_s()) > 0:
                self._check()
                self._changed.wait(min(wait_s, _POLL_S))
            now_s = self._clock()
            self._at_once += 1
            self._next_s = now_s + self._interval_s * (1 + random.uniform(0, _JITTER))  # noqa: S311 - spreads requests
            if self._opened_s is None:
                self._opened_s = now_s
            for left in self._left.values():
                left.take(now_s)
            turn = Turn(self, now_s)
        try:
            yield turn
        finally:
            with self._changed:
                self._at_once -= 1
                self._changed.notify_all()

    def note_limits(self, headers: Mapping[str, str]) -> None:
        """Note what a server says is left of its limits, and until when.

        Args:
            headers: A reply's headers, in the forms of OpenAI, Groq and Azure; names are case-insensitive.
        """
        found = [(match[1].lower(), value) for name, value in headers.items() if (match := _REMAINING.fullmatch(name))]
        for kind, value in found:
            left = _number(value)
            reset_s = read_duration(headers.get(f"x-ratelimit-reset-{kind}", ""))
            if left is None or reset_s is None:
                continue
            whole = _number(headers.get(f"x-ratelimit-limit-{kind}", ""))
            with self._changed:
                # Those under way may not have been counted by the server.
                spare = left - self._at_once + 1 if kind.startswith("request") else left
                # The time is until all of the limit is there again; one more request is, sooner.
                is_whole_known = whole is not None and whole > left
                each_s = min(reset_s / (whole - left) if whole is not None and is_whole_known else reset_s, _LONGEST_S)
                self._left[kind] = _Left(spare, self._clock() + each_s, each_s if is_whole_known else 0)

    def _wait_s(self) -> float:
        """Return how long to wait before looking again; 0 if a request may start."""
        now_s = self._clock()
        opens_s = max(self._gate_s, self._next_s)
        for left in self._left.values():
            if left.requests < 1:
                opens_s = max(opens_s, left.next_s)
        if opens_s > now_s:
            return opens_s - now_s
        return 0.0 if self._at_once < int(self._limit) else _POLL_S

    def _succeeded(self) -> None:
        with self._changed:
            self._taken += 1
            self._successes += 1
            if not self._is_refused or self._successes >= int(self._limit):
                self._successes = 0
                self._limit = min(self._limit + 1, self._most)
            now_s = self._clock()
            if self._interval_s and now_s - max(self._fell_s, self._eased_s) > _FASTER_AFTER_S:
                self._eased_s = now_s
                self._interval_s *= _FASTER
                if self._interval_s < _SHORTEST_S:
                    self._interval_s = 0.0

    def _refused(self, started_s: float, wait_s: float | None) -> None:
        with self._changed:
            now_s = self._clock()
            if wait_s is not None:
                self._gate_s = max(self._gate_s, now_s + wait_s * (1 + random.uniform(0, _JITTER)))  # noqa: S311 - as above
            if started_s < self._fell_s:
                # It belongs to a round that has been answered for.
                return
            self._limit = max(1.0, self._limit * _FALL)
            self._successes = 0
            self._is_refused = True
            if wait_s is not None:
                span_s = now_s - (started_s if self._opened_s is None else self._opened_s) + wait_s
                self._interval_s = min(span_s / max(self._taken, 1), _LONGEST_S)
                self._opened_s = now_s + wait_s
                self._taken = 0
            self._fell_s = now_s


@dataclass(slots=True)
class _Left:
    """What is left of a limit that a server states.

    Args:
        requests: How many requests may start.
        next_s: When one more may, if none is left.
        each_s: How long it takes until one more may after that; 0 if it is not known, since all may.
    """

    requests: float
    next_s: float
    each_s: float

    def take(self, now_s: float) -> None:
        """Take one, or the one that there is again."""
        if self.requests >= 1:
            self.requests -= 1
        else:
            self.next_s = now_s + self.each_s


class Turn:
    """A request's turn.

    Args:
        pace: The pace.
        started_s: When it began.
    """

    def __init__(self, pace: Pace, started_s: float) -> None:
        self._pace = pace
        self._started_s = started_s

    def succeeded(self) -> None:
        """Note that it was answered."""
        self._pace._succeeded()  # noqa: SLF001 - a part of it

    def refused(self, wait_s: float | None) -> None:
        """Note that it was refused because there are too many.

        Args:
            wait_s: The wait that the server names, in seconds; None if it names none.
        """
        self._pace._refused(self._started_s, wait_s)  # noqa: SLF001 - as above


def read_duration(text: str) -> float | None:
    """Read when a limit is there again: ``12``, ``120ms``, ``6m0s``, ``2m59.56s``, ``1h0m0s``.

    Args:
        text: The header's value.

    Returns:
        Seconds; None if it is no such time.
    """
    text = text.strip()
    number = _number(text)
    if number is not None:
        return number
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        return None
    try:
        hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
    except ValueError:
        return None
    return 3600 * hours + 60 * minutes + seconds + milliseconds / 1000


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,15}(\.\d+)?", text.strip()) else None
