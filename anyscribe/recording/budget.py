"""What a run will take, and how much it may: minutes of sound, requests, bytes, money."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from anyscribe.errors import BudgetError
from anyscribe.sentence import Option, Sentence

_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a recording will take.

    Args:
        length_ms: Its length in milliseconds; None if that cannot be told.
        asked_ms: How much of it will be asked about, in milliseconds; the rest is in the store.
        requests: How many requests that takes, at least.
        upload_bytes: About how much is uploaded.
    """

    length_ms: int | None
    asked_ms: int
    requests: int
    upload_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may take.

    Args:
        max_minutes: Minutes of sound; None for any.
        price_per_minute: What a minute costs, in any currency; None if unknown.
        max_cost: What all may cost; None for any.
    """

    max_minutes: float | None = None
    price_per_minute: float | None = None
    max_cost: float | None = None

    def cost(self, asked_ms: int) -> float | None:
        """Return what it costs to ask about so much sound; None if no price is known.

        Args:
            asked_ms: Milliseconds.
        """
        return None if self.price_per_minute is None else asked_ms / _MINUTE_MS * self.price_per_minute


class Budget:
    """What a run may still take; safe to use from any thread.

    Args:
        limits: How much it may take.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self.asked_ms = 0
        """How much sound was asked about so far, in milliseconds."""

    @property
    def is_limited(self) -> bool:
        """Whether it can be used up."""
        return self._limits.max_minutes is not None or self._limits.max_cost is not None

    @property
    def cost(self) -> float | None:
        """What that cost; None if no price is known."""
        return self._limits.cost(self.asked_ms)

    def take(self, asked_ms: int) -> None:
        """Take a part of it, before anything is sent.

        Args:
            asked_ms: How much sound is asked about, in milliseconds.

        Raises:
            BudgetError: There is not enough left.
        """
        limits = self._limits
        with self._lock:
            after_ms = self.asked_ms + asked_ms
            if limits.max_minutes is not None and after_ms > limits.max_minutes * _MINUTE_MS:
                raise _over(Option("max_minutes", f"{limits.max_minutes:g}"))
            cost = limits.cost(after_ms)
            if limits.max_cost is not None and cost is not None and cost > limits.max_cost:
                raise _over(Option("max_cost", f"{limits.max_cost:g}"))
            self.asked_ms = after_ms

    def give_back(self, unasked_ms: int) -> None:
        """Give back what was taken and not asked about, because the run is stopping.

        Args:
            unasked_ms: How much, in milliseconds.
        """
        with self._lock:
            self.asked_ms -= unasked_ms


def _over(limit: Option) -> BudgetError:
    message = Sentence("it would take the run beyond {}", limit)
    return BudgetError(message, remedy="raise the limit; what was done is kept")
