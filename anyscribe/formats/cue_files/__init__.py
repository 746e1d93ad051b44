"""Read anybody's subtitle files as they were written: cues, markup, line numbers and what was not understood."""
