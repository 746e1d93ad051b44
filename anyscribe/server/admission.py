"""Limit the load: each admitted request holds a place, each request being transcribed also holds a turn."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from anyscribe.server.cancellation import given_up_when
from anyscribe.server.failures import Failure, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from anyscribe.server.cancellation import Work

    T = TypeVar("T")

_FIRST_GUESS_S: Final = 5.0
_WEIGHT: Final = 0.2
"""The weight of the latest turn in the moving average of turn durations."""

_LONGEST_WAIT_S: Final = 60
_STOPPING: Final = Failure(503, "the server is stopping; try again later", headers={"Retry-After": "5"})


class Admission:
    """Admits requests while places are free, and gives admitted requests their turns in order.

    Args:
        jobs: The number of simultaneous turns.
        queue: How many requests may wait for their turn, including those still uploading.
        clock: Returns the time in seconds.
    """

    def __init__(self, jobs: int, queue: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs = jobs
        self._room = jobs + queue
        self._turns = asyncio.Semaphore(jobs)
        self._closed = asyncio.Event()
        self._clock = clock
        self._mean_s = _FIRST_GUESS_S
        self.taken = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place while the context is open.

        Raises:
            RefusedError: No place is free.
        """
        if self.taken >= self._room:
            raise RefusedError(self._busy())
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    def open(self) -> AbstractAsyncContextManager[None]:
        """Return a context whose body is cancelled when `close` is called.

        Raises:
            RefusedError: `close` was called; raised by the context.
        """
        return given_up_when(self._closed.wait(), RefusedError(_STOPPING))

    async def in_turn(self, begin: Callable[[], Work[T]]) -> Work[T]:
        """Wait for a turn, first come, first served, and start the work; the turn ends with the work.

        Args:
            begin: Starts the work.

        Returns:
            The work, started.
        """
        await self._turns.acquire()
        began_s = self._clock()
        try:
            work = begin()
        except BaseException:
            self._turns.release()
            raise
        work.future.add_done_callback(lambda ended: self._end_turn(ended, began_s))
        return work

    def close(self) -> None:
        """Cancel all requests in progress and refuse later ones."""
        self._closed.set()

    def _end_turn(self, ended: asyncio.Future[Any], began_s: float) -> None:
        self._turns.release()
        # Only completed work counts: the duration of cancelled or failed work says nothing about a full turn.
        if not ended.cancelled() and ended.exception() is None:
            self._mean_s += _WEIGHT * (self._clock() - began_s - self._mean_s)

    def _busy(self) -> Failure:
        waiting = max(1, self.taken - self._jobs)
        wait_s = min(max(math.ceil(self._mean_s * waiting / self._jobs), 1), _LONGEST_WAIT_S)
        return Failure(
            429,
            f"the server has {self.taken} requests in progress and takes no more; try again in {wait_s} s",
            code="rate_limit_exceeded",
            headers={"Retry-After": str(wait_s)},
        )
