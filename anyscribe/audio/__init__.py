"""The only package that opens media: probe a recording, decode its audio, store piped input."""

from anyscribe.audio.containers import MEDIA_EXTENSIONS
from anyscribe.audio.cut_points import find_cut
from anyscribe.audio.encoding import Encoding
from anyscribe.audio.media_errors import unreadable
from anyscribe.audio.piece_lengths import PieceLimits
from anyscribe.audio.pieces import Piece, pieces
from anyscribe.audio.probe import Recording, probe
from anyscribe.audio.selection import Selection
from anyscribe.audio.spool import spool
from anyscribe.audio.voice_activity import find_speech
from anyscribe.scratch import Scratch

__all__ = [
    "MEDIA_EXTENSIONS",
    "Encoding",
    "Piece",
    "PieceLimits",
    "Recording",
    "Scratch",
    "Selection",
    "find_cut",
    "find_speech",
    "pieces",
    "probe",
    "spool",
    "unreadable",
]
