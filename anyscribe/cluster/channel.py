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
    from collections.abc import Callable, Sequence

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
        self._is_over = False
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

    def note(self, name: str, *arguments: Any, is_urgent: bool = False) -> None:  # noqa: ANN401 - as the coordinator's
        """Have something done without waiting for it.

        Args:
            name: What.
            arguments: With what.
            is_urgent: Whether it is sent at once.
        """
        with self._changed:
            self._waiting.append((name, *arguments))
            if is_urgent:
                self._send()
            else:
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
            self._send()
        return future.result()

    def _send_all(self) -> None:
        """Send what is held back, after a moment in which more may be added."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_over)
                self._changed.wait_for(lambda: not self._waiting or self._is_over, INTERVAL_S)
                if self._is_over and not self._waiting:
                    return
                self._send()

    def _send(self) -> None:
        """Send all at once, in the order in which it was told; to be called under the lock."""
        batch, self._waiting = self._waiting, []
        if batch:
            self._worker.log_event(self._topic, [self.name, self._worker.address, pickle.dumps(batch)])
            self._changed.notify_all()

    def _listen(self, on_stop: Callable[[], None], on_end: Callable[[], None]) -> None:
        with contextlib.suppress(Exception):
            # Whatever ends it, nobody is there any more.
            while self._hear_all(pickle.loads(self._queue.get(timeout=SILENT_S)), on_stop):  # noqa: S301 - as Dask does
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

    def _hear_all(self, messages: Sequence[tuple[Any, ...]], on_stop: Callable[[], None]) -> bool:
        """Do all that is heard; return whether more may come."""
        return all(self._hear(message, on_stop) for message in messages)

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
