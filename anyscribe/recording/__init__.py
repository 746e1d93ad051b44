"""One recording: probe it, cut it where it must be, have it transcribed, stitch, time and check what comes back."""

from anyscribe.recording.delivery import Delivery
from anyscribe.recording.options import Crew, RecordingOptions
from anyscribe.recording.transcriber import Transcriber

__all__ = ["Crew", "Delivery", "RecordingOptions", "Transcriber"]
