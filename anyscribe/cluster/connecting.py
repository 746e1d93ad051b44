"""Reach a cluster, or start one on this machine, and look at its workers before the first recording."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import signal
import ssl
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dask.config
from distributed import Client, LocalCluster

from anyscribe.errors import ClusterError, OptionError, UsageError
from anyscribe.sentence import Option, Sentence
from anyscribe.workers import usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL: Final = "local:"
_FILE: Final = "file:"
_SCHEMES: Final = ("tcp://", "tls://")
_RESOURCE: Final = "transcribe"
_MOST: Final = 1000
_CLOSING_S: Final = 1.0
_ENDING_S: Final = 10.0
"""After a run that was not interrupted, its own workers may take so long to end in good order."""

_SETTINGS: Final = {
    # Dask would look a hundred times a second what each worker does.
    "distributed.worker.profile.enabled": False,
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that can be used.

    Args:
        client: Dask's client.
        workers: How many recordings each worker works on at a time, by its address.
        resources: What Dask has to find in a worker that gets a recording.
        most_workers: How many workers may be used, also of those that join late; None for all.
        cores: How many cores a built-in model uses in each; None for all of the worker's machine.
    """

    client: Client
    workers: dict[str, int]
    resources: dict[str, float]
    most_workers: int | None = None
    cores: int | None = None


def check_address(given: str) -> None:
    """Find out whether an address can be one of a cluster, before anything is reached.

    Args:
        given: As the user wrote it.

    Raises:
        OptionError: It cannot.
    """
    if given.startswith(_LOCAL):
        _count(given)
    elif given.startswith(_FILE):
        _scheduler_in(given)
    elif not given.startswith(_SCHEMES):
        raise _no_address(given, "it is no address of a cluster")


@contextlib.contextmanager
def open_cluster(
    given: str, jobs: int | None, usual: int, timeout_s: float, most_workers: int | None = None
) -> Iterator[Cluster]:
    """Reach a cluster, or start one on this machine.

    Args:
        given: ``tcp://HOST:PORT``, ``tls://HOST:PORT``, ``file:`` and the file that a scheduler writes, or ``local:``
            and a number of workers.
        jobs: How many recordings workers that are started here work on at a time, all together; None if it is not said.
        usual: How many each works on if it is not said.
        timeout_s: How long it is waited for, in seconds.
        most_workers: How many workers may be used; None for all.

    Yields:
        The cluster, once it has a worker.

    Raises:
        ClusterError: It cannot be reached, or has no workers.
    """
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with contextlib.ExitStack() as stack:
        cores = None
        address: Any = given
        if given.startswith(_LOCAL):
            workers = _count(given)
            cores = max(usable_cores() // workers, 1)
            address = stack.enter_context(_started(workers, -(-jobs // workers) if jobs else usual))
        elif given.startswith(_FILE):
            address = _scheduler_in(given)
        client = _connected(address, given, timeout_s)
        stack.callback(_close, client)
        yield _seen(client, given, timeout_s, most_workers, cores)


@contextlib.contextmanager
def _started(workers: int, threads: int) -> Iterator[LocalCluster]:
    """Start workers on this machine; they leave Ctrl-C to this process."""
    has_masks = hasattr(signal, "pthread_sigmask")
    if has_masks:
        # When it is started by another thread, that thread's mask is lost.
        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if has_masks else None
    try:
        with dask.config.set(_SETTINGS):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=threads,
                host="127.0.0.1",
                # Its usual port can be had only once.
                dashboard_address="127.0.0.1:0",
                memory_limit=None,
                silence_logs=logging.CRITICAL,
            )
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    longest_s = _CLOSING_S
    try:
        yield cluster
        longest_s = _ENDING_S
    finally:
        # Workers that do not end in time end with this process.
        with contextlib.suppress(Exception):
            cluster.close(timeout=longest_s)


def _connected(address: Any, given: str, timeout_s: float) -> Client:  # noqa: ANN401 - text, or a cluster of Dask's
    try:
        return Client(address, timeout=timeout_s, set_as_default=False)
    except TypeError as error:
        # That is what Dask says of an address that wants certificates.
        raise UsageError(f"{given}: no certificates are named for it", remedy=_CERTIFICATES) from error
    except (OSError, ValueError) as error:
        reason = _tls_reason(error)
        if reason:
            raise ClusterError(f"{given}: {reason}", remedy=_CERTIFICATES) from error
        # Dask's own sentences are long, and say the same.
        raise ClusterError(f"{given}: no scheduler can be reached there", remedy=_REMEDY) from error


def _tls_reason(error: BaseException | None) -> str:
    """Return what is wrong with certificates; empty if it is something else."""
    while error is not None:
        if isinstance(error, FileNotFoundError):
            return "a file with a certificate is not there"
        if isinstance(error, ssl.SSLError):
            # The other side does not say what it refuses.
            return f"the certificates do not fit ({error.reason or 'refused'})".replace("_", " ").lower()
        error = error.__cause__ or error.__context__
    return ""


_CERTIFICATES: Final = "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT and …__CLIENT__KEY name them"
_REMEDY: Final = "dask scheduler starts one, dask worker ADDRESS a worker of it"


def _close(client: Client) -> None:
    with contextlib.suppress(Exception):
        client.close(timeout=_CLOSING_S)


def _seen(client: Client, given: str, timeout_s: float, most_workers: int | None, cores: int | None) -> Cluster:
    """Look which workers there are; those that offer the resource are preferred."""
    try:
        client.wait_for_workers(1, timeout=timeout_s)
    except (OSError, TimeoutError) as error:
        raise ClusterError(f"{given}: the cluster has no workers", remedy=_REMEDY) from error
    resources: dict[str, float] = {_RESOURCE: 1}
    workers = slots_of(client, resources)
    if not workers:
        resources = {}
        workers = slots_of(client, resources)
    used = dict(itertools.islice(workers.items(), most_workers))
    return Cluster(client, used, resources, most_workers, cores)


def slots_of(client: Client, resources: dict[str, float]) -> dict[str, int]:
    """Return how many recordings each worker works on at a time, by its address, in the order in which they came.

    Args:
        client: Dask's client.
        resources: What Dask has to find in a worker that gets a recording.
    """
    workers = client.scheduler_info()["workers"].items()
    if not resources:
        return {address: worker["nthreads"] for address, worker in workers}
    offered = {address: (worker, worker["resources"].get(_RESOURCE)) for address, worker in workers}
    return {address: min(worker["nthreads"], int(offer) or 1) for address, (worker, offer) in offered.items() if offer}


def _count(given: str) -> int:
    number = given.removeprefix(_LOCAL)
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= _MOST):
        raise _no_address(given, "it names no number of workers")
    return int(number)


def _scheduler_in(given: str) -> str:
    """Return the address in a file that a scheduler has written."""
    path = Path(given.removeprefix(_FILE).removeprefix("//"))
    try:
        address = json.loads(path.read_text(encoding="utf-8"))["address"]
    except OSError as error:
        raise _no_address(given, f"the file cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _no_address(given, "no scheduler has written this file") from error
    return str(address)


def _no_address(given: str, reason: str) -> OptionError:
    remedy = Sentence("{} takes tcp://HOST:PORT, tls://HOST:PORT, local:N, file:PATH", Option("cluster"))
    return OptionError("cluster", given, reason, remedy=remedy)
