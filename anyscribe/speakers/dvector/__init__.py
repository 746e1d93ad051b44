"""Voices as vectors: the model in the package Resemblyzer, which is not imported."""
