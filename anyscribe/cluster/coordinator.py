"""The coordinator's side of the lines: answers workers, passes on what they tell, and knows which ones are lost."""

from __future__ import annotations

import contextlib
import pickle
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from distributed import Queue

from anyscribe.cluster.channel import ALIVE, ANSWER, END, STOP
from anyscribe.cluster.services import QUICK, WAITING, Holdings
from anyscribe.cluster.task import ALIVE_S, alone, queue_of, topic_of
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distributed import Client

    from anyscribe.cluster.services import Services
    from anyscribe.events import Event

_WAITERS: Final = 4096
_SERVANTS: Final = 8
_TOLD_S: Final = 10.0
"""What a worker has told before its task ended arrives sooner than this, or not at all."""


@dataclass(slots=True, eq=False)
class _WorkerView:
    """A worker's line, as the coordinator sees it.

    Args:
        address: The worker's.
        queue: What the worker listens to.
        holdings: What the worker holds.
        batches: How many batches have been read.
        is_gone: Whether the worker is lost.
    """

    address: str
    queue: Queue
    holdings: Holdings = field(default_factory=Holdings)
    batches: int = 0
    is_gone: bool = False


class Coordinator:
    """Serves the workers of one run.

    Args:
        client: Dask's client.
        run: What identifies the run.
        services: Does what workers ask for.
        tell: Takes the worker's address, the number of a job, and an event of the work on it.
    """

    def __init__(self, client: Client, run: str, services: Services, tell: Callable[[str, int, Event], None]) -> None:
        self._client = client
        self._loop: Any = client.loop
        self._services = services
        self._tell = tell
        self._changed = threading.Condition()
        self._views: dict[str, _WorkerView] = {}
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._is_over = threading.Event()
        self._waiters = ThreadPoolExecutor(_WAITERS)
        self._servants = ThreadPoolExecutor(_SERVANTS)
        for topic in (topic_of(run), "all"):
            client.subscribe_topic(topic, lambda event: self._inbox.put(event[1]))
        for endless in (self._read, self._be_there):
            threading.Thread(target=endless, daemon=True).start()

    def wait_for(self, line: str, batches: int) -> None:
        """Wait until everything has been read that a worker has sent.

        Args:
            line: What identifies the worker's line; empty for none.
            batches: How many batches it has sent.
        """

        def is_read() -> bool:
            view = self._views.get(line)
            return view is not None and (view.batches >= batches or view.is_gone)

        if line:
            with self._changed:
                self._changed.wait_for(is_read, _TOLD_S)

    def close(self) -> None:
        """Tell the workers that the run is over."""
        self._is_over.set()
        self._put_all((END,))
        self._inbox.put(None)
        for pool in (self._waiters, self._servants):
            pool.shutdown(wait=False, cancel_futures=True)

    def _be_there(self) -> None:
        """Let the workers know that somebody is there, and whether the run is stopping."""
        with contextlib.suppress(StoppedError):
            while not self._is_over.is_set():
                self._put_all((ALIVE,))
                self._services.stop.sleep(ALIVE_S)
        self._put_all((STOP,))
        while not self._is_over.wait(ALIVE_S):
            self._put_all((ALIVE,))

    def _put_all(self, message: tuple[Any, ...]) -> None:
        for view in [*self._views.values()]:
            self._put(view, message)

    def _put(self, view: _WorkerView, message: tuple[Any, ...]) -> None:
        data = pickle.dumps(message)

        async def put() -> None:
            # A worker or scheduler that is gone needs no answer.
            with contextlib.suppress(Exception):
                await view.queue.put(data, asynchronous=True)

        if not view.is_gone:
            self._loop.add_callback(put)

    def _read(self) -> None:
        while (message := self._inbox.get()) is not None:
            if isinstance(message, dict):
                if message.get("action") == "remove-worker":
                    self._lose(message.get("worker", ""))
                continue
            name, address, batches, data = message
            view = self._view(name, address)
            for kind, *arguments in pickle.loads(data):  # noqa: S301 - as Dask does
                self._serve(view, kind, arguments)
            with self._changed:
                view.batches = batches
                self._changed.notify_all()

    def _view(self, name: str, address: str) -> _WorkerView:
        view = self._views.get(name)
        if view is None:
            view = _WorkerView(address, Queue(queue_of(name), self._client))
            self._views = {**self._views, name: view}
            if self._services.stop.is_begun:
                self._put(view, (STOP,))
        return view

    def _lose(self, address: str) -> None:
        """Give up what a lost worker holds; its recordings begin anew elsewhere."""
        for view in self._views.values():
            if view.address == address:
                with self._changed:
                    view.is_gone = True
                    self._changed.notify_all()
                view.holdings.leave_all()

    def _serve(self, view: _WorkerView, kind: str, arguments: Sequence[Any]) -> None:
        do = self._services.do
        if kind == "tell":
            self._tell(view.address, *arguments)
        elif kind == "call":
            number, name, given = arguments
            pool = self._waiters if name in WAITING else self._servants
            pool.submit(self._answer, view, number, name, given)
        elif kind in QUICK:
            do(view.holdings, kind, arguments)
        else:
            self._servants.submit(do, view.holdings, kind, arguments)

    def _answer(self, view: _WorkerView, number: int, name: str, arguments: Sequence[Any]) -> None:
        try:
            value = self._services.do(view.holdings, name, arguments)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the worker's
            self._put(view, (ANSWER, number, False, alone(error)))
        else:
            self._put(view, (ANSWER, number, True, value))
