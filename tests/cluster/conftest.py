"""A cluster for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


# No longer than its tests: Dask uses `random` now and then, which Hypothesis takes for the fault of other tests.
@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a cluster of two workers of two recordings each, in this process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=2,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        yield cluster.scheduler_address
