"""A known text and its audio in, a time for every word out."""

from anyscribe.alignment.aligner import Aligner, Alignment
from anyscribe.alignment.passages import Passage
from anyscribe.alignment.registry import ALIGNERS, AlignerEntry, Aligners
from anyscribe.alignment.timing import time_words

__all__ = ["ALIGNERS", "Aligner", "AlignerEntry", "Aligners", "Alignment", "Passage", "time_words"]
