"""How English words are pronounced: by the model's dictionary, from known words, or else letter by letter."""

from anyscribe.alignment.sphinx.pronouncing.pronunciation import is_known, pronounce

__all__ = ["is_known", "pronounce"]
