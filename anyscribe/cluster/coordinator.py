"""The coordinator's side of the lines: answers workers, passes on what they tell, and knows which ones are lost."""

from __future__ import annotations

import contextlib
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from distributed import Queue

from anyscribe.cluster.channel import ALIVE, ANSWER, END, STOP
from anyscribe.cluster.services import WAITING, Holdings
from anyscribe.cluster.task import ALIVE_S, alone, queue_of, topic_of
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distributed import Client

    from anyscribe.cluster.services import Services
    from anyscribe.cluster.task import Outcome
    from anyscribe.events import Event

_WAITERS: Final = 4096


class _WorkerView:
    """A worker's line, as the coordinator sees it: what it tells is done in order, in a thread of its own.

    Args:
        address: The worker's.
        queue: What the worker listens to.
        loop: Dask's.
    """

    def __init__(self, address: str, queue: Queue, loop: Any) -> None:  # noqa: ANN401 - tornado's
        self.address: Final = address
        self.holdings: Final = Holdings()
        self.told: Final[SimpleQueue[bytes | None]] = SimpleQueue()
        """What the worker has told; None once it is lost, or the run is over."""

        self.is_gone = False
        """Whether the worker is lost."""

        self._queue = queue
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[tuple[Any, ...]] = []
        self._is_putting = False

    def put(self, message: tuple[Any, ...]) -> None:
        """Have the worker hear something; what comes while something is under way goes together."""
        with self._lock:
            self._waiting.append(message)
            if self._is_putting or self.is_gone:
                return
            self._is_putting = True
        self._loop.add_callback(self._put_all)

    async def _put_all(self) -> None:
        while True:
            with self._lock:
                waiting, self._waiting = self._waiting, []
                if not waiting:
                    self._is_putting = False
                    return
            # A worker or scheduler that is gone needs no answer.
            with contextlib.suppress(Exception):
                await self._queue.put(pickle.dumps(waiting), asynchronous=True)


class Coordinator:
    """Serves the workers of one run.

    Args:
        client: Dask's client.
        run: What identifies the run.
        services: Does what workers ask for.
        tell: Takes the worker's address, the number of a job, and an event of the work on it.
        end: Takes the number of a job, and how the work on it has ended.
    """

    def __init__(
        self,
        client: Client,
        run: str,
        services: Services,
        tell: Callable[[str, int, Event], None],
        end: Callable[[str, int, Outcome], None],
    ) -> None:
        self._client = client
        self._services = services
        self._tell = tell
        self._end = end
        self._views: dict[str, _WorkerView] = {}
        self._inbox: SimpleQueue[Any] = SimpleQueue()
        self._is_over = threading.Event()
        self._waiters = ThreadPoolExecutor(_WAITERS)
        for topic in (topic_of(run), "all"):
            client.subscribe_topic(topic, lambda event: self._inbox.put(event[1]))
        for endless in (self._read, self._be_there):
            threading.Thread(target=endless, daemon=True).start()

    def close(self) -> None:
        """Tell the workers that the run is over."""
        self._is_over.set()
        self._put_all((END,))
        self._inbox.put(None)
        self._waiters.shutdown(wait=False, cancel_futures=True)

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
            view.put(message)

    def _read(self) -> None:
        """Hand on what is told, to the thread of the worker that tells it."""
        while (message := self._inbox.get()) is not None:
            if isinstance(message, dict):
                if message.get("action") == "remove-worker":
                    for view in self._views.values():
                        if view.address == message.get("worker"):
                            view.is_gone = True
                            view.told.put(None)
                continue
            name, address, data = message
            view = self._views.get(name) or self._opened(name, address)
            view.told.put(data)
        for view in self._views.values():
            view.told.put(None)

    def _opened(self, name: str, address: str) -> _WorkerView:
        view = _WorkerView(address, Queue(queue_of(name), self._client), self._client.loop)
        self._views = {**self._views, name: view}
        if self._services.stop.is_begun:
            view.put((STOP,))
        threading.Thread(target=self._serve_all, args=(view,), daemon=True).start()
        return view

    def _serve_all(self, view: _WorkerView) -> None:
        """Do what a worker tells, until it is lost: then what it holds is given up; its recordings begin anew."""
        while (data := view.told.get()) is not None:
            for kind, *arguments in pickle.loads(data):  # noqa: S301 - as Dask does
                self._serve(view, kind, arguments)
        view.holdings.leave_all()

    def _serve(self, view: _WorkerView, kind: str, arguments: Sequence[Any]) -> None:
        if kind == "tell":
            self._tell(view.address, *arguments)
        elif kind == "ended":
            self._end(view.address, *arguments)
        elif kind == "call":
            number, name, given = arguments
            if name in WAITING:
                self._waiters.submit(self._answer, view, number, name, given)
            else:
                self._answer(view, number, name, given)
        else:
            self._services.note(view.holdings, kind, arguments)

    def _answer(self, view: _WorkerView, number: int, name: str, arguments: Sequence[Any]) -> None:
        try:
            value = self._services.do(view.holdings, name, arguments)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the worker's
            view.put((ANSWER, number, False, alone(error)))
        else:
            view.put((ANSWER, number, True, value))
