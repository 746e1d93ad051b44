"""Whether a machine can do the work: looked at in each worker before the first recording."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from anyscribe.cluster.task import alone
from anyscribe.config import Server
from anyscribe.errors import AnyscribeError, UsageError
from anyscribe.keys.finding import Key, Keys
from anyscribe.keys.profile_key import key_in_file
from anyscribe.sentence import Sentence
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.cluster.connecting import Cluster
    from anyscribe.config import Local
    from anyscribe.places import FileSystem, RemoteFile
    from anyscribe.sentence import Text


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
        with_key(place, key_file, needs_key=needs_key)
        if places:
            from anyscribe.places.transfers import try_to_use  # noqa: PLC0415 - few runs need it
        for system, file in places:
            try_to_use(system, file)
    except AnyscribeError as error:
        problem = alone(error)
    return Machine(__version__, versions(), problem)


def check_workers(cluster: Cluster, look: Callable[[], Machine], tell: Callable[[Text], None]) -> None:
    """Look at the workers before they get anything.

    Args:
        cluster: The cluster.
        look: See `look`; runs in each worker.
        tell: Takes what the user should know.

    Raises:
        UsageError: A worker has another version of the program, or none, or lacks something.
    """
    found = cluster.client.run(look, on_error="return", workers=[*cluster.workers])
    for address, machine in sorted(found.items()):
        if isinstance(machine, OSError):
            # It was lost meanwhile.
            continue
        if not isinstance(machine, Machine):
            kind = f"{type(machine).__name__}: {machine}"
            raise UsageError(
                f"the worker {address} cannot run anyscribe ({kind})",
                remedy="install the same version with the same extras there",
            )
        if machine.version != __version__:
            raise other_version(address, machine.version, __version__)
        if machine.problem is not None:
            raise _at(machine.problem, address)
        for name, here in versions().items():
            there = machine.others.get(name)
            if there != here:
                tell(f"the worker {address} has {name} {there}, this machine {here}")


def _at(problem: AnyscribeError, address: str) -> UsageError:
    return UsageError(Sentence("the worker {}: {}", address, problem.message), remedy=problem.remedy)


def versions() -> dict[str, str]:
    """Return the versions that should be the same everywhere, beside the program's own."""
    return {"Python": platform.python_version(), "Dask": version("distributed")}


def other_version(address: str, there: str, here: str) -> UsageError:
    """Return the error for a worker with another version of the program.

    Args:
        address: The worker's.
        there: The version that it has.
        here: The version of the process that the user started.
    """
    message = f"the worker {address} has anyscribe {there}, and the run is planned by {here}"
    return UsageError(message, remedy="install the same version on all machines")


def with_key(place: Server | Local, key_file: str, *, needs_key: bool) -> Server | Local:
    """Return a place with the key that this machine has for it.

    Args:
        place: Where it is transcribed.
        key_file: As in `anyscribe.cluster.task.RunSettings`.
        needs_key: Likewise.

    Raises:
        UsageError: There is none.
    """
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
