"""Align words of any language with their audio: a model that hears phonemes, and pronunciations to look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe.alignment.ctc.pronouncing.scripts import can_be_read

if TYPE_CHECKING:
    from anyscribe.alignment.ctc.aligner import CtcAligner

__all__ = ["PACKAGES", "can_be_read", "load_model", "make_aligner"]

PACKAGES = ("numpy", "hama", "ipadic", "espeakng_loader", "fugashi", "py3langid", "pypinyin")
"""Import names of the packages that it needs."""


def make_aligner(language: str | None) -> CtcAligner:
    """Create the aligner.

    Args:
        language: The text's language: a code, a tag, or a name; None if it has to be detected.
    """
    from anyscribe.alignment.ctc.aligner import CtcAligner  # noqa: PLC0415 - loads NumPy

    return CtcAligner(language)


def load_model() -> None:
    """Load the phoneme model, which is kept for all recordings.

    Raises:
        AlignerUnavailableError: It is missing, damaged, or another one.
    """
    from anyscribe.alignment.ctc.aligner import phoneme_network  # noqa: PLC0415 - as above

    phoneme_network()
