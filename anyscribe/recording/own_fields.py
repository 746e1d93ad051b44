"""What is said about one recording where something else is said about all of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OwnFields:
    """Form fields of one recording.

    Args:
        fields: The fields of `anyscribe.request.TranscriptionRequest` that are its own, as (name, value); None as a
            value takes away what the run says.
        vocabulary: Names and terms that may be said in it; None for those of the run.
    """

    fields: tuple[tuple[str, Any], ...] = ()
    vocabulary: tuple[str, ...] | None = None
