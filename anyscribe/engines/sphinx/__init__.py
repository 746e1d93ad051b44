"""The small built-in engine: PocketSphinx with the English model inside its wheel, on every core, with no network."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.engines.sphinx.engine import MODEL, SphinxEngine
from anyscribe.engines.weights import Weights, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

__all__ = ["MODEL", "MODELS", "SphinxEngine", "make_engine", "models"]

MODELS: Final = frozenset({MODEL})


def models() -> Mapping[str, Weights]:
    """Return the engine's models, and the weights of each: the only one comes with the package."""
    # Importing the package would load its native library.
    package = importlib.util.find_spec("pocketsphinx")
    (place,) = (package and package.submodule_search_locations) or [""]
    folder = Path(place, "model")
    return {MODEL: Weights(folder, size_of(folder.rglob("*")))}


def make_engine(cores: int, processes: Executor) -> SphinxEngine:
    """Create the engine.

    Args:
        cores: The number of utterances that it decodes at once.
        processes: Runs the decoding in processes.
    """
    return SphinxEngine(processes, cores)
