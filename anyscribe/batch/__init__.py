"""Many recordings: which there are, where their results go, how many at a time, and what became of each."""
