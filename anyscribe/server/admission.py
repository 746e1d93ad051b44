"""How much is done at a time: a place for every request that is let in, a turn for every one that is transcribed."""

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
"""How much the latest turn counts against all those before it."""

_LONGEST_WAIT_S: Final = 60
_STOPPING: Final = Failure(503, "the server is stopping; try again later", headers={"Retry-After": "5"})


class Admission:
    """Lets requests in as long as there is room, and on as long as nobody is before them.

    Args:
        jobs: How many have their turn at a time.
        queue: How many may wait for theirs; also those whose upload is under way.
        clock: Tells the time in seconds.
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
        """Hold a place for as long as the context lasts.

        Raises:
            RefusedError: There is none.
        """
        if self.taken >= self._room:
            raise RefusedError(self._busy())
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    def open(self) -> AbstractAsyncContextManager[None]:
        """Make a context that is given up when the slots are closed.

        Raises:
            RefusedError: They are.
        """
        return given_up_when(self._closed.wait(), RefusedError(_STOPPING))

    async def in_turn(self, begin: Callable[[], Work[T]]) -> Work[T]:
        """Wait for a turn, first come, first served, and begin some work; the turn ends with the work.

        Args:
            begin: Begins it.

        Returns:
            The work.
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
        """Give up all that is under way, and all that comes."""
        self._closed.set()

    def _end_turn(self, ended: asyncio.Future[Any], began_s: float) -> None:
        self._turns.release()
        # Only of what came to its end: what was given up tells nothing about how long it takes.
        if not ended.cancelled() and ended.exception() is None:
            self._mean_s += _WEIGHT * (self._clock() - began_s - self._mean_s)

    def _busy(self) -> Failure:
        waiting = max(1, self.taken - self._jobs)
        wait_s = min(max(math.ceil(self._mean_s * waiting / self._jobs), 1), _LONGEST_WAIT_S)
        return Failure(
            429,
            f"the server has {self.taken} requests under way and takes no more; try again in {wait_s} s",
            code="rate_limit_exceeded",
            headers={"Retry-After": str(wait_s)},
        )
