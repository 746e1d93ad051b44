"""A worker's side: what a process has ready for the recordings of one run, and the work on one of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import platform
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from distributed import get_client, get_worker

from anyscribe.batch.fetching import fetched
from anyscribe.batch.job_events import JobEvent, JobStarted
from anyscribe.batch.making import MakerHere
from anyscribe.cluster.channel import WorkerChannel
from anyscribe.cluster.relays import BudgetElsewhere, PaceElsewhere, StopHere, StoreElsewhere
from anyscribe.cluster.task import Outcome, alone
from anyscribe.cluster.travel import received
from anyscribe.config import Server
from anyscribe.errors import AnyscribeError, DefectError, UsageError
from anyscribe.events import Trace
from anyscribe.keys.finding import Key, Keys
from anyscribe.keys.profile_key import key_in_file
from anyscribe.places import FileSystems
from anyscribe.recording.transcriber import Transcriber
from anyscribe.scratch import Scratch
from anyscribe.session import open_engine, open_resources
from anyscribe.stopping import StoppedError
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Worker

    from anyscribe.cluster.task import RunSettings
    from anyscribe.cluster.travel import Assignment
    from anyscribe.config import Local
    from anyscribe.events import Event
    from anyscribe.places import FileSystem, RemoteFile

_PUTTING_AWAY_S: Final = 2.0
_LOOK_S: Final = 0.02

_lock = threading.Lock()
_states: dict[tuple[str, str], WorkerState] = {}


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of a worker before it gets a recording.

    Args:
        version: The program's version.
        others: What else should be the same everywhere, by name.
        problem: Why it cannot do the work; None if it can.
    """

    version: str
    others: dict[str, str]
    problem: AnyscribeError | None = None


def look(
    place: Server | Local, key_file: str, *, needs_key: bool, places: Sequence[tuple[FileSystem, RemoteFile | None]]
) -> Machine:
    """Look whether this machine can do the work; runs in each worker before the first recording.

    Args:
        place: Where it is transcribed.
        key_file: As in `anyscribe.cluster.task.RunSettings`.
        needs_key: Likewise.
        places: Where recordings are and results go, each with a recording in it if there is one.
    """
    problem = None
    try:
        _with_key(place, key_file, needs_key=needs_key)
        if places:
            from anyscribe.places.transfers import try_to_use  # noqa: PLC0415 - few runs need it
        for system, file in places:
            try_to_use(system, file)
    except AnyscribeError as error:
        problem = alone(error)
    return Machine(__version__, versions(), problem)


def versions() -> dict[str, str]:
    """Return the versions that should be the same everywhere, beside the program's own."""
    return {"Python": platform.python_version(), "Dask": version("distributed")}


def work(settings: RunSettings, assignment: Assignment) -> Outcome:
    """Work on one recording; this is Dask's task.

    Args:
        settings: What is to be known of the run.
        assignment: The recording, and where its results are written.
    """
    worker = get_worker()
    key = settings.run, worker.address
    try:
        with _lock:
            state = _states.get(key)
            if state is None:
                state = _states[key] = WorkerState(settings, worker)
    except AnyscribeError as error:
        return Outcome(error=alone(error))
    return state.work(assignment)


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
        place = _with_key(settings.place, settings.key_file, needs_key=settings.needs_key)
        self._address = worker.address
        self._key = settings.run, worker.address
        self._stack = contextlib.ExitStack()
        self._line = WorkerChannel(settings.run, worker, get_client())
        self._stop = StopHere(self._line)
        self._systems = FileSystems()
        store = None
        if settings.has_store:
            store = StoreElsewhere(self._line, has_old_answers=settings.has_old_answers)
        with self._stack as stack:
            pace = PaceElsewhere(self._line)
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
                    budget=BudgetElsewhere(self._line),
                )
            )
            self._maker = MakerHere(
                Transcriber(engine, settings.plan, settings.options, resources),
                settings.plan.outputs,
                settings.render_options,
                settings.ledger.with_store(store),
                fetch=partial(fetched, scratch=scratch, store=store),
            )
            self._stack = stack.pop_all()
        self._line.open(self._stop.begin, self._close)

    def work(self, assignment: Assignment) -> Outcome:
        """Work on one recording; see `work`."""
        number = assignment.number

        def emit(event: Event) -> None:
            self._line.tell(number, event.event if isinstance(event, JobEvent) else event)
            if isinstance(event, JobStarted):
                self._line.tell(number, Trace(f"the work is done by {self._address}"))

        made = failure = None
        try:
            self._stop.check()
            made = self._maker.make(received(assignment, self._systems), emit)
        except AnyscribeError as error:
            failure = alone(error)
        except StoppedError:
            pass
        except Exception as error:  # noqa: BLE001 - a bug that one recording shows must not cost the others
            failure = alone(DefectError(error))
        return Outcome(self._line.name, self._line.flush(), made, failure)

    def _close(self) -> None:
        with _lock:
            _states.pop(self._key, None)
        self._stack.close()


def other_version(address: str, there: str, here: str) -> UsageError:
    """Return the error for a worker with another version of the program.

    Args:
        address: The worker's.
        there: The version that it has.
        here: The version of the process that the user started.
    """
    message = f"the worker {address} has anyscribe {there}, and the run is planned by {here}"
    return UsageError(message, remedy="install the same version on all machines")


def _with_key(place: Server | Local, key_file: str, *, needs_key: bool) -> Server | Local:
    """Return the place with the key that this machine has for it."""
    if not isinstance(place, Server):
        return place
    keys = Keys(os.environ)
    key = Key(key_in_file(key_file, "the key"), key_file) if key_file else keys.find(place.base_url)
    if key is None or not key.value:
        if not needs_key:
            return place
        where = key_file or keys.expected(place.base_url)
        raise UsageError(f"no key for the server is in {where} there", remedy="set it where the worker runs")
    return replace(place, key=key.value, key_name=key.place)
