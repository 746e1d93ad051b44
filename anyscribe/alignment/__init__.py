"""Forced alignment: time every word of a known text in its audio."""
