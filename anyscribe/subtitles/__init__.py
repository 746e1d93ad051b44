"""Make subtitle cues from a transcript: pure functions, from words and segments to the text on the screen."""
