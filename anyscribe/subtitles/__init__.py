"""Subtitle cues out of a transcript: pure functions, from words and segments to what is shown on the screen."""
