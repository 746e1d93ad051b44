"""One recording: probe it, cut it where it must be, have it transcribed, stitch, time and check what comes back."""

from anyscribe.recording.transcriber import SUBTITLES, Transcriber

__all__ = ["SUBTITLES", "Transcriber"]
