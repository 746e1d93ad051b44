"""Threads that wait for what workers do: as many as there are recordings worked on, which may change."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class ElasticThreads(Executor):
    """An executor whose number of threads may change; safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._width = 0
        self._threads = 0
        self._idle = 0

    def widen(self, width: int) -> None:
        """Use another number of threads from now on.

        Args:
            width: How many; those beyond it end what they are doing.
        """
        with self._changed:
            self._width = width
            self._start()
            self._changed.notify_all()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401 - as its base
        """See `concurrent.futures.Executor.submit`."""
        future = Future[T]()
        with self._changed:
            self._waiting.append((future, lambda: fn(*args, **kwargs)))
            self._start()
            self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """Begin nothing new; what is being done is not waited for."""
        del wait, cancel_futures
        with self._changed:
            waiting, self._waiting = self._waiting, deque()
            self._width = 0
            self._changed.notify_all()
        for future, _ in waiting:
            future.cancel()

    def _start(self) -> None:
        """Start the threads that are missing; to be called under the lock."""
        while self._threads < self._width and len(self._waiting) > self._idle:
            self._threads += 1
            self._idle += 1
            threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._threads > self._width)
                self._idle -= 1
                if self._threads > self._width:
                    self._threads -= 1
                    return
                future, call = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    result = call()
                except BaseException as error:  # noqa: BLE001 - it belongs to who waits for it
                    future.set_exception(error)
                else:
                    future.set_result(result)
            with self._changed:
                self._idle += 1
