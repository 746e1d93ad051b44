"""What the funnel of errors must know of a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Invocation:
    """One run of the program.

    Args:
        verbosity: How often ``--verbose`` was given, as soon as that is known; from 2, errors show their traceback.
    """

    verbosity: int = 0
