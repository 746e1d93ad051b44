"""The small built-in engine: PocketSphinx with the English model inside its wheel, on every core, with no network."""

from anyscribe.engines.sphinx.engine import SphinxEngine
from anyscribe.engines.sphinx.workers import worker_pool

__all__ = ["SphinxEngine", "worker_pool"]
