"""A worker's line to the process that the user started, through Dask's scheduler: events up, answers down."""

from __future__ import annotations

import contextlib
import itertools
import pickle
import threading
import uuid
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from distributed import Queue

from anyscribe.cluster.task import INTERVAL_S, SILENT_S, queue_of, topic_of
from anyscribe.events import Sent, Transcribed
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client, Worker

    from anyscribe.events import Event

_PROGRESS: Final = (Sent, Transcribed)

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
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[tuple[Any, ...]] = []
        self._is_urgent = False
        self._is_over = False
        self._batches = 0
        self._calls: dict[int, Future[Any]] = {}
        self._queue = Queue(queue_of(self.name), client)

    def open(self, on_stop: Callable[[], None], on_end: Callable[[], None]) -> None:
        """Begin to send and to listen.

        Args:
            on_stop: Called when the run is stopping, and when it is over.
            on_end: Called when the run is over, or its coordinator is gone.
        """
        threading.Thread(target=self._send_all, daemon=True).start()
        threading.Thread(target=self._listen, args=(on_stop, on_end), daemon=True).start()

    def next_number(self) -> int:
        """Return a number that this line has not used yet."""
        return next(self._numbers)

    def tell(self, job: int, event: Event) -> None:
        """Tell of an event; progress is held back for a moment, and only the last of it is told.

        Args:
            job: The number of the recording's job.
            event: The event.
        """
        with self._changed:
            last = self._waiting[-1] if self._waiting else None
            if isinstance(event, _PROGRESS) and last and last[:2] == ("tell", job) and type(last[2]) is type(event):
                self._waiting.pop()
            self._waiting.append(("tell", job, event))
            self._changed.notify_all()

    def note(self, name: str, *arguments: Any) -> None:  # noqa: ANN401 - whatever the coordinator takes
        """Have something done without waiting for it.

        Args:
            name: What.
            arguments: With what.
        """
        with self._changed:
            self._waiting.append((name, *arguments))
            self._changed.notify_all()

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
        number, future = self.next_number(), Future[Any]()
        with self._changed:
            if self._is_over:
                raise StoppedError
            self._calls[number] = future
            self._waiting.append(("call", number, name, arguments))
            self._flush()
        return future.result()

    def flush(self) -> int:
        """Tell all that is held back; return how many batches have been sent when it is told."""
        with self._changed:
            self._flush()
            return self._batches + bool(self._waiting)

    def _flush(self) -> None:
        self._is_urgent = True
        self._changed.notify_all()

    def _send_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_over)
                self._changed.wait_for(lambda: self._is_urgent or self._is_over, INTERVAL_S)
                batch, self._waiting, self._is_urgent = self._waiting, [], False
                if not batch:
                    return
                self._batches += 1
                number = self._batches
            self._worker.log_event(self._topic, [self.name, self._worker.address, number, pickle.dumps(batch)])

    def _listen(self, on_stop: Callable[[], None], on_end: Callable[[], None]) -> None:
        with contextlib.suppress(Exception):
            # Whatever ends it, nobody is there any more.
            while self._hear(pickle.loads(self._queue.get(timeout=SILENT_S)), on_stop):  # noqa: S301 - as Dask does
                pass
        with self._changed:
            self._is_over = True
            calls, self._calls = self._calls, {}
            self._changed.notify_all()
        on_stop()
        for future in calls.values():
            future.set_exception(StoppedError())
        with contextlib.suppress(Exception):
            self._queue.close()
        on_end()

    def _hear(self, message: tuple[Any, ...], on_stop: Callable[[], None]) -> bool:
        """Do what is heard; return whether more may come."""
        match message:
            case (str(kind), int(number), is_good, value) if kind == ANSWER:
                with self._changed:
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
