"""The only room that opens media: probe a recording, decode its sound, keep what came through a pipe."""

from anyscribe.audio.containers import MEDIA_EXTENSIONS
from anyscribe.audio.encoding import Encoding
from anyscribe.audio.faults import unreadable
from anyscribe.audio.lengths import PieceLimits
from anyscribe.audio.pieces import Piece, pieces
from anyscribe.audio.probe import Recording, probe
from anyscribe.audio.scratch import remove_scratch_folders, scratch_folder
from anyscribe.audio.speech import find_speech
from anyscribe.audio.spool import spool

__all__ = [
    "MEDIA_EXTENSIONS",
    "Encoding",
    "Piece",
    "PieceLimits",
    "Recording",
    "find_speech",
    "pieces",
    "probe",
    "remove_scratch_folders",
    "scratch_folder",
    "spool",
    "unreadable",
]
