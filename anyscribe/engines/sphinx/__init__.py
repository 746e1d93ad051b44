"""The small built-in engine: PocketSphinx with the English model inside its wheel, on every core, with no network."""

from anyscribe.engines.sphinx.engine import MODEL, SphinxEngine

__all__ = ["MODEL", "SphinxEngine"]
