"""Where the work of a run is done: in this process, or by the workers of a cluster."""

from __future__ import annotations

import contextlib
import functools
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from anyscribe.config import KnownText, Server
from anyscribe.errors import MissingExtraError, UsageError
from anyscribe.events import Notice
from anyscribe.optional import is_installed
from anyscribe.sentence import Option, Sentence
from anyscribe.session import default_jobs
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from anyscribe.batch.making import Maker, MakerHere
    from anyscribe.batch.outputs import Job
    from anyscribe.batch.sources import Source
    from anyscribe.config import Place
    from anyscribe.events import Emit
    from anyscribe.places import FileSystem, RemoteFile
    from anyscribe.recording.options import RecordingOptions, Resources
    from anyscribe.recording.plan import Plan
    from anyscribe.sentence import Text
    from anyscribe.session import Network
    from anyscribe.store import Store


@dataclass(frozen=True, slots=True)
class Machines:
    """Other machines that do the work.

    Args:
        address: Where the cluster is; see `anyscribe.cluster.connecting.open_cluster`.
        key_file: A file on each worker's machine that holds the key for the server; empty if there is none.
        most_workers: How many of them may be used; None for all.
        timeout_s: How long one may take for a recording, in seconds; None for as long as it likes.
    """

    address: str
    key_file: str = ""
    most_workers: int | None = None
    timeout_s: float | None = None

    def check(self, sources: Sequence[Source]) -> None:
        """Find out before anything is started whether they can do it.

        Args:
            sources: The recordings.

        Raises:
            UsageError: They cannot.
        """
        if not is_installed("distributed"):
            raise MissingExtraError(Sentence("{} needs Dask", Option("cluster")), extra="cluster")
        from anyscribe.cluster.connecting import check_address  # noqa: PLC0415 - loads Dask

        check_address(self.address)
        streams = [source.shown for source in sources if source.stream]
        if streams:
            raise UsageError(
                Sentence("{}: other machines cannot read it ({})", streams[0], Option("cluster", self.address)),
                remedy="write it to a file that all machines see",
            )


@contextlib.contextmanager
def open_machines(  # noqa: PLR0913 - all that a run is made of
    machines: Machines,
    jobs: Sequence[Job],
    here: MakerHere,
    resources: Resources,
    *,
    place: Place,
    network: Network,
    plan: Plan,
    options: RecordingOptions,
    at_once: int | None,
    store: Store | None,
    emit: Emit,
) -> Iterator[tuple[Maker, Executor]]:
    """Reach the machines, and have them do the work.

    Args:
        machines: The machines.
        jobs: The recordings, and where their results are written.
        here: What would make the results here.
        resources: What the run has in common.
        place: Where it is transcribed.
        network: How a server is talked to.
        plan: What is done with every recording.
        options: How recordings are handled.
        at_once: How many requests are made at a time, by all machines; None for as many as there is room for.
        store: Keeps what was paid for; None keeps nothing.
        emit: Takes notices.

    Yields:
        What makes the results, and what calls it for as many recordings at a time as workers have room for.

    Raises:
        ClusterError: They cannot be reached.
        UsageError: One of them cannot do the work.
    """
    from anyscribe.cluster.connecting import open_cluster  # noqa: PLC0415 - loads Dask
    from anyscribe.cluster.looking import check_workers, look  # noqa: PLC0415 - as above
    from anyscribe.cluster.maker import ClusterMaker  # noqa: PLC0415 - as above
    from anyscribe.cluster.services import Services  # noqa: PLC0415 - as above
    from anyscribe.cluster.task import RunSettings  # noqa: PLC0415 - as above
    from anyscribe.cluster.threads import ElasticThreads  # noqa: PLC0415 - as above
    from anyscribe.engines.remote import Pace  # noqa: PLC0415 - as above

    assert not isinstance(place, KnownText)  # noqa: S101 - only `align` has one
    needs_key = isinstance(place, Server) and bool(place.key or machines.key_file)
    bare = replace(place, key=None, key_name="", notice="") if isinstance(place, Server) else place
    opened = open_cluster(
        machines.address, at_once, default_jobs(place), network.connect_seconds, machines.most_workers
    )
    with opened as cluster, ElasticThreads() as threads:
        look_there = functools.partial(look, bare, machines.key_file, needs_key=needs_key, places=_places(jobs))
        warn = _warner(emit)
        check_workers(cluster, look_there, tell=warn)
        slots = sum(cluster.workers.values())
        pace = Pace(at_once or slots, resources.stop.check)

        def widen(slots: int) -> None:
            threads.widen(slots)
            if at_once is None and slots:
                pace.widen(slots)

        settings = RunSettings(
            run=uuid.uuid4().hex,
            version=__version__,
            place=bare,
            needs_key=needs_key,
            key_file=machines.key_file,
            network=network,
            plan=plan,
            options=options,
            render_options=here.render_options,
            ledger=here.ledger.with_store(None),
            has_store=store is not None,
            has_old_answers=store is not None and store.has_old_answers,
            is_limited=resources.budget.is_limited,
            at_once=-(-(at_once or slots) // len(cluster.workers)),
            cores=cluster.cores,
        )
        services = Services(store, pace, resources.stop, resources.budget, warn)
        maker = ClusterMaker(cluster, settings, services, look=look_there, timeout_s=machines.timeout_s, widen=widen)
        with contextlib.closing(maker):
            yield maker, threads


def _places(jobs: Sequence[Job]) -> list[tuple[FileSystem, RemoteFile | None]]:
    """Return the places of a run, each with a recording in it if there is one."""
    places: dict[FileSystem, RemoteFile | None] = {}
    for job in jobs:
        for target in job.targets.values():
            if target is not None and not isinstance(target, Path):
                places.setdefault(target.system, None)
        if job.targets and not isinstance(job.source.path, Path):
            places[job.source.path.system] = job.source.path
    return [*places.items()]


def _warner(emit: Emit) -> Callable[[Text], None]:
    """Return what shows a line to the user, each once."""
    return functools.cache(lambda message: emit(Notice(message)))
