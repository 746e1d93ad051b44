"""Make the results of recordings on other machines."""

from __future__ import annotations

import contextlib
import itertools
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distributed import KilledWorker

from anyscribe.batch.job_events import JobEvent, JobStarted, JobTranscribed
from anyscribe.cluster.coordinator import Coordinator
from anyscribe.cluster.travel import brought_back, sent_away
from anyscribe.cluster.worker import put_away, work
from anyscribe.errors import ClusterError, EngineError
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

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
        failure: What was wrong when an event was shown: then it is given up.
    """

    job: Job
    emit: Emit
    address: str = ""
    begun: int = 0
    task: Future[Outcome] | None = None
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
        self._executor: Executor = cluster.client.get_executor(pure=False, resources=cluster.resources)
        self._settings = settings
        self._stop = services.stop
        self._numbers = itertools.count()
        self._works: dict[int, _Work] = {}
        self._coordinator = Coordinator(cluster.client, settings.run, services, self._tell)

    def close(self) -> None:
        """Tell the workers that the run is over, and let them put away what they had ready for it."""
        self._coordinator.close()
        if not self._stop.is_begun:
            # A worker that is lost has nothing left.
            with contextlib.suppress(Exception):
                self._client.run(put_away, self._settings.run)

    def make(self, job: Job, emit: Emit) -> Made:
        """See `anyscribe.batch.making.Maker.make`."""
        number = next(self._numbers)
        self._works[number] = current = _Work(job, emit)
        try:
            outcome = self._outcome(number, current)
            self._coordinator.wait_for(outcome.line, outcome.batches)
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
        current.task = self._executor.submit(work, self._settings, sent_away(number, current.job))
        try:
            return current.task.result()
        except CancelledError as error:
            if current.failure is not None:
                raise current.failure from error
            if self._stop.is_begun:
                raise StoppedError from error
            gone = "the cluster's scheduler is gone"
            raise ClusterError(gone, remedy="start it again; the same command goes on from here") from error
        except KilledWorker as error:
            killed = f"each worker that transcribed it was killed, the last one was {error.last_worker.address}"
            raise EngineError(killed, remedy="see that worker's log") from error

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
        own = replace(event, job=current.job) if isinstance(event, JobStarted | JobTranscribed) else None
        try:
            current.emit(own or JobEvent(current.job, event))
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits for the recording
            current.failure = error
            if current.task is not None:
                current.task.cancel()
