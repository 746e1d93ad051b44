"""Text and sound in, a time for every word out: where in the sound is each word of a known text?"""

from anyscribe.alignment.english import can_be_aligned, is_aligner_installed
from anyscribe.alignment.passages import Passage
from anyscribe.alignment.timing import time_words

__all__ = ["Passage", "can_be_aligned", "is_aligner_installed", "time_words"]
