"""The only room that opens media: probe a recording, decode its sound, keep what came through a pipe."""

from anyscribe.audio.containers import MEDIA_EXTENSIONS
from anyscribe.audio.faults import unreadable
from anyscribe.audio.probe import Recording, probe
from anyscribe.audio.spool import spool

__all__ = ["MEDIA_EXTENSIONS", "Recording", "probe", "spool", "unreadable"]
