"""English as it sounds in one recording: the acoustic model, with the recording's noise and microphone put into it."""

from anyscribe.alignment.sphinx.acoustics.adaptation import model_in
from anyscribe.alignment.sphinx.acoustics.surroundings import Surroundings, surroundings_of

__all__ = ["Surroundings", "model_in", "surroundings_of"]
