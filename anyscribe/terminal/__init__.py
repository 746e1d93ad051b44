"""Terminal output: progress bars and messages on standard error, transcripts on standard output."""
