"""What reading a document gives: the transcript, and what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyscribe.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Reading:
    """A document that was read.

    Args:
        transcript: The transcript.
        ignored: Members that could not be read and count as absent, for messages: ``segments[].start (3 times)``.
    """

    transcript: Transcript
    ignored: tuple[str, ...] = ()
