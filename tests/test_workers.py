"""Worker processes start, and are replaced if one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from anyscribe.workers import worker_pool


def test_worker_that_dies_costs_one_task():
    """A task that kills its worker fails alone; the next task gets a new worker."""
    with worker_pool(1) as pool:
        first = pool.submit(os.getpid).result(30)
        with pytest.raises(BrokenProcessPool):
            pool.submit(os._exit, 9).result(30)
        assert pool.submit(os.getpid).result(30) not in {first, os.getpid()}


def test_work_that_is_interrupted_is_abandoned():
    """If the context ends with an exception, it waits for no worker and leaves none running."""
    started = time.monotonic()

    def interrupted() -> None:
        with worker_pool(1) as pool:
            assert pool.submit(os.getpid).result(30) != os.getpid()
            pool.submit(time.sleep, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started < 30
    assert multiprocessing.active_children() == []
