"""What is found out about workers before they get anything: their versions, and whether they can do the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from anyscribe.cluster.looking import Machine, check_workers, versions
from anyscribe.errors import AnyscribeError, UsageError
from anyscribe.version import __version__

GOOD = Machine(__version__, versions())


@dataclass
class Looked:
    """A cluster whose workers have been looked at, and Dask's client for it.

    Args:
        found: What was found of each worker, by its address.
    """

    found: dict[str, Any]

    @property
    def client(self) -> Looked:
        """Dask's client."""
        return self

    @property
    def workers(self) -> dict[str, int]:
        """The workers."""
        return dict.fromkeys(self.found, 1)

    def run(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return what was found."""
        return self.found


def told(**found: Any) -> list[Any]:
    """Look at workers; return what the user is told."""
    lines: list[Any] = []
    check_workers(cast("Any", Looked(found)), lambda: GOOD, lines.append)
    return lines


def test_other_versions_of_python_and_dask_are_told():
    """Each has a line; nothing is said of a worker that was lost meanwhile, or is the same."""
    there = Machine(__version__, {**versions(), "Dask": "2020.1"})
    here = versions()["Dask"]
    assert told(w1=GOOD, w2=there, w3=OSError("lost")) == [f"the worker w2 has Dask 2020.1, this machine {here}"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Machine("0.1", versions()), rf"w2 has anyscribe 0\.1, and the run is planned by {__version__}"),
        (ModuleNotFoundError("anyscribe"), r"w2 cannot run anyscribe \(ModuleNotFoundError: anyscribe\)"),
        (Machine(__version__, versions(), AnyscribeError("no key")), r"w2: no key"),
    ],
)
def test_a_worker_that_cannot_do_the_work_ends_the_run(found: object, message: str):
    """It is named before the first recording."""
    with pytest.raises(UsageError, match=message):
        told(w1=GOOD, w2=found)
