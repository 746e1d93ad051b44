"""Worker processes for work that holds the interpreter's lock; they end with this process, however it ends."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from concurrent.futures import BrokenExecutor, Executor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future, ProcessPoolExecutor

_ORDERLY_END_S: Final = 5.0
_INTERRUPTED_END_S: Final = 3.0
"""After Ctrl-C, the workers usually end within a twentieth of this. On a busy machine, a worker that is being started
needs longer, and one left behind would print errors in our name."""


class _Workers(Executor):
    """An executor that replaces its workers when one of them dies: a crash costs one recording, not all later ones."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        # Once it is set, no worker is started.
        self.is_ending = threading.Event()

    def stop(self) -> bool:
        """Start and replace no more workers; return whether there are any."""
        self.is_ending.set()
        with self._lock:
            return self._pool is not None

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as in the base class
        """Submit a call."""
        from anyscribe.process_pool import new_pool  # noqa: PLC0415 - loads multiprocessing

        with self._lock:
            if self._pool is None:
                if self.is_ending.is_set():
                    raise BrokenExecutor("the program is ending")
                self._pool = new_pool(self._workers)
            try:
                return self._pool.submit(*args, **kwargs)
            except BrokenExecutor:
                if self.is_ending.is_set():
                    raise
                self._pool.shutdown(wait=False)
                self._pool = new_pool(self._workers)
                return self._pool.submit(*args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """Shut the workers down."""
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)


def usable_cores() -> int:
    """Return the number of cores that this process may use; the machine may have more."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def worker_pool(workers: int) -> Iterator[Executor]:
    """Run worker processes while the context lasts.

    Args:
        workers: Maximum number of processes; each takes about 100 MiB.

    Yields:
        An executor for module-level functions. If the context ends with an exception, running work is abandoned.
    """
    pool = _Workers(workers)
    try:
        yield pool
    except BaseException:
        _end(pool, _INTERRUPTED_END_S)
        raise
    _end(pool, _ORDERLY_END_S)


def are_ending(workers: Executor) -> bool:
    """Return whether work was aborted because the pool is ending, not because a worker died.

    Args:
        workers: The executor that ran the work.
    """
    return isinstance(workers, _Workers) and workers.is_ending.is_set()


def _end(pool: _Workers, longest_s: float) -> None:
    """End the workers at once, and with them the pool's semaphores, which would outlive a process that just exits.

    The pool itself waits forever if a worker that is being started misses the shutdown. Nothing is lost: after an
    orderly end, no worker is busy; after an interruption, running work is no longer needed.
    """
    if not pool.stop():
        return
    from anyscribe.process_pool import terminate_workers  # noqa: PLC0415 - loaded with the first worker

    closing = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
    closing.start()
    ends_s = time.monotonic() + longest_s
    while closing.is_alive() and time.monotonic() < ends_s:
        terminate_workers()
        closing.join(0.01)
