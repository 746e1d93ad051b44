"""The processes of `anyscribe.workers`. Imported when the first one is needed: multiprocessing takes time to load."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Keep NumPy's libraries from starting threads, which would wait for each other when all cores are busy."""


class _Pool(ProcessPoolExecutor):
    """A pool whose workers ignore Ctrl-C from the start: one that is still importing would print a traceback."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as in the base class
        """Submit a call with SIGINT blocked: it starts the workers, which inherit the signal mask."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(*args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def new_pool(workers: int) -> ProcessPoolExecutor:
    """Make a pool; no process is started before there is work for it.

    Args:
        workers: Maximum number of processes.
    """
    return _Pool(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare_worker)


def terminate_workers() -> None:
    """Ask every worker process to end."""
    for child in multiprocessing.active_children():
        child.terminate()


@contextlib.contextmanager
def put_off_end() -> Iterator[None]:
    """Ignore termination while a worker has files on the disk; the pool repeats its request to terminate.

    It does nothing outside a worker.
    """
    if multiprocessing.parent_process() is None:
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, which ends its workers itself; exit if the parent was killed; use one core."""
    for variable in _THREADS:
        os.environ.setdefault(variable, "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
