"""Processes that work beside this one, for what holds the interpreter's lock; they end with it, however it ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

_ORDERLY_END_S: Final = 5.0
_INTERRUPTED_END_S: Final = 3.0
"""Whoever pressed Ctrl-C waits for a twentieth of this, but where the machine is so busy that a worker which is just
being started needs longer: one that we left behind would complain in our name."""


_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What keeps NumPy's libraries from starting threads, which would wait for each other where all processors work."""


class _Pool(ProcessPoolExecutor):
    """Starts its workers deaf to Ctrl-C: one that is still importing would answer it with a traceback."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as its base has it
        """Submit a call; this is where workers are started, and they inherit what is blocked meanwhile."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(*args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Workers(Executor):
    """Workers that are replaced when one of them dies: what killed it costs one recording, not all that follow."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._pool = self._new_pool()
        # Once it is set, workers that die are not missed any more.
        self.is_ending = threading.Event()

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as its base has it
        """Submit a call."""
        with self._lock:
            try:
                return self._pool.submit(*args, **kwargs)
            except BrokenProcessPool:
                if self.is_ending.is_set():
                    raise
                self._pool.shutdown(wait=False)
                self._pool = self._new_pool()
                return self._pool.submit(*args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """Let the workers end."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def _new_pool(self) -> _Pool:
        context = multiprocessing.get_context("spawn")
        return _Pool(self._workers, mp_context=context, initializer=_prepare_worker)


def usable_cores() -> int:
    """Count the cores that this process may use, which may not be all that there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def worker_pool(workers: int) -> Iterator[Executor]:
    """Run workers for as long as the context lasts.

    Args:
        workers: How many processes at the most; each takes about 100 MiB.

    Yields:
        Where functions of modules can be submitted. When the context ends with an exception, what is still being done
        is abandoned.
    """
    pool = _Workers(workers)
    try:
        yield pool
    except BaseException:
        _end(pool, _INTERRUPTED_END_S)
        raise
    _end(pool, _ORDERLY_END_S)


def are_ending(workers: Executor) -> bool:
    """Tell whether work that broke off did so because nobody waits for it any more, not because a worker died.

    Args:
        workers: Where the work was done.
    """
    return isinstance(workers, _Workers) and workers.is_ending.is_set()


@contextlib.contextmanager
def put_off_end() -> Iterator[None]:
    """Keep a worker from being ended while it has something on the disk: the pool asks it to end again and again.

    It does nothing where the work is not done by a worker.
    """
    if multiprocessing.parent_process() is None:
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(pool: _Workers, longest_s: float) -> None:
    """End the workers at once, and with them the pool's semaphores, which would outlive a process that just exits.

    The pool itself waits for ever where a worker that is just being started is not told of the end. Nothing is lost:
    where work was done, no worker works; where it was interrupted, nobody waits for what is under way.
    """
    pool.is_ending.set()
    closing = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
    closing.start()
    ends_s = time.monotonic() + longest_s
    while closing.is_alive() and time.monotonic() < ends_s:
        for child in multiprocessing.active_children():
            child.terminate()
        closing.join(0.01)


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, which ends its workers itself; follow a parent that was killed; use one processor."""
    for variable in _THREADS:
        os.environ.setdefault(variable, "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
