"""A worker's line to the process that the user started, through Dask's scheduler: events up, answers down."""

from __future__ import annotations

import contextlib
import itertools
import pickle
import threading
import uuid
from concurrent.futures import Future
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from distributed import Queue

from anyscribe.cluster.task import INTERVAL_S, SILENT_S, queue_of, topic_of
from anyscribe.events import Sent, Transcribed
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distributed import Client, Worker

    from anyscribe.events import Event

_PROGRESS: Final = (Sent, Transcribed)

Number = tuple[int, int]
"""What a worker calls something that it holds: the attempt at a recording that it belongs to, and a number."""

attempt_here: Final = ContextVar("attempt_here", default=-1)
"""The attempt at a recording that is under way in this thread."""

STOP: Final = "stop"
ALIVE: Final = "alive"
END: Final = "end"
ANSWER: Final = "answer"


class WorkerChannel:
    """The line of one worker process and one run; safe to use from any thread.

    Args:
        run: What identifies the run.
        worker: Dask's worker.
        client: Dask's client in the worker's process.
    """

    def __init__(self, run: str, worker: Worker, client: Client) -> None:
        self.name = uuid.uuid4().hex
        self._topic = topic_of(run)
        self._worker = worker
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._waiting: list[tuple[Any, ...]] = []
        self._is_over = threading.Event()
        self._calls: dict[int, Future[Any]] = {}
        self._queue = Queue(queue_of(self.name), client)

    def open(self, on_stop: Callable[[], None], on_end: Callable[[], None]) -> None:
        """Begin to send and to listen.

        Args:
            on_stop: Called when the run is stopping, and when it is over.
            on_end: Called when the run is over, or its coordinator is gone.
        """
        threading.Thread(target=self._send_all, daemon=True).start()
        self._worker.loop.add_callback(self._listen, on_stop, on_end)

    def next_number(self) -> Number:
        """Return a number that this line has not used yet, for what the attempt that is under way here holds."""
        return attempt_here.get(), next(self._numbers)

    def tell(self, job: int, event: Event) -> None:
        """Tell of an event; progress is held back for a moment, and only the last of it is told.

        Args:
            job: The number of the attempt at the recording.
            event: The event.
        """
        with self._lock:
            last = self._waiting[-1] if self._waiting else None
            if isinstance(event, _PROGRESS) and last and last[:2] == ("tell", job) and type(last[2]) is type(event):
                self._waiting.pop()
            self._waiting.append(("tell", job, event))

    def note(self, name: str, *arguments: Any, is_urgent: bool = False) -> None:  # noqa: ANN401 - as the coordinator's
        """Have something done without waiting for it.

        Args:
            name: What.
            arguments: With what.
            is_urgent: Whether it is sent at once.
        """
        with self._lock:
            self._waiting.append((name, *arguments))
            if is_urgent:
                self._send()

    def call(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401 - whatever the coordinator returns
        """Have something done, and wait for it.

        Args:
            name: What.
            arguments: With what.

        Returns:
            What comes of it.

        Raises:
            StoppedError: Nobody is there any more.
        """
        number, future = next(self._numbers), Future[Any]()
        with self._lock:
            if self._is_over.is_set():
                raise StoppedError
            self._calls[number] = future
            self._waiting.append(("call", number, name, arguments))
            self._send()
        return future.result()

    def _send_all(self) -> None:
        """Send now and then what is held back."""
        while not self._is_over.wait(INTERVAL_S):
            with self._lock:
                self._send()

    def _send(self) -> None:
        """Send all at once, in the order in which it was told; to be called under the lock."""
        batch, self._waiting = self._waiting, []
        if batch:
            self._worker.log_event(self._topic, [self.name, self._worker.address, pickle.dumps(batch)])

    async def _listen(self, on_stop: Callable[[], None], on_end: Callable[[], None]) -> None:
        """Listen in Dask's own thread: one that waits for the next message costs more than what it says."""
        with contextlib.suppress(Exception):
            # Whatever ends it, nobody is there any more.
            while self._hear_all(
                pickle.loads(await self._queue.get(timeout=SILENT_S, asynchronous=True)),  # noqa: S301 - as Dask does
                on_stop,
            ):
                pass
        with self._lock:
            self._is_over.set()
            calls, self._calls = self._calls, {}
        for future in calls.values():
            future.set_exception(StoppedError())
        with contextlib.suppress(Exception):
            self._queue.close()
        threading.Thread(target=_end, args=(on_stop, on_end), daemon=True).start()

    def _hear_all(self, messages: Sequence[tuple[Any, ...]], on_stop: Callable[[], None]) -> bool:
        """Do all that is heard; return whether more may come."""
        return all(self._hear(message, on_stop) for message in messages)

    def _hear(self, message: tuple[Any, ...], on_stop: Callable[[], None]) -> bool:
        """Do what is heard; return whether more may come."""
        match message:
            case (str(kind), int(number), is_good, value) if kind == ANSWER:
                with self._lock:
                    future = self._calls.pop(number)
                if is_good:
                    future.set_result(value)
                else:
                    future.set_exception(value)
            case (str(kind),) if kind == STOP:
                on_stop()
            case (str(kind),) if kind == END:
                return False
            case _:
                pass
        return True


def _end(on_stop: Callable[[], None], on_end: Callable[[], None]) -> None:
    on_stop()
    on_end()
