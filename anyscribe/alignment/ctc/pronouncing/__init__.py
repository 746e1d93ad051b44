"""Pronounce the words of a text, in any language."""
