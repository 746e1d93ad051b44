"""What travels between the process that the user started and the workers: no key is in any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from anyscribe.batch.ledger import Ledger
    from anyscribe.batch.making import Made
    from anyscribe.config import Local, Server
    from anyscribe.errors import AnyscribeError
    from anyscribe.recording.options import RecordingOptions
    from anyscribe.recording.plan import Plan
    from anyscribe.rendering import RenderOptions
    from anyscribe.session import Network

E = TypeVar("E", bound=BaseException)

INTERVAL_S: Final = 0.25
"""Progress is told no more often."""

SLOT_S: Final = 10.0
"""A task of Dask's takes recordings for so long; then other runs on the same cluster have their turns."""

ALIVE_S: Final = 20.0
SILENT_S: Final = 90.0
"""A worker that has heard nothing for so long takes the run for dead; it hears something every `ALIVE_S`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a worker has to know of a run.

    Args:
        run: What identifies the run.
        version: The version of the program that plans it.
        place: Where it is transcribed; a server without its key.
        needs_key: Whether the server wants one.
        key_file: A file on the worker's machine whose first line is the key; empty for the places where a user's
            own keys are.
        network: How a server is talked to.
        plan: What is done with every recording.
        options: How recordings are uploaded, timed, checked and rendered.
        render_options: How documents are made.
        ledger: Knows how results look; its store is elsewhere.
        has_store: Whether answers are kept.
        has_old_answers: Whether the store has some of an old form.
        is_limited: Whether the run may take only so much.
        at_once: How many pieces of a recording a worker asks about at a time.
        cores: How many cores a built-in model uses; None for all of the worker's machine.
    """

    run: str
    version: str
    place: Server | Local
    needs_key: bool
    key_file: str
    network: Network
    plan: Plan
    options: RecordingOptions
    render_options: RenderOptions
    ledger: Ledger
    has_store: bool
    has_old_answers: bool
    is_limited: bool
    at_once: int
    cores: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on a recording ended.

    Args:
        made: What was made; None if nothing was.
        error: Why nothing was made; None if the run is stopping.
    """

    made: Made | None = None
    error: AnyscribeError | None = None


def topic_of(run: str) -> str:
    """Return the topic under which workers tell the coordinator something.

    Args:
        run: What identifies the run.
    """
    return f"anyscribe-{run}"


def queue_of(line: str) -> str:
    """Return the name of the queue that a worker listens to.

    Args:
        line: What identifies the worker's line.
    """
    return f"anyscribe-{line}"


def alone(error: E) -> E:
    """Return an error as it travels: Dask would send along what led to it, which cannot always be copied.

    Args:
        error: The error.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
