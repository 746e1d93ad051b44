"""The threads of the workers that are used: each has a task of Dask's, which asks for recordings."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyscribe.cluster.connecting import slots_of
from anyscribe.cluster.worker import work
from anyscribe.errors import AnyscribeError, ClusterError
from anyscribe.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Future as Task

    from anyscribe.cluster.connecting import Cluster
    from anyscribe.cluster.looking import Machine
    from anyscribe.sentence import Text


@dataclass(frozen=True, slots=True)
class SlotWork:
    """What the tasks are to do.

    Args:
        run: What identifies the run.
        settings: What workers have to know, as `anyscribe.cluster.worker.work` takes it.
        look: Looks at a worker that has joined late, as the others were looked at before.
    """

    run: str
    settings: bytes
    look: Callable[[], Machine]


class Slots:
    """Keeps a task in each thread of the workers that are used, also of those that join late.

    A task ends after some seconds and is followed by another one, so that other runs on the same cluster have their
    turns.

    Args:
        cluster: The cluster.
        slot_work: What the tasks do.
        widen: Takes how many recordings are worked on at a time, whenever that changes.
        tell: Takes what the user should know.
        fail: Takes why nothing can be done any more.
    """

    def __init__(
        self,
        cluster: Cluster,
        slot_work: SlotWork,
        *,
        widen: Callable[[int], None],
        tell: Callable[[Text], None],
        fail: Callable[[AnyscribeError], None],
    ) -> None:
        self._cluster = cluster
        self._work = slot_work
        self._widen = widen
        self._tell = tell
        self._fail = fail
        self._lock = threading.Lock()
        self._is_over = False
        self._refused: dict[str, AnyscribeError] = {}
        self._tasks: dict[str, set[Task[None]]] = {}
        self._fill(dict(cluster.workers))

    @property
    def workers(self) -> frozenset[str]:
        """The addresses of the workers that are used."""
        return frozenset(self._tasks)

    def look(self) -> None:
        """Look which workers there are now."""
        found = slots_of(self._cluster.client, self._cluster.resources)
        with self._lock:
            lost = [self._tasks.pop(address) for address in [*self._tasks] if address not in found]
        for task in [task for tasks in lost for task in tasks]:
            task.cancel()
        self._fill(found)

    def close(self) -> None:
        """Begin no further task."""
        with self._lock:
            self._is_over = True

    def _fill(self, found: dict[str, int]) -> None:
        """Use workers that are not used yet, up to as many as may be."""
        most = self._cluster.most_workers
        for address, count in found.items():
            with self._lock:
                is_enough = most is not None and len(self._tasks) >= most
                if is_enough or address in self._tasks or address in self._refused:
                    continue
                self._tasks[address] = set()
            for _ in range(count):
                self._begin(address)
        self._widen(sum(found.get(address, 0) for address in self.workers))

    def _begin(self, address: str) -> None:
        look = None if address in self._cluster.workers else self._work.look
        with self._lock:
            if self._is_over or address not in self._tasks:
                return
            task = self._cluster.client.submit(
                work,
                self._work.run,
                self._work.settings,
                look,
                pure=False,
                workers=[address],
                resources=self._cluster.resources,
            )
            self._tasks[address].add(task)
        task.add_done_callback(lambda task: self._note_end(address, task))

    def _note_end(self, address: str, task: Task[None]) -> None:
        with self._lock:
            tasks = self._tasks.get(address)
            if self._is_over or tasks is None:
                # Its worker is lost.
                return
            tasks.discard(task)
        if task.status == "finished":
            self._begin(address)
        elif task.status == "error":
            self._refuse(address, task.exception())
        else:
            gone = "the cluster's scheduler is gone"
            self._fail(ClusterError(gone, remedy="start it again; the same command goes on from here"))

    def _refuse(self, address: str, error: Any) -> None:  # noqa: ANN401 - whatever Dask has got
        """Do without a worker that cannot do the work."""
        if not isinstance(error, AnyscribeError):
            error = ClusterError(f"the worker {address} cannot run anyscribe ({type(error).__name__}: {error})")
        with self._lock:
            is_known = address in self._refused
            self._refused[address] = error
            self._tasks.pop(address, None)
            is_last = not self._tasks
        if is_last:
            self._fail(error)
        elif not is_known:
            self._tell(Sentence("{} is left out: {}", address, error.message))
            with contextlib.suppress(Exception):
                self.look()
