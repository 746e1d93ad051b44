"""What a run is made of: an engine for the place where it is transcribed, executors, and temporary files."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.config import DEFAULT_TRANSLATOR, KnownText, Local, Server, default_model_of
from anyscribe.errors import UsageError
from anyscribe.recording.budget import Budget
from anyscribe.recording.options import Resources
from anyscribe.scratch import sweep
from anyscribe.sentence import Option, Sentence
from anyscribe.stopping import Stop
from anyscribe.workers import usable_cores, worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from anyscribe.config import Place
    from anyscribe.engines import Engine
    from anyscribe.engines.remote import Pace
    from anyscribe.scratch import Scratch
    from anyscribe.store import AnswerStore, Store

_CALCULATING_THREADS: Final = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_JOBS_ON_SERVER: Final = 4
_JOBS_HERE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How a server is talked to.

    Args:
        connect_seconds: How long to wait for a connection.
        read_seconds: How long to wait for an answer, and between its bytes.
        retries: How often to retry after a temporary error.
        max_wait_seconds: How long a request may wait in all if the server puts it off.
        insecure_http: Whether the key may be sent over plain http.
    """

    connect_seconds: float = 30
    read_seconds: float = 600
    retries: int = 4
    max_wait_seconds: float = 900
    insecure_http: bool = False


def share_cores() -> None:
    """Have NumPy calculate in one thread: the cores may be busy with other recordings, or with other programs.

    Threads of its own would wait for each other: on two cores, eight recordings took twice as long, and telling voices
    apart beside four other programs three times as long. Alone, one thread takes a quarter longer for that. It has an
    effect until NumPy is loaded.
    """
    for variable in _CALCULATING_THREADS:
        os.environ.setdefault(variable, "1")


def default_jobs(place: Place) -> int:
    """Return how many requests are made at a time if the user does not say.

    Args:
        place: Where it is transcribed; on this machine each request uses every core.
    """
    return _JOBS_ON_SERVER if isinstance(place, Server) else _JOBS_HERE


def default_model(place: Server | Local, *, translate: bool = False) -> str | None:
    """Return the model to ask for if the user names none; None for the engine's own choice.

    Args:
        place: Where it is transcribed.
        translate: Whether the text shall be in English, which few models can.
    """
    if isinstance(place, Local):
        return None
    return DEFAULT_TRANSLATOR if translate else default_model_of(place.base_url)


@contextlib.contextmanager
def open_engine(  # noqa: PLR0913 - all that engines are made of
    place: Place,
    network: Network,
    jobs: int = 1,
    stop: Stop | None = None,
    *,
    pace: Pace | None = None,
    cores: int | None = None,
) -> Iterator[Engine]:
    """Hold an engine ready.

    Args:
        place: Where it is transcribed.
        network: How a server is talked to.
        jobs: How many requests are made at a time, at most.
        stop: Ends waits; None if nothing does.
        pace: The pace of the requests; None for one of their own.
        cores: How many cores a built-in model uses; None for all of this machine.

    Yields:
        The engine.

    Raises:
        UsageError: The server's address or key cannot be used.
    """
    if isinstance(place, KnownText):
        from anyscribe.engines.script import ScriptEngine  # noqa: PLC0415 - only one engine is loaded

        yield ScriptEngine(place.transcript)
    elif isinstance(place, Server):
        from anyscribe.engines.remote import Endpoint, Pace, RemoteEngine  # noqa: PLC0415 - only one engine is loaded

        stop = stop or Stop()
        yield RemoteEngine(
            Endpoint(place.base_url, place.key, place.key_name, network.insecure_http),
            connect_seconds=network.connect_seconds,
            read_seconds=network.read_seconds,
            retries=network.retries,
            max_wait_seconds=network.max_wait_seconds,
            sleep=stop.sleep,
            pace=pace or Pace(jobs, stop.check),
        )
    else:
        from anyscribe.engines.whisper.engine import WhisperEngine  # noqa: PLC0415 - as above
        from anyscribe.engines.whisper.loading import Device  # noqa: PLC0415 - as above

        device = Device(place.device, place.compute_type)
        with contextlib.closing(WhisperEngine(cores or usable_cores(), device)) as engine:
            yield engine


@contextlib.contextmanager
def open_store(
    place: Place,
    choice: Path | bool,  # noqa: FBT001 - as given
    tell: Callable[[str], None],
    *,
    is_for_notes: bool = False,
) -> Iterator[Store | None]:
    """Open the store of answers.

    Args:
        place: Where it is transcribed; what this machine answers is not kept.
        choice: Its file; True for the usual one, False for none.
        tell: Takes a line for the user, if the store cannot be used.
        is_for_notes: Whether what the check finds, and what fails, is noted in it; on this machine only in a file that
            was named: there, nobody expects words of a recording elsewhere.

    Yields:
        The store; None if there is none that can be used.

    Raises:
        UsageError: It was written by a newer version of the program.
    """
    is_noted = is_for_notes and isinstance(place, Local) and choice is not True
    if choice is False or not (is_noted or isinstance(place, Server)):
        yield None
        return
    from anyscribe.store import NewerStoreError, Store, StoreError, store_path  # noqa: PLC0415 - loads SQLite

    try:
        store = Store(store_path() if choice is True else choice, tell)
    except NewerStoreError as error:
        if not isinstance(place, Server):
            yield None
            return
        remedy = Sentence("update anyscribe, or use {} or {}", Option("store", "PATH"), Option("no_store"))
        raise UsageError(str(error), remedy=remedy) from error
    except StoreError as error:
        if isinstance(place, Server):
            tell(f"answers cannot be kept ({error})")
        yield None
        return
    with contextlib.closing(store):
        yield store


@contextlib.contextmanager
def open_resources(  # noqa: PLR0913 - all that a run is made of
    request_count: int,
    scratch: Scratch,
    *,
    in_processes: bool = True,
    store: AnswerStore | None = None,
    stop: Stop | None = None,
    budget: Budget | None = None,
) -> Iterator[Resources]:
    """Hold executors ready; no thread or process is started before there is work for it.

    Temporary folders of runs that were killed are removed.

    Args:
        request_count: How many requests are made at a time.
        scratch: Where temporary files are kept.
        in_processes: Whether long analyses run in processes, which use every core; otherwise in threads.
        store: Keeps what was paid for; None keeps nothing.
        stop: Stops the run in good order; None if nothing does.
        budget: What may be asked about; None for anything.

    Yields:
        The resources.
    """
    sweep()
    cores = usable_cores()
    pool = worker_pool(cores) if in_processes else open_threads(cores)
    with pool as processes, open_threads(cores) as threads, open_threads(request_count) as requests:
        yield Resources(requests, request_count, threads, processes, scratch, store, stop or Stop(), budget or Budget())


@contextlib.contextmanager
def open_threads(count: int) -> Iterator[Executor]:
    """Run threads for as long as the context lasts; work in progress is not waited for.

    Args:
        count: How many.

    Yields:
        Their executor.
    """
    executor = ThreadPoolExecutor(count)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
