"""Make the results of recordings on other machines."""

from __future__ import annotations

import contextlib
import itertools
import pickle
from concurrent.futures import CancelledError, Future, InvalidStateError
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from distributed import KilledWorker

from anyscribe.batch.job_events import JobEvent, JobStarted, JobTranscribed
from anyscribe.cluster.coordinator import Coordinator
from anyscribe.cluster.suspects import Suspects
from anyscribe.cluster.travel import brought_back, sent_away
from anyscribe.cluster.worker import put_away, work
from anyscribe.errors import ClusterError, EngineError
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from distributed import Future as Task

    from anyscribe.batch.making import Made
    from anyscribe.batch.outputs import Job
    from anyscribe.cluster.connecting import Cluster
    from anyscribe.cluster.services import Services
    from anyscribe.cluster.task import Outcome, RunSettings
    from anyscribe.events import Emit, Event


@dataclass(slots=True, eq=False)
class _Work:
    """The work on one recording, as the coordinator sees it.

    Args:
        job: The recording.
        emit: Takes its events.
        address: The worker that has begun it last; empty if none has.
        begun: How often it was begun.
        task: Dask's task; None until it is submitted.
        ended: How the work has ended.
        failure: What was wrong when an event was shown: then it is given up.
    """

    job: Job
    emit: Emit
    address: str = ""
    begun: int = 0
    task: Task[None] | None = None
    ended: Future[Outcome] = field(default_factory=Future)
    failure: BaseException | None = None


class ClusterMaker:
    """Has workers make the results, as an `anyscribe.batch.making.Maker`.

    Args:
        cluster: The workers.
        settings: What workers have to know.
        services: Does what they ask for.
    """

    def __init__(self, cluster: Cluster, settings: RunSettings, services: Services) -> None:
        self._client = cluster.client
        self._resources = cluster.resources
        self._run = settings.run
        self._settings = pickle.dumps(settings)
        self._stop = services.stop
        self._store = services.store
        self._numbers = itertools.count()
        self._works: dict[int, _Work] = {}
        self._suspects = Suspects()
        self._coordinator = Coordinator(cluster.client, settings.run, services, self._tell, self._end)

    def close(self) -> None:
        """Tell the workers that the run is over, and let them put away what they had ready for it."""
        self._coordinator.close()
        if not self._stop.is_begun:
            # A worker that is lost has nothing left.
            with contextlib.suppress(Exception):
                self._client.run(put_away, self._run)

    def make(self, job: Job, emit: Emit) -> Made:
        """See `anyscribe.batch.making.Maker.make`."""
        number = next(self._numbers)
        self._works[number] = current = _Work(job, emit)
        try:
            outcome = self._outcome(number, current)
        finally:
            del self._works[number]
        if current.failure is not None:
            raise current.failure
        if outcome.error is not None:
            raise outcome.error
        if outcome.made is None:
            raise StoppedError
        made = brought_back(outcome.made, job)
        if current.begun > 1:
            # What is there was written by a worker that was killed before it could say so.
            made = replace(made, written=(*made.written, *made.kept), kept=())
        return made

    def _outcome(self, number: int, current: _Work) -> Outcome:
        """Have it made; if Dask gives it up because its workers die, it may not be what kills them."""
        with self._suspects.among_others(), contextlib.suppress(KilledWorker):
            return self._tried(number, current)
        try:
            with self._suspects.alone(self._stop.check):
                return self._tried(number, current)
        except KilledWorker as error:
            killed = f"each worker that transcribed it was killed, the last one was {error.last_worker.address}"
            raise EngineError(killed, remedy="see that worker's log") from error

    def _tried(self, number: int, current: _Work) -> Outcome:
        current.ended = Future()
        assignment = sent_away(number, current.job, self._store)
        current.task = task = self._client.submit(
            work, self._run, self._settings, assignment, pure=False, resources=self._resources
        )
        task.add_done_callback(lambda task: _note_end(task, current.ended))
        try:
            return current.ended.result()
        except CancelledError as error:
            if current.failure is not None:
                raise current.failure from error
            if self._stop.is_begun:
                raise StoppedError from error
            gone = "the cluster's scheduler is gone"
            raise ClusterError(gone, remedy="start it again; the same command goes on from here") from error

    def _end(self, address: str, number: int, outcome: Outcome) -> None:
        current = self._works.get(number)
        if current is not None and address == current.address:
            with contextlib.suppress(InvalidStateError):
                current.ended.set_result(outcome)

    def _tell(self, address: str, number: int, event: Event) -> None:
        current = self._works.get(number)
        if current is None or current.failure is not None:
            return
        if isinstance(event, JobStarted):
            current.address = address
            current.begun += 1
        if address != current.address:
            # A worker that was taken for lost.
            return
        own: Event = JobEvent(current.job, event)
        if isinstance(event, JobStarted):
            own = JobStarted(current.job, address)
        elif isinstance(event, JobTranscribed):
            own = replace(event, job=current.job)
        try:
            current.emit(own)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits for the recording
            current.failure = error
            if current.task is not None:
                current.task.cancel()


def _note_end(task: Task[None], ended: Future[Outcome]) -> None:
    """Note that a task was given up; how others end is told by their workers."""
    with contextlib.suppress(InvalidStateError):
        if task.status == "error":
            ended.set_exception(task.exception())
        elif task.status != "finished":
            ended.set_exception(CancelledError())
