"""Make the results of recordings on other machines."""

from __future__ import annotations

import contextlib
import pickle
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.batch.job_events import JobEvent, JobStarted, JobTranscribed
from anyscribe.cluster.coordinator import Coordinator
from anyscribe.cluster.dispatcher import Dispatcher
from anyscribe.cluster.slots import Slots, SlotWork
from anyscribe.cluster.task import SLOT_S
from anyscribe.cluster.travel import brought_back, sent_away
from anyscribe.cluster.work import RecordingWork
from anyscribe.cluster.worker import put_away
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.batch.making import Made
    from anyscribe.batch.outputs import Job
    from anyscribe.cluster.connecting import Cluster
    from anyscribe.cluster.looking import Machine
    from anyscribe.cluster.services import Services
    from anyscribe.cluster.task import RunSettings
    from anyscribe.events import Emit, Event

_LOOK_S: Final = 0.5
_PUTTING_AWAY_S: Final = 3.0


class ClusterMaker:
    """Has workers make the results, as an `anyscribe.batch.making.Maker`.

    Args:
        cluster: The workers.
        settings: What workers have to know.
        services: Does what they ask for.
        look: Looks at a worker before it gets anything; see `anyscribe.cluster.looking.look`.
        timeout_s: How long a worker may take for a recording, in seconds; None for as long as it likes.
        widen: Takes how many recordings are worked on at a time, at first and whenever that changes.
    """

    def __init__(  # noqa: PLR0913 - all that a run is made of
        self,
        cluster: Cluster,
        settings: RunSettings,
        services: Services,
        *,
        look: Callable[[], Machine],
        timeout_s: float | None,
        widen: Callable[[int], None],
    ) -> None:
        self._client = cluster.client
        self._run = settings.run
        self._stop = services.stop
        self._store = services.store
        self._changed, self._is_over = threading.Event(), threading.Event()
        self._dispatcher = Dispatcher(timeout_s, SLOT_S)
        self._coordinator = Coordinator(
            cluster.client, settings.run, services, self._dispatcher, note_change=self._changed.set
        )
        self._slots = Slots(
            cluster,
            SlotWork(settings.run, pickle.dumps(settings), look),
            widen=widen,
            tell=services.warn,
            fail=self._dispatcher.fail_all,
        )
        threading.Thread(target=self._keep, daemon=True).start()

    def close(self) -> None:
        """Tell the workers that the run is over, and let them put away what they had ready for it."""
        self._is_over.set()
        self._slots.close()
        self._coordinator.close()
        if not self._stop.is_begun:
            # A worker that hangs does not answer.
            away = threading.Thread(target=self._put_away, daemon=True)
            away.start()
            away.join(_PUTTING_AWAY_S)

    def make(self, job: Job, emit: Emit) -> Made:
        """See `anyscribe.batch.making.Maker.make`."""

        def tell(address: str, event: Event) -> None:
            own: Event = JobEvent(job, event)
            if isinstance(event, JobStarted):
                own = JobStarted(job, address)
            elif isinstance(event, JobTranscribed):
                own = replace(event, job=job)
            emit(own)

        work = RecordingWork(sent_away(job, self._store), tell)
        self._dispatcher.add(work)
        outcome = work.ended.result()
        if outcome.error is not None:
            raise outcome.error
        if outcome.made is None:
            raise StoppedError
        made = brought_back(outcome.made, job)
        if work.attempts > 1:
            # What is there was written by a worker that was killed before it could say so.
            made = replace(made, written=(*made.written, *made.kept), kept=())
        return made

    def _keep(self) -> None:
        """Look now and then what has become of the workers, and of what they have."""
        while not self._is_over.wait(_LOOK_S):
            # Whether the scheduler is gone is told by the tasks.
            with contextlib.suppress(Exception):
                if self._changed.is_set():
                    self._changed.clear()
                    self._slots.look()
            self._dispatcher.look(self._slots.workers)

    def _put_away(self) -> None:
        # A worker that is lost has nothing left.
        with contextlib.suppress(Exception):
            self._client.run(put_away, self._run, workers=[*self._slots.workers])
