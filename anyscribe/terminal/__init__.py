"""What a person sees: bars and lines on standard error, transcripts on standard output."""
