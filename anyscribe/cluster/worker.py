"""A worker's side: what a process has ready for the recordings of one run, and the work on one of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import pickle
import threading
import time
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from distributed import get_client, get_worker

from anyscribe.batch.fetching import fetched
from anyscribe.batch.job_events import JobEvent
from anyscribe.batch.making import MakerHere
from anyscribe.cluster.channel import WorkerChannel, attempt_here
from anyscribe.cluster.looking import other_version, with_key
from anyscribe.cluster.relays import BudgetElsewhere, PaceElsewhere, StopHere
from anyscribe.cluster.store_relay import StoreElsewhere
from anyscribe.cluster.task import SLOT_S, Outcome, alone
from anyscribe.cluster.travel import received
from anyscribe.config import Server
from anyscribe.errors import AnyscribeError, DefectError
from anyscribe.places import FileSystems
from anyscribe.recording.transcriber import Transcriber
from anyscribe.scratch import Scratch
from anyscribe.session import open_engine, open_resources
from anyscribe.stopping import StoppedError
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from distributed import Worker

    from anyscribe.batch.outputs import Job
    from anyscribe.cluster.looking import Machine
    from anyscribe.cluster.task import RunSettings
    from anyscribe.cluster.travel import Assignment
    from anyscribe.events import Event

T = TypeVar("T")

_PUTTING_AWAY_S: Final = 2.0
_LOOK_S: Final = 0.02

_lock = threading.Lock()
_states: dict[tuple[str, str], WorkerState] = {}


def work(run: str, settings: bytes, look: Callable[[], Machine] | None) -> None:
    """Work on recordings for some seconds, as long as there are any; this is Dask's task.

    Args:
        run: What identifies the run.
        settings: What is to be known of it, `RunSettings`, as bytes: it is read once.
        look: Looks at this worker first, if it has joined late; see `anyscribe.cluster.looking.look`.

    Raises:
        AnyscribeError: This worker cannot do it; how the work on a recording ends is told through its line, which takes
            less than a result of Dask's.
    """
    try:
        state = _ready(run, settings, look)
    except AnyscribeError as error:
        failure = alone(error)
    else:
        state.work()
        return
    # Out here, so that Dask has nothing to copy that led to it.
    raise failure


def _ready(run: str, settings: bytes, look: Callable[[], Machine] | None) -> WorkerState:
    """Return what is ready for a run, once it is."""
    worker = get_worker()
    with _lock:
        state = _states.get((run, worker.address))
        if state is None:
            machine = None if look is None else look()
            if machine is not None and machine.problem is not None:
                raise machine.problem
            state = WorkerState(pickle.loads(settings), worker)  # noqa: S301 - as Dask does
            _states[run, worker.address] = state
        return state


async def put_away(run: str) -> None:
    """Wait until this worker has put away what it had ready for a run that is over, such as a model.

    Args:
        run: The run's name.
    """
    await asyncio.to_thread(_wait_put_away, run)


def _wait_put_away(run: str) -> None:
    ends_s = time.monotonic() + _PUTTING_AWAY_S
    while any(key[0] == run for key in [*_states]) and time.monotonic() < ends_s:
        time.sleep(_LOOK_S)
    # A process must not end while a model's threads wait for work.
    gc.collect()


class WorkerState:
    """What a worker process has ready for one run: an engine with its model loaded once, and a line.

    Args:
        settings: What is to be known of the run.
        worker: Dask's worker.

    Raises:
        UsageError: There is no key, or the server's address cannot be used.
    """

    def __init__(self, settings: RunSettings, worker: Worker) -> None:
        if settings.version != __version__:
            raise other_version(worker.address, __version__, settings.version)
        place = with_key(settings.place, settings.key_file, needs_key=settings.needs_key)
        self._key = settings.run, worker.address
        self._stack = contextlib.ExitStack()
        self._line = WorkerChannel(settings.run, worker, get_client())
        self._stop = StopHere(self._line)
        self._systems = FileSystems()
        self._store = store = None
        pace = PaceElsewhere(self._line)
        if settings.has_store:
            turns = pace if isinstance(place, Server) else None
            self._store = store = StoreElsewhere(self._line, turns, has_old_answers=settings.has_old_answers)
        with self._stack as stack:
            engine = stack.enter_context(
                open_engine(place, settings.network, stop=self._stop, pace=pace, cores=settings.cores)
            )
            scratch = Scratch()
            stack.callback(scratch.close)
            resources = stack.enter_context(
                open_resources(
                    settings.at_once,
                    scratch,
                    # Dask's processes may have no children.
                    in_processes=False,
                    store=store,
                    stop=self._stop,
                    budget=BudgetElsewhere(self._line, is_limited=settings.is_limited),
                )
            )
            resources = replace(resources, requests=_OfAttempt(resources.requests))
            self._maker = MakerHere(
                Transcriber(engine, settings.plan, settings.options, resources),
                settings.plan.outputs,
                settings.render_options,
                settings.ledger.with_store(store),
                fetch=partial(fetched, scratch=scratch, store=store),
            )
            self._stack = stack.pop_all()
        self._line.open(self._stop.begin, self._close)

    def work(self) -> None:
        """Work on recordings for some seconds, as long as there are any; see `work`."""
        ends_s = time.monotonic() + SLOT_S
        with contextlib.suppress(StoppedError):
            while time.monotonic() < ends_s and (given := self._line.call("next")) is not None:
                number, assignment = given
                attempt_here.set(number)
                outcome = self._outcome(number, assignment)
                # What asks for the next recording takes it along.
                self._line.note("ended", number, outcome, is_urgent=time.monotonic() >= ends_s)

    def _outcome(self, number: int, assignment: Assignment) -> Outcome:
        """Work on one recording; return how that has ended."""

        def emit(event: Event) -> None:
            self._line.tell(number, event.event if isinstance(event, JobEvent) else event)

        try:
            self._stop.check()
            return Outcome(self._maker.make(self._received(assignment), emit))
        except AnyscribeError as error:
            return Outcome(error=alone(error))
        except StoppedError:
            return Outcome()
        except Exception as error:  # noqa: BLE001 - a bug that one recording shows must not cost the others
            return Outcome(error=alone(DefectError(error)))

    def _received(self, assignment: Assignment) -> Job:
        if self._store is not None and assignment.digest is not None:
            self._store.believe(*assignment.digest)
        return received(assignment, self._systems)

    def _close(self) -> None:
        with _lock:
            _states.pop(self._key, None)
        self._stack.close()


class _OfAttempt(Executor):
    """An executor whose work knows which attempt at a recording it is for.

    Args:
        executor: What it uses.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401 - as its base
        """See `concurrent.futures.Executor.submit`."""
        return self._executor.submit(copy_context().run, fn, *args, **kwargs)
