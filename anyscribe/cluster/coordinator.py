"""The coordinator's side of the lines: answers workers, passes on what they tell, and knows which ones are lost."""

from __future__ import annotations

import contextlib
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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

    from anyscribe.cluster.dispatcher import Dispatcher, Given
    from anyscribe.cluster.services import Services

_WAITERS: Final = 4096


class _WorkerView:
    """A worker's line, as the coordinator sees it: what it tells is done in order, in a thread of its own.

    Args:
        address: The worker's.
        loop: Dask's.
    """

    def __init__(self, address: str, loop: Any) -> None:  # noqa: ANN401 - tornado's
        self.address: Final = address
        self.holdings: Final = Holdings()
        self.told: Final[SimpleQueue[bytes | None]] = SimpleQueue()
        """What the worker has told; None once it is lost, or the run is over."""

        self.is_gone = False
        """Whether the worker is lost."""

        self.is_expected = False
        """Whether it has left in good order."""

        self._queue: Queue | None = None
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[tuple[Any, ...]] = []
        # Nothing can be put before the line is open.
        self._is_putting = True

    def open(self, queue: Queue) -> None:
        """Open the line.

        Args:
            queue: What the worker listens to.
        """
        self._queue = queue
        self._loop.add_callback(self._put_all)

    def give_up(self, number: int) -> None:
        """See `anyscribe.cluster.dispatcher.WorkerLine.give_up`."""
        self.holdings.give_up(number)

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
                assert self._queue is not None  # noqa: S101 - it is open by now
                await self._queue.put(pickle.dumps(waiting), asynchronous=True)


class Coordinator:
    """Serves the workers of one run.

    Args:
        client: Dask's client.
        run: What identifies the run.
        services: Does what workers ask for.
        dispatcher: Gives them recordings.
        note_change: Called when a worker has joined or left the cluster.
    """

    def __init__(
        self,
        client: Client,
        run: str,
        services: Services,
        dispatcher: Dispatcher,
        note_change: Callable[[], None],
    ) -> None:
        self._client = client
        self._services = services
        self._dispatcher = dispatcher
        self._note_change = note_change
        self._views: dict[str, _WorkerView] = {}
        self._is_over = threading.Event()
        self._waiters = ThreadPoolExecutor(_WAITERS)
        for topic in (topic_of(run), "all"):
            client.subscribe_topic(topic, self._receive)
        threading.Thread(target=self._be_there, daemon=True).start()

    def close(self) -> None:
        """Tell the workers that the run is over."""
        self._is_over.set()
        self._put_all((END,))
        for view in self._views.values():
            view.told.put(None)
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

    def _receive(self, event: tuple[float, Any]) -> None:
        """Hand on what is told to the thread of the worker that tells it; called in Dask's own thread."""
        message = event[1]
        if isinstance(message, dict):
            self._note_workers(message)
            return
        name, address, data = message
        view = self._views.get(name)
        if view is None:
            view = _WorkerView(address, self._client.loop)
            self._views = {**self._views, name: view}
            threading.Thread(target=self._serve_all, args=(name, view), daemon=True).start()
        view.told.put(data)

    def _note_workers(self, message: dict[str, Any]) -> None:
        """Note that a worker has joined or left."""
        if message.get("action") == "remove-worker":
            for view in self._views.values():
                if view.address == message.get("worker"):
                    view.is_expected = bool(message.get("expected"))
                    view.is_gone = True
                    view.told.put(None)
        if message.get("action") in {"add-worker", "remove-worker"}:
            self._note_change()

    def _serve_all(self, name: str, view: _WorkerView) -> None:
        """Do what a worker tells, until it is lost: then what it holds is given up; its recordings begin anew."""
        view.open(Queue(queue_of(name), self._client))
        if self._services.stop.is_begun:
            view.put((STOP,))
        if self._is_over.is_set():
            view.put((END,))
        while (data := view.told.get()) is not None:
            for kind, *arguments in pickle.loads(data):  # noqa: S301 - as Dask does
                self._serve(view, kind, arguments)
        view.holdings.leave_all()
        if view.is_gone:
            self._dispatcher.lose(view, is_expected=view.is_expected)

    def _serve(self, view: _WorkerView, kind: str, arguments: Sequence[Any]) -> None:
        if kind == "tell":
            self._dispatcher.tell(view, *arguments)
        elif kind == "ended":
            self._dispatcher.end(view, *arguments)
        elif kind == "call":
            number, name, given = arguments
            if name == "next":
                self._dispatcher.ask(view, partial(_give, view, number))
            elif name in WAITING:
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


def _give(view: _WorkerView, number: int, given: Given | None) -> None:
    view.put((ANSWER, number, True, given))
