"""The small built-in engine: PocketSphinx with the English model inside its wheel, on every core, with no network."""

from anyscribe.engines.sphinx.engine import MODEL, SphinxEngine
from anyscribe.engines.sphinx.workers import worker_pool

__all__ = ["MODEL", "SphinxEngine", "worker_pool"]
