"""Many recordings: which ones, where their results are written, how many at a time, and how each ended."""
