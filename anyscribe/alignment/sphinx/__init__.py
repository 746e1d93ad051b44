"""Align English words with their audio, using PocketSphinx's acoustic model."""

from anyscribe.alignment.sphinx.aligner import SphinxAligner
from anyscribe.alignment.sphinx.english import is_english

__all__ = ["SphinxAligner", "is_english"]
