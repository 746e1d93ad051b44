"""The small built-in engine: PocketSphinx with the English model inside its wheel, on every core, with no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.engines.sphinx.engine import MODEL, SphinxEngine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

__all__ = ["MODEL", "MODELS", "SphinxEngine", "make_engine", "models"]

MODELS: Final = frozenset({MODEL})


def models() -> Mapping[str, bool]:
    """Return the engine's models, and whether each is on this machine: the only one comes with the package."""
    return {MODEL: True}


def make_engine(cores: int, processes: Executor) -> SphinxEngine:
    """Create the engine.

    Args:
        cores: The number of utterances that it decodes at once.
        processes: Runs the decoding in processes.
    """
    return SphinxEngine(processes, cores)
